//! What the host offers a module: service tables, asked for by id.

use core::ffi::{c_char, c_void};

use crate::request::Call;
use crate::value::{Str, Value};

/// The host as one module instance sees it. `lg_host` in C.
#[repr(C)]
pub struct Host {
    /// The size of this structure as the host knows it, in bytes.
    pub size: u32,
    /// The host's minor version.
    pub minor: u32,
    /// The host's own; the first argument of `service`.
    pub context: *mut c_void,
    /// The table of a service that the descriptor declared, in at least this version, or null. The id ends
    /// in NUL. The table lives as long as the instance.
    pub service: unsafe extern "C" fn(
        context: *mut c_void,
        id: *const c_char,
        version: u32,
    ) -> *const c_void,
}

/// Where a service writes an answer of unknown length: the caller's memory. `lg_sink` in C.
#[repr(C)]
pub struct Sink {
    /// The caller's own; the first argument of `write`.
    pub context: *mut c_void,
    /// Called any number of times, in order, before the service's function returns.
    pub write: unsafe extern "C" fn(context: *mut c_void, bytes: *const u8, len: usize),
}

/// A database connection in a module's hands; opaque.
#[repr(C)]
pub struct Connection {
    opaque: [u8; 0],
}

/// `loggia.database` version 1: SQL over the host's pools. `lg_host_database` in C.
///
/// Statements are written once for both databases: identifiers in double quotes, placeholders `$1`, `$2`, ...
#[repr(C)]
pub struct HostDatabase {
    /// The size of this table, in bytes.
    pub size: u32,
    /// The version of this table.
    pub version: u32,
    /// One of [`dialect`], for the rare statement that cannot be common.
    pub dialect: u32,
    /// Kept 0.
    pub reserved: u32,
    /// The host's own.
    pub context: *mut c_void,
    /// Takes a connection, for writing where `write` is not 0. A second one in the same call is the same
    /// connection. [`code::DEADLINE`](crate::code::DEADLINE) where none is free in time. `call` may be null.
    pub acquire: unsafe extern "C" fn(
        context: *mut c_void,
        call: *mut Call,
        write: u32,
        connection: *mut *mut Connection,
    ) -> i32,
    /// Gives it back; a transaction still open is rolled back.
    pub release: unsafe extern "C" fn(connection: *mut Connection),
    /// Runs several statements without binds.
    pub batch: unsafe extern "C" fn(connection: *mut Connection, sql: Str<'_>) -> i32,
    /// Begins a transaction, or a savepoint inside one.
    pub begin: unsafe extern "C" fn(connection: *mut Connection) -> i32,
    /// Commits the innermost transaction or savepoint.
    pub commit: unsafe extern "C" fn(connection: *mut Connection) -> i32,
    /// Rolls the innermost transaction or savepoint back.
    pub rollback: unsafe extern "C" fn(connection: *mut Connection) -> i32,
    /// Runs one statement and counts the rows it changed.
    pub execute: unsafe extern "C" fn(
        connection: *mut Connection,
        sql: Str<'_>,
        binds: *const Value<'_>,
        binds_len: usize,
        affected: *mut u64,
    ) -> i32,
    /// Runs one statement and gives its rows, packed as [`rows`](crate::rows) says. They are valid until
    /// the next use of this connection.
    pub query: unsafe extern "C" fn(
        connection: *mut Connection,
        sql: Str<'_>,
        binds: *const Value<'_>,
        binds_len: usize,
        rows: *mut Str<'static>,
    ) -> i32,
    /// The text of the last failure, valid until the next use of this connection.
    pub error: unsafe extern "C" fn(connection: *mut Connection) -> Str<'static>,
}

/// The values of [`HostDatabase::dialect`].
pub mod dialect {
    /// SQLite.
    pub const SQLITE: u32 = 0;
    /// PostgreSQL.
    pub const POSTGRESQL: u32 = 1;
}

/// `loggia.log` version 1. `lg_host_log` in C. Every line carries the module's name and the request's id.
#[repr(C)]
pub struct HostLog {
    /// The size of this table, in bytes.
    pub size: u32,
    /// The version of this table.
    pub version: u32,
    /// The host's own.
    pub context: *mut c_void,
    /// Whether lines of this level are kept.
    pub enabled: unsafe extern "C" fn(context: *mut c_void, level: u32) -> u32,
    /// Writes one line. `call` may be null. Never a secret, a token or an address.
    pub write:
        unsafe extern "C" fn(context: *mut c_void, call: *mut Call, level: u32, message: Str<'_>),
}

/// The levels of [`HostLog`].
pub mod level {
    /// Something failed that somebody must look at.
    pub const ERROR: u32 = 1;
    /// Something is not as it should be.
    pub const WARN: u32 = 2;
    /// What an operator wants to know in ordinary operation.
    pub const INFO: u32 = 3;
    /// What a developer wants to know.
    pub const DEBUG: u32 = 4;
    /// Everything.
    pub const TRACE: u32 = 5;
}

/// `loggia.settings` version 1. `lg_host_settings` in C.
#[repr(C)]
pub struct HostSettings {
    /// The size of this table, in bytes.
    pub size: u32,
    /// The version of this table.
    pub version: u32,
    /// The module's settings as one JSON object: the operator's, completed by the descriptor's defaults and
    /// checked against its schema. Valid as long as the instance.
    pub json: Str<'static>,
}

/// `loggia.clock` version 1. `lg_host_clock` in C.
#[repr(C)]
pub struct HostClock {
    /// The size of this table, in bytes.
    pub size: u32,
    /// The version of this table.
    pub version: u32,
    /// The host's own.
    pub context: *mut c_void,
    /// Microseconds since 1970-01-01T00:00:00Z.
    pub now_us: unsafe extern "C" fn(context: *mut c_void) -> i64,
    /// Microseconds on a clock that never goes back; deadlines are on it.
    pub monotonic_us: unsafe extern "C" fn(context: *mut c_void) -> u64,
}

/// `loggia.mail` version 1: queued mail. `lg_host_mail` in C.
#[repr(C)]
pub struct HostMail {
    /// The size of this table, in bytes.
    pub size: u32,
    /// The version of this table.
    pub version: u32,
    /// The host's own.
    pub context: *mut c_void,
    /// Puts one message into the outbox, in the transaction of the connection where one is given, else by
    /// itself. The message is a JSON object with `to`, `subject` and `text`.
    pub queue: unsafe extern "C" fn(
        context: *mut c_void,
        call: *mut Call,
        connection: *mut Connection,
        message: Str<'_>,
    ) -> i32,
}

/// `loggia.files` version 1: the module's own part of the file store. `lg_host_files` in C.
///
/// A key is a relative path of letters, digits, `.`, `_`, `-` and `/`. A file is never changed, only added
/// and removed, so that a reader sees all of it or none. [`code::BUSY`](crate::code::BUSY) where the store does
/// not answer at present.
#[repr(C)]
pub struct HostFiles {
    /// The size of this table, in bytes.
    pub size: u32,
    /// The version of this table.
    pub version: u32,
    /// The host's own.
    pub context: *mut c_void,
    /// Moves an uploaded file (the value of a parameter of the type `file`) into the store under a key.
    /// [`code::UNIQUE`](crate::code::UNIQUE) where the key is taken.
    pub adopt: unsafe extern "C" fn(context: *mut c_void, upload: Str<'_>, key: Str<'_>) -> i32,
    /// Stores bytes under a key. [`code::UNIQUE`](crate::code::UNIQUE) where the key is taken.
    pub put: unsafe extern "C" fn(context: *mut c_void, key: Str<'_>, bytes: Str<'_>) -> i32,
    /// A path at which the file (or the upload) can be opened for reading during this call.
    pub open: unsafe extern "C" fn(context: *mut c_void, key: Str<'_>, path: *mut Sink) -> i32,
    /// The size in bytes, or [`code::NOT_FOUND`](crate::code::NOT_FOUND).
    pub size_of: unsafe extern "C" fn(context: *mut c_void, key: Str<'_>, bytes: *mut u64) -> i32,
    /// Removes a file; it is no fault if it is gone.
    pub remove: unsafe extern "C" fn(context: *mut c_void, key: Str<'_>) -> i32,
}
