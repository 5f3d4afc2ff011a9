//! Why nothing is heard from a NATS server, and how the log is told.

use std::collections::BTreeSet;
use std::error::Error as _;
use std::io;

use async_nats::{ClientError, ConnectError, ConnectErrorKind, Event, ServerError};

/// Why nothing is heard, or not all. The crate's own words may hold an address.
#[derive(Debug, thiserror::Error)]
pub(super) enum NatsFault {
    #[error("`nats_url` is no address of NATS servers")]
    Address,
    #[error("`nats_credentials` cannot be read: {0}")]
    Credentials(io::Error),
    #[error("`nats_authorities` cannot be used")]
    Authorities,
    #[error("the certificate of the NATS server is not trusted")]
    Certificate,
    #[error("the NATS server does not let this node in")]
    Refused,
    #[error("the NATS server cannot be reached ({0})")]
    Unreachable(String),
    #[error("the NATS server does not take a subscription")]
    Subscribe,
    #[error("the NATS server is away")]
    Away,
    #[error("the NATS server says: {0}")]
    Server(String),
}

impl NatsFault {
    /// Of an attempt to connect, with authorities of the settings or without.
    pub(super) fn of_attempt(fault: &ConnectError, has_authorities: bool) -> Self {
        let cause = fault.source().and_then(|cause| cause.downcast_ref());
        match fault.kind() {
            ConnectErrorKind::AuthorizationViolation | ConnectErrorKind::Authentication => {
                Self::Refused
            }
            ConnectErrorKind::Tls if has_authorities => Self::Authorities,
            _ if cause.is_some_and(is_about_certificate) => Self::Certificate,
            kind => {
                let named = |cause: &io::Error| cause.kind().to_string();
                Self::Unreachable(cause.map_or_else(|| kind.to_string(), named))
            }
        }
    }

    /// Of what becomes of a connection, if anything is wrong. Of its own attempts to connect again the client tells no
    /// more than a text.
    pub(super) fn of_event(event: Event) -> Option<Self> {
        let refusal = ConnectErrorKind::AuthorizationViolation.to_string();
        match event {
            Event::Disconnected => Some(Self::Away),
            Event::ServerError(ServerError::Other(text)) => Some(Self::Server(text)),
            Event::ClientError(ClientError::Other(text)) if text == refusal => Some(Self::Refused),
            _ => None,
        }
    }
}

/// Whether a server is there that does not show a certificate we believe.
fn is_about_certificate(cause: &io::Error) -> bool {
    let inner = cause.get_ref().and_then(|inner| inner.downcast_ref());
    matches!(inner, Some(rustls::Error::InvalidCertificate(_)))
}

/// What the log was told since the server was there last, so that it is told once of what lasts.
#[derive(Default)]
pub(super) struct Said(BTreeSet<String>);

impl Said {
    pub(super) fn warn(&mut self, fault: &NatsFault) {
        let text = fault.to_string();
        if !self.0.contains(&text) {
            tracing::warn!("what other nodes tell is heard late: {text}");
            self.0.insert(text);
        }
    }

    /// The server is there.
    pub(super) fn well(&mut self) {
        self.0.clear();
        tracing::info!("what other nodes tell is heard by NATS");
    }
}
