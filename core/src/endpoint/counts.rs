//! What an endpoint has answered since the start.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The requests of one endpoint, counted without a lock.
#[derive(Debug, Default)]
pub struct EndpointCounts {
    ok: AtomicU64,
    ko: AtomicU64,
    duration_us: AtomicU64,
}

impl EndpointCounts {
    /// Counts a request.
    pub fn add(&self, is_ok: bool, duration: Duration) {
        let counter = if is_ok { &self.ok } else { &self.ko };
        counter.fetch_add(1, Ordering::Relaxed);
        let duration_us = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
        self.duration_us.fetch_add(duration_us, Ordering::Relaxed);
    }

    /// Requests that were answered.
    pub fn ok(&self) -> u64 {
        self.ok.load(Ordering::Relaxed)
    }

    /// Requests that were refused or failed.
    pub fn ko(&self) -> u64 {
        self.ko.load(Ordering::Relaxed)
    }

    /// The time spent on all of them, in microseconds.
    pub fn duration_us(&self) -> u64 {
        self.duration_us.load(Ordering::Relaxed)
    }
}
