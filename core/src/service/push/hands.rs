//! Hands: the claims that this process has under way.

use std::collections::HashSet;
use std::sync::Arc;

use parking_lot::Mutex;

/// The claims, by their numbers.
#[derive(Debug, Default)]
pub(super) struct Hands(Mutex<HashSet<i64>>);

impl Hands {
    /// Takes a claim in hand until what is given back is dropped.
    pub(super) fn hold(self: &Arc<Self>, claim: i64) -> Held {
        self.0.lock().insert(claim);
        Held {
            hands: Arc::clone(self),
            claim,
        }
    }

    pub(super) fn has(&self, claim: i64) -> bool {
        self.0.lock().contains(&claim)
    }
}

/// A claim in hand.
pub(super) struct Held {
    hands: Arc<Hands>,
    claim: i64,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.hands.0.lock().remove(&self.claim);
    }
}
