//! The clock that quotas go by: the database's where nodes share one, else the machine's.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use crate::store::keys::day_of;

/// A clock that is set by the database's.
pub(crate) struct Clock {
    /// What is to be added to the machine's clock.
    offset_ms: AtomicI64,
    /// Where `elapsed_ms` begins.
    base: Instant,
    /// A test's shift into another day.
    #[cfg(test)]
    shift_ms: AtomicI64,
}

impl Clock {
    pub(crate) fn new() -> Self {
        Clock {
            offset_ms: AtomicI64::new(0),
            base: Instant::now(),
            #[cfg(test)]
            shift_ms: AtomicI64::new(0),
        }
    }

    /// The time, in milliseconds since 1970.
    pub(crate) fn now_ms(&self) -> i64 {
        let now = machine_ms() + self.offset_ms.load(Ordering::Relaxed);
        #[cfg(test)]
        let now = now + self.shift_ms.load(Ordering::Relaxed);
        now
    }

    /// The UTC day, in days since 1970-01-01.
    pub(crate) fn day(&self) -> i64 {
        day_of(self.now_ms())
    }

    /// Milliseconds since the start, on a clock that nobody sets.
    pub(crate) fn elapsed_ms(&self) -> u64 {
        u64::try_from(self.base.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Sets the clock by another one's answer, which was given between the two times of the machine.
    pub(crate) fn set(&self, answer_ms: i64, before_ms: i64, after_ms: i64) {
        let middle = before_ms.midpoint(after_ms);
        self.offset_ms.store(answer_ms - middle, Ordering::Relaxed);
    }

    #[cfg(test)]
    pub(crate) fn shift(&self, milliseconds: i64) {
        self.shift_ms.fetch_add(milliseconds, Ordering::Relaxed);
    }
}

/// The machine's clock.
pub(crate) fn machine_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    })
}
