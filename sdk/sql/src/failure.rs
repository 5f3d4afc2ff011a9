//! Failures of the service as diesel's errors, and back.

use std::fmt;

use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind, Error};
use loggia_abi::code;

/// What the database or the host said.
#[derive(Debug)]
struct Report {
    text: String,
}

impl DatabaseErrorInformation for Report {
    fn message(&self) -> &str {
        &self.text
    }

    fn details(&self) -> Option<&str> {
        None
    }

    fn hint(&self) -> Option<&str> {
        None
    }

    fn table_name(&self) -> Option<&str> {
        None
    }

    fn column_name(&self) -> Option<&str> {
        None
    }

    fn constraint_name(&self) -> Option<&str> {
        None
    }

    fn statement_position(&self) -> Option<i32> {
        None
    }
}

/// The diesel error of a result code (see [`code`]) and the text that came with it, or of the code alone.
pub fn failure(code: i32, text: String) -> Error {
    let kind = match code {
        code::UNIQUE => DatabaseErrorKind::UniqueViolation,
        code::BUSY => DatabaseErrorKind::SerializationFailure,
        code::DEADLINE => DatabaseErrorKind::UnableToSendCommand,
        code::IO => DatabaseErrorKind::ClosedConnection,
        _ => DatabaseErrorKind::Unknown,
    };
    let text = if text.is_empty() {
        described(code).to_owned()
    } else {
        text
    };
    Error::DatabaseError(kind, Box::new(Report { text }))
}

fn described(code: i32) -> &'static str {
    match code {
        code::ARGUMENT => "the host refused the arguments of the statement",
        code::ABI => "the host speaks another version of the database service",
        code::UNSUPPORTED => "the host does not offer this",
        code::BUSY => "the database is busy; try again",
        code::DEADLINE => "no database connection was free before the call's deadline",
        code::UNIQUE => "a unique constraint was violated",
        code::LIMIT => "a limit of the host was reached",
        code::IO => "the connection to the database was lost",
        code::PANIC => "the host failed inside the database service",
        _ => "the database refused the statement",
    }
}

/// Whether a unique constraint stood in the way.
pub fn is_unique(error: &Error) -> bool {
    is(error, DatabaseErrorKind::UniqueViolation)
}

/// Whether the same transaction may succeed when it is tried again: the database was busy, or two
/// transactions stood in each other's way.
pub fn is_busy(error: &Error) -> bool {
    is(error, DatabaseErrorKind::SerializationFailure)
}

/// Whether the call's deadline passed before a connection was free, or while the statement ran.
pub fn is_deadline(error: &Error) -> bool {
    is(error, DatabaseErrorKind::UnableToSendCommand)
}

/// Whether the connection to the database was lost, with whatever was under way on it.
pub fn is_lost(error: &Error) -> bool {
    is(error, DatabaseErrorKind::ClosedConnection)
}

/// A text holds a NUL character. PostgreSQL could not store it, so it gets into no statement on either database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nul;

impl fmt::Display for Nul {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a text must not hold a NUL character")
    }
}

impl std::error::Error for Nul {}

/// Whether a statement was not run because a text for it holds a [`Nul`]. It comes from whoever has sent the text.
pub fn is_nul(error: &Error) -> bool {
    let Error::SerializationError(cause) = error else {
        return false;
    };
    cause.is::<Nul>()
}

fn is(error: &Error, wanted: DatabaseErrorKind) -> bool {
    let Error::DatabaseError(kind, _) = error else {
        return false;
    };
    std::mem::discriminant(kind) == std::mem::discriminant(&wanted)
}
