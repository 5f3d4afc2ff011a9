//! A pause that everything to one vendor (or one application there) has in common, and that grows.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

/// Closed while nobody should call: the vendor said so, or failed too often in a row.
#[derive(Debug, Default)]
pub(super) struct Gate {
    closed_until: Mutex<Option<Instant>>,
    /// Failures since the last success.
    failures: AtomicU32,
    /// Pauses since the last success; the next is as much longer.
    pauses: AtomicU32,
}

/// So many failures in a row and no success between them close the gate.
const PATIENCE: u32 = 50;

/// The first pause, and the longest.
const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_mins(1);

/// No vendor may silence us for longer.
const LONGEST_ASKED: Duration = Duration::from_hours(24);

impl Gate {
    /// How long it is still closed.
    pub(super) fn closed_for(&self) -> Option<Duration> {
        let mut until = self.closed_until.lock();
        let left = until.as_ref()?.checked_duration_since(Instant::now());
        if left.is_none() {
            *until = None;
        }
        left
    }

    /// Closes it for as long as a vendor asked.
    pub(super) fn close(&self, pause: Duration) -> Duration {
        let pause = pause.min(LONGEST_ASKED);
        let until = Instant::now() + pause;
        let mut closed = self.closed_until.lock();
        if closed.is_none_or(|present| present < until) {
            *closed = Some(until);
        }
        pause
    }

    /// Closes it for a time of ours, longer at each turn.
    pub(super) fn back_off(&self) -> Duration {
        if let Some(left) = self.closed_for() {
            return left;
        }
        let pauses = self.pauses.fetch_add(1, Ordering::Relaxed);
        let pause = FIRST.saturating_mul(1 << pauses.min(10)).min(LONGEST);
        self.close(jittered(pause))
    }

    /// One call failed.
    pub(super) fn failed(&self) {
        if self.failures.fetch_add(1, Ordering::Relaxed) + 1 >= PATIENCE {
            self.failures.store(0, Ordering::Relaxed);
            self.back_off();
        }
    }

    /// One call went well.
    pub(super) fn succeeded(&self) {
        if self.failures.load(Ordering::Relaxed) != 0 {
            self.failures.store(0, Ordering::Relaxed);
        }
        if self.pauses.load(Ordering::Relaxed) != 0 {
            self.pauses.store(0, Ordering::Relaxed);
        }
    }
}

/// Up to a fifth more, so that nodes do not return all at once.
fn jittered(pause: Duration) -> Duration {
    pause + pause.mul_f64(rand::random::<f64>() / 5.0)
}

/// The pause that a `Retry-After` header asks for, in seconds or as a date.
pub(super) fn retry_after(headers: &http::HeaderMap) -> Option<Duration> {
    let text = headers
        .get(http::header::RETRY_AFTER)?
        .to_str()
        .ok()?
        .trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds).min(LONGEST_ASKED));
    }
    let date = chrono::DateTime::parse_from_rfc2822(text).ok()?;
    let left = date.to_utc() - chrono::Utc::now();
    Some(left.to_std().unwrap_or_default().min(LONGEST_ASKED))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_until_something_succeeds() {
        let gate = Gate::default();
        let pause = || {
            *gate.closed_until.lock() = None;
            gate.back_off()
        };
        let (first, second, third) = (pause(), pause(), pause());
        assert!(first >= FIRST && second >= FIRST * 2 && third >= FIRST * 4);
        gate.succeeded();
        assert!(pause() < FIRST * 2);
    }

    #[test]
    fn only_many_failures_in_a_row_close_it() {
        let gate = Gate::default();
        for _ in 1..PATIENCE {
            gate.failed();
        }
        gate.succeeded();
        gate.failed();
        assert_eq!(gate.closed_for(), None);
        for _ in 1..PATIENCE {
            gate.failed();
        }
        assert!(gate.closed_for().is_some());
    }

    #[test]
    fn retry_after_is_a_number_or_a_date() {
        let read = |text: &str| {
            let mut headers = http::HeaderMap::new();
            headers.insert("retry-after", text.parse().unwrap());
            retry_after(&headers)
        };
        assert_eq!(read("2"), Some(Duration::from_secs(2)));
        assert_eq!(read("9999999999"), Some(LONGEST_ASKED));
        assert_eq!(read("Wed, 21 Oct 2015 07:28:00 GMT"), Some(Duration::ZERO));
        assert_eq!(read("soon"), None);
    }
}
