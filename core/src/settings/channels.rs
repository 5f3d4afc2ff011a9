//! `[channels]`: websockets, event streams, and what is kept for them.

use serde::Serialize;

use super::reader::Section;

/// What streams may be, and what is kept for them.
#[derive(Debug, Clone, Serialize)]
pub struct Channels {
    /// How long messages are kept for pages that come back.
    pub history_s: u64,
    /// How many missed messages a page is sent at most when it comes back.
    pub replay: usize,
    /// The largest message.
    pub max_message_bytes: usize,
    /// How much may wait for a page that does not read.
    pub max_waiting_bytes: usize,
    /// How often a silent page is asked whether it is there.
    pub ping_ms: u64,
    /// How long its answer may take.
    pub ping_timeout_ms: u64,
}

impl Channels {
    pub(super) fn read(section: Section<'_>) -> Self {
        let channels = Self {
            history_s: section.number("history_s", 0..=31_536_000),
            replay: section.number("replay", 0..=1_000_000),
            max_message_bytes: section.number("max_message_bytes", 1_024..=1 << 24),
            max_waiting_bytes: section.number("max_waiting_bytes", 1_024..=1 << 28),
            ping_ms: section.number("ping_ms", 100..=3_600_000),
            ping_timeout_ms: section.number("ping_timeout_ms", 100..=3_600_000),
        };
        section.finish();
        channels
    }
}
