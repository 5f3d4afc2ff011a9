//! How the identity service refuses and fails.

use serde::Serialize;

use crate::fault::Req;
use crate::service::mail::QueueFault;
use crate::service::password::PasswordFault;

/// A refusal the caller may see, by a code of the module `user` or of the host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Refusal {
    /// Such as `USR_LIF`.
    pub code: &'static str,
    /// The member and the rule, where there is something to be told.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// When another try may succeed, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_s: Option<i64>,
}

impl Refusal {
    /// A bare code.
    pub fn new(code: &'static str) -> Self {
        Self {
            code,
            detail: String::new(),
            retry_after_s: None,
        }
    }

    /// With something the caller may know.
    #[must_use]
    pub fn detail(self, detail: impl Into<String>) -> Self {
        Self {
            detail: detail.into(),
            ..self
        }
    }
}

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum IdentityFault {
    /// It was refused.
    #[error("refused with {}", .0.code)]
    Refused(Refusal),
    /// There is no such account.
    #[error("there is no such account")]
    NotFound,
    /// Too many others hash passwords at present.
    #[error("too many others hash passwords at present")]
    Busy,
    /// The database failed, or gave no connection in time.
    #[error(transparent)]
    Database(diesel::result::Error),
    /// Something failed that nobody planned for.
    #[error("{0}")]
    Failed(&'static str),
}

impl IdentityFault {
    /// Whether there was no time or no place for it, while nothing is wrong with what was asked for.
    pub(super) fn is_for_want_of_time_or_place(&self) -> bool {
        match self {
            Self::Busy => true,
            Self::Database(error) => loggia_sql::is_deadline(error) || loggia_sql::is_busy(error),
            Self::Refused(_) | Self::NotFound | Self::Failed(_) => false,
        }
    }
}

/// The result of everything here.
pub type Outcome<T> = Result<T, IdentityFault>;

impl From<Refusal> for IdentityFault {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<diesel::result::Error> for IdentityFault {
    fn from(error: diesel::result::Error) -> Self {
        Self::Database(error)
    }
}

impl From<PasswordFault> for IdentityFault {
    fn from(fault: PasswordFault) -> Self {
        match fault {
            PasswordFault::Busy => Self::Busy,
            PasswordFault::Failed => Self::Failed("a password could not be hashed"),
        }
    }
}

impl From<QueueFault> for IdentityFault {
    fn from(fault: QueueFault) -> Self {
        match fault {
            QueueFault::Database(error) => Self::Database(error),
            QueueFault::Draft(_) => Self::Failed("a mail of our own could not be written"),
        }
    }
}

/// Too many tries in too short a time.
pub(super) fn throttled(wait_s: i64) -> Refusal {
    let wait_s = wait_s.max(1);
    Refusal {
        code: Req::TooManyRequests.code(),
        detail: format!("try again in {wait_s} s"),
        retry_after_s: Some(wait_s),
    }
}
