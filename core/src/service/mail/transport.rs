//! The ways mail leaves.

use std::error::Error as _;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls as SmtpTls, TlsParameters};
use lettre::{SendmailTransport, SmtpTransport, Transport as _};

use super::outbox::Outbox;
use crate::settings::{Mail, MailTransport, Smtp, Tls};

/// The way mail leaves, made from the settings.
pub(super) enum Transport {
    Smtp(SmtpTransport),
    Sendmail(SendmailTransport),
    File(Outbox),
}

/// Why the settings give no transport.
#[derive(Debug, thiserror::Error)]
pub enum SetupFault {
    /// The sender is no address.
    #[error("mail.from is not an e-mail address")]
    From,
    /// The server's URL cannot be read. It is not shown, for it may hold a password.
    #[error("mail.smtp.url is not an smtp:// or smtps:// URL")]
    Url,
    /// There is no server.
    #[error("mail.smtp needs a url or a host")]
    Host,
    /// The file of authorities cannot be used.
    #[error("mail.smtp.authorities: {path}: {reason}", path = path.display())]
    Authorities {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The name cannot be that of a certificate.
    #[error("mail.smtp.host cannot be checked against a certificate")]
    Certificate,
    /// The system gives no thread.
    #[error("the thread that sends mail could not be started")]
    Thread,
}

/// Why a message did not leave.
#[derive(Debug, thiserror::Error)]
#[error("{text}")]
pub(super) struct SendFault {
    /// For the operator's eyes: it may name the recipient.
    pub(super) text: String,
    /// For the log: it names nobody.
    pub(super) kind: String,
    /// Whether trying again is of no use.
    pub(super) is_final: bool,
}

impl Transport {
    pub(super) fn new(settings: &Mail) -> Result<Self, SetupFault> {
        Ok(match settings.transport {
            MailTransport::Smtp => Self::Smtp(smtp(&settings.smtp)?),
            MailTransport::Sendmail => {
                Self::Sendmail(SendmailTransport::new_with_command(&settings.sendmail))
            }
            MailTransport::File => Self::File(Outbox::new(settings.outbox.clone())),
        })
    }

    /// Whether a message may be sent again when nobody knows if it left: a file is simply written again.
    pub(super) fn drops_doubles(&self) -> bool {
        matches!(self, Self::File(_))
    }

    /// Sends a message; `name` is the same at every attempt.
    pub(super) fn send(&self, name: &str, message: &Message) -> Result<(), SendFault> {
        match self {
            Self::Smtp(transport) => transport
                .send(message)
                .map(drop)
                .map_err(|error| smtp_fault(&error)),
            Self::Sendmail(transport) => transport
                .send(message)
                .map_err(|error| sendmail_fault(&error)),
            Self::File(outbox) => outbox
                .leave(name, &message.formatted())
                .map_err(|error| file_fault(&error)),
        }
    }
}

/// The sender of all mail.
pub(super) fn sender(settings: &Mail) -> Result<Mailbox, SetupFault> {
    settings.from.parse().map_err(|_| SetupFault::From)
}

fn smtp(settings: &Smtp) -> Result<SmtpTransport, SetupFault> {
    let timeout = Some(Duration::from_millis(settings.timeout_ms));
    if let Some(url) = &settings.url {
        let builder = SmtpTransport::from_url(url.expose()).map_err(|_| SetupFault::Url)?;
        return Ok(builder.timeout(timeout).build());
    }
    let host = settings.host.as_deref().ok_or(SetupFault::Host)?;
    let (tls, custom_port) = match settings.tls {
        Tls::Implicit => (SmtpTls::Wrapper(tls_parameters(host, settings)?), 465),
        Tls::Starttls => (SmtpTls::Required(tls_parameters(host, settings)?), 587),
        Tls::None => (SmtpTls::None, 25),
    };
    let mut builder = SmtpTransport::builder_dangerous(host)
        .port(settings.port.unwrap_or(custom_port))
        .tls(tls)
        .timeout(timeout);
    if let Some(user) = &settings.user {
        let password = settings
            .password
            .as_ref()
            .map_or("", |secret| secret.expose());
        builder = builder.credentials(Credentials::new(user.clone(), password.to_owned()));
    }
    Ok(builder.build())
}

fn tls_parameters(host: &str, settings: &Smtp) -> Result<TlsParameters, SetupFault> {
    let mut parameters = TlsParameters::builder(host.to_owned());
    if let Some(path) = &settings.authorities {
        parameters = parameters.add_root_certificate(authorities(path)?);
    }
    parameters.build().map_err(|_| SetupFault::Certificate)
}

/// Reads the operator's own authorities. Without one the file was meant to be another.
fn authorities(path: &Path) -> Result<Certificate, SetupFault> {
    let wrong = |reason: String| SetupFault::Authorities {
        path: path.to_owned(),
        reason,
    };
    let pem = std::fs::read(path).map_err(|error| wrong(error.to_string()))?;
    let begin = b"-----BEGIN CERTIFICATE-----";
    if !pem.windows(begin.len()).any(|window| window == begin) {
        return Err(wrong("there is no certificate in PEM in it".to_owned()));
    }
    let readable = Certificate::from_pem(&pem).and_then(|certificate| {
        // Building checks them; the name is another matter.
        let parameters = TlsParameters::builder("localhost".to_owned());
        parameters
            .add_root_certificate(certificate.clone())
            .build()?;
        Ok(certificate)
    });
    readable.map_err(|_| wrong("its certificates cannot be read".to_owned()))
}

/// A refusal for good is final, unless it is about our own credentials, which an operator can put right.
fn smtp_fault(error: &lettre::transport::smtp::Error) -> SendFault {
    let status = error.status().map(u16::from);
    let about_us = matches!(status, Some(530 | 534 | 535 | 538));
    let kind = match status {
        Some(status) => format!("the mail server answered {status}"),
        None if error.is_timeout() => "the mail server did not answer in time".to_owned(),
        None if is_about_tls(error) => "the mail server's encryption failed".to_owned(),
        None => "the mail server could not be reached or understood".to_owned(),
    };
    SendFault {
        text: error.to_string(),
        kind,
        is_final: error.is_permanent() && !about_us,
    }
}

/// In the program's own words, in one line, where it had any.
fn sendmail_fault(error: &lettre::transport::sendmail::Error) -> SendFault {
    let said = error.source().map(ToString::to_string).unwrap_or_default();
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    let kind = "the sendmail program refused it or could not be run".to_owned();
    let text = match said.as_str() {
        "" => format!("{kind}, and said nothing"),
        said => format!("{kind}: {said}"),
    };
    SendFault {
        text,
        kind,
        is_final: false,
    }
}

/// A handshake that fails is an input or output error by its kind, of data that were not accepted.
fn is_about_tls(error: &lettre::transport::smtp::Error) -> bool {
    let cause = error.source();
    let cause = cause.and_then(|cause| cause.downcast_ref::<io::Error>());
    error.is_tls() || cause.is_some_and(|cause| cause.kind() == io::ErrorKind::InvalidData)
}

fn file_fault(error: &io::Error) -> SendFault {
    SendFault {
        text: error.to_string(),
        kind: format!("the outbox could not be written: {}", error.kind()),
        is_final: false,
    }
}
