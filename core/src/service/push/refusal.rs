//! Why an application's credentials, or its webhook, are not kept.

use super::seal::SealFault;

/// Why credentials were not kept.
#[derive(Debug, thiserror::Error)]
pub enum CredentialsFault {
    /// They are none.
    #[error("`credentials`: {0}")]
    Refused(String),
    /// The application is not there.
    #[error("there is no such application")]
    NotFound,
    /// They could not be sealed.
    #[error(transparent)]
    Seal(#[from] SealFault),
    /// The database refused.
    #[error(transparent)]
    Database(#[from] diesel::result::Error),
}
