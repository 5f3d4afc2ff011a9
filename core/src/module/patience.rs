//! Whether an operation may go on answering on the HTTP workers, which a slow one would hold up.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// A call that takes longer is slow.
const LIMIT: Duration = Duration::from_millis(2);
/// What a slow call costs; as many quick ones make up for it. A busy machine interrupts a call now and then, a slow
/// operation is slow far more often than that.
const COST: u32 = 100;
/// So much at once is too much: three slow calls in short order.
const TOO_MUCH: u32 = 3 * COST;

/// The patience of the workers with one operation.
#[derive(Default)]
pub(super) struct Patience(AtomicU32);

impl Patience {
    /// Whether the operation has been too slow too often; that stays so.
    pub(super) fn is_over(&self) -> bool {
        self.0.load(Ordering::Relaxed) >= TOO_MUCH
    }

    /// Notes how long a call took.
    pub(super) fn note(&self, took: Duration) {
        let held_up = self.0.load(Ordering::Relaxed);
        if took > LIMIT {
            self.0.fetch_add(COST, Ordering::Relaxed);
        } else if (1..TOO_MUCH).contains(&held_up) {
            // A race with another call forgives a little more or less, which does not matter.
            self.0.store(held_up - 1, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUICK: Duration = Duration::from_micros(10);
    const SLOW: Duration = Duration::from_millis(5);

    #[test]
    fn three_slow_calls_in_short_order_are_too_much() {
        let patience = Patience::default();
        for took in [SLOW, QUICK, SLOW, QUICK, SLOW] {
            assert!(!patience.is_over());
            patience.note(took);
        }
        patience.note(SLOW);
        assert!(patience.is_over());
        for _ in 0..1_000 {
            patience.note(QUICK);
        }
        assert!(patience.is_over(), "it stays so");
    }

    #[test]
    fn a_call_that_is_interrupted_now_and_then_is_forgiven() {
        let patience = Patience::default();
        for _ in 0..100 {
            patience.note(SLOW);
            (0..COST).for_each(|_| patience.note(QUICK));
        }
        assert!(!patience.is_over());
    }
}
