//! What went wrong with a statement, as it crosses the boundary: a code and a text without values.

use diesel::result::{DatabaseErrorKind, Error};
use loggia_abi::code;

/// A result code of the boundary with its text.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) code: i32,
    pub(crate) text: String,
}

impl Failure {
    pub(crate) fn new(code: i32, text: impl Into<String>) -> Self {
        Failure {
            code,
            text: text.into(),
        }
    }

    pub(crate) fn argument(text: impl Into<String>) -> Self {
        Self::new(code::ARGUMENT, text)
    }

    /// Another process held the database for longer than a statement waits.
    pub(crate) fn busy() -> Self {
        Self::new(code::BUSY, "the database is busy; try again")
    }

    /// All connections are in use, for longer than a call waits for one.
    pub(crate) fn crowded() -> Self {
        Self::new(
            code::BUSY,
            "no database connection was free in time; try again",
        )
    }

    pub(crate) fn deadline() -> Self {
        Self::new(
            code::DEADLINE,
            "no database connection was free before the deadline",
        )
    }

    /// The statement was stopped, or not begun, because its caller has given up.
    pub(crate) fn stopped() -> Self {
        Self::new(
            code::DEADLINE,
            "the call's deadline passed before the statement had ended",
        )
    }

    pub(crate) fn unreachable() -> Self {
        Self::new(code::IO, "the database cannot be reached")
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        loggia_sql::failure(failure.code, failure.text)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let Error::DatabaseError(kind, report) = &error else {
            return Failure::new(code::DATABASE, error.to_string());
        };
        let text = report.message();
        match kind {
            DatabaseErrorKind::UniqueViolation => Failure::new(code::UNIQUE, text),
            DatabaseErrorKind::SerializationFailure => Failure::new(code::BUSY, text),
            DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand => {
                Failure::new(code::IO, "the connection to the database was lost")
            }
            _ => by_text(text),
        }
    }
}

/// These are told apart by their text only: diesel gives PostgreSQL's SQLSTATE away in the kinds it knows, which are
/// neither `40P01` (deadlock) nor `55P03` (lock timeout), and its `DatabaseErrorInformation` has no member for it.
fn by_text(text: &str) -> Failure {
    if text.starts_with("deadlock detected") || text.contains("due to lock timeout") {
        return Failure::new(code::BUSY, text);
    }
    if text.contains("due to statement timeout") {
        return Failure::new(code::DEADLINE, text);
    }
    Failure::new(code::DATABASE, text)
}
