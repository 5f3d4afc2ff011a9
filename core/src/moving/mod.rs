//! Moving in and out: what a site holds as records, one format for the host and all modules.
//!
//! A record is a JSON object with an id. A [`keeper`] gives and takes records of its kinds: the host for accounts,
//! groups and keys, a module through its operations `get/records`, `put/records` and `delete/records`.
//! [`lines`] writes and reads them as NDJSON. [`joomla`] makes records of a Joomla site's tables, which a [`source`]
//! reads from a server or a dump; [`import`] and [`merge`] put them beside what is here, page by page in the order of the ids, so
//! that no more than a few pages are ever in memory. [`replay`] asks the old site and this one the same.

pub mod import;
pub mod joomla;
pub mod keeper;
pub mod keepers;
pub mod lines;
pub mod merge;
mod own;
pub mod record;
pub mod replay;
pub mod report;
pub mod source;

/// Why something could not be moved: one sentence for the operator, without a secret.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct MovingError(String);

/// What moving comes to.
pub type Outcome<T> = Result<T, MovingError>;

impl MovingError {
    /// With this sentence.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// What failed, and how.
    pub fn of<E: std::fmt::Display>(what: &str) -> impl FnOnce(E) -> Self + '_ {
        move |error| Self(format!("{what}: {error}"))
    }
}
