//! Whole rows of the host's own tables, for moving in and out: read by their ids, written with them.

pub mod account;
pub mod field;
pub mod group;
pub mod key;

use diesel::result::Error;

/// Why a record was not written.
#[derive(Debug, thiserror::Error)]
pub enum Unwritten {
    /// It breaks a rule.
    #[error("{0}")]
    Rule(String),
    /// The database did not take it.
    #[error("{0}")]
    Database(#[from] Error),
}

impl Unwritten {
    fn rule(text: impl Into<String>) -> Self {
        Self::Rule(text.into())
    }
}
