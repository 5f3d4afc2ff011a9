//! Calls to applications' own servers: guarded as all calls are, and no redirect is followed.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use url::Url;

use super::Reason;
use super::caller::Caller;
use super::gate::retry_after;
use super::link::Lost;

/// Who calls.
pub struct Messenger {
    caller: Caller,
    timeout: Duration,
}

/// What came of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// The receiver has taken it.
    Taken,
    /// The receiver wants nothing any more: 410.
    Gone,
    /// It did not take it, or nobody knows.
    Failed {
        /// Why. It never holds the address.
        reason: Reason,
        /// How long it asked us to wait.
        after: Option<Duration>,
    },
}

impl Messenger {
    pub(super) fn new(caller: Caller, timeout: Duration) -> Self {
        Self { caller, timeout }
    }

    /// How long a call may take.
    pub fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Whether this address may be called, as far as it tells by itself; if not, the rule.
    pub fn check(&self, address: &str) -> Result<(), String> {
        self.url(address).map(drop).map_err(Reason::into_owned)
    }

    fn url(&self, address: &str) -> Result<Url, Reason> {
        let url = Url::parse(address)
            .map_err(|_| "is not an address such as https://example.org/push")?;
        let rule = |fault: crate::service::outgoing::OutgoingFault| Reason::from(fault.to_string());
        self.caller.check(&url).map_err(rule)?;
        Ok(url)
    }

    /// Calls.
    pub async fn call(&self, address: &str, headers: HeaderMap, body: Bytes) -> Heard {
        let failed = |reason: Reason| Heard::Failed {
            reason,
            after: None,
        };
        let url = match self.url(address) {
            Ok(url) => url,
            Err(reason) => return failed(reason),
        };
        match self.caller.post(url, headers, body).await {
            Ok(reply) if reply.status.is_success() => Heard::Taken,
            Ok(reply) if reply.status == StatusCode::GONE => Heard::Gone,
            Ok(reply) => Heard::Failed {
                reason: format!("the receiver answered {}", reply.status.as_u16()).into(),
                after: retry_after(&reply.headers),
            },
            Err(Lost::NotProcessed(reason) | Lost::Unanswered(reason)) => failed(reason.into()),
            Err(Lost::Withheld) => failed("it was held back".into()),
        }
    }
}
