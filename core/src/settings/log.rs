//! `[log]`: the program's log and the access log.

use serde::Serialize;

use super::word::words;

/// The program's log, on standard error.
#[derive(Debug, Clone, Serialize)]
pub struct Log {
    /// A level, or directives such as `info,loggia::http=debug`.
    pub level: String,
    /// How a line looks.
    pub format: LogFormat,
    /// The rows about requests.
    pub access: AccessLog,
}

/// The access log: a row a request on endpoints with `trace`.
#[derive(Debug, Clone, Serialize)]
pub struct AccessLog {
    /// Whether the last part of client addresses is blanked before it is stored.
    pub anonymise_addresses: bool,
    /// After how many days rows are deleted; 0 keeps them.
    pub retention_days: u32,
    /// What happens to rows of calls without a key when the queue is full.
    pub overflow: Overflow,
    /// How many rows may wait to be written.
    pub queue: usize,
}

words! {
    /// How a line of the log looks.
    LogFormat {
        /// For people.
        Text = "text",
        /// An object a line.
        Json = "json",
    }
}

words! {
    /// What happens when the access log's queue is full.
    Overflow {
        /// The call waits until there is room.
        Wait = "wait",
        /// The row is dropped and counted.
        Drop = "drop",
    }
}
