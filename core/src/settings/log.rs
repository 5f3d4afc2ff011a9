//! `[log]`: the program's log and the access log.

use serde::Serialize;

use super::reader::Section;
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

impl Log {
    pub(super) fn read(section: Section<'_>) -> Self {
        let level: String = section.get("level");
        if !level.split(',').all(is_directive) {
            let help = "write \"error\", \"warn\", \"info\", \"debug\", \"trace\", or directives such as \"info,loggia::http=debug\"";
            section.refuse("level", format!("`{level}` is no level of the log"), help);
        }
        let format = section.get("format");
        let access = AccessLog::read(section.section("access"));
        section.finish();
        Self {
            level,
            format,
            access,
        }
    }
}

impl AccessLog {
    fn read(section: Section<'_>) -> Self {
        let log = Self {
            anonymise_addresses: section.get("anonymise_addresses"),
            retention_days: section.number("retention_days", 0..=36_500),
            overflow: section.get("overflow"),
            queue: section.number("queue", 16..=10_000_000),
        };
        section.finish();
        log
    }
}

/// Whether a text is a level, or a target with one.
fn is_directive(text: &str) -> bool {
    let level = text.rsplit_once('=').map_or(text, |(_, level)| level);
    level.trim() == "off" || level.trim().parse::<tracing::Level>().is_ok()
}
