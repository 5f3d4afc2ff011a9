//! A few images are decoded at a time, because each takes a lot of memory; the others wait, and few of them.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use loggia_sdk::{Call, Fault};

/// How many wait at most; more would take all threads from those who only want a file sent.
const WAITING: usize = 4;
/// How long somebody waits who would wait for ever.
const PATIENCE: Duration = Duration::from_secs(20);

/// The places where images are decoded.
pub(crate) struct Gate {
    places: usize,
    state: Mutex<State>,
    freed: Condvar,
}

#[derive(Default)]
struct State {
    taken: usize,
    waiting: usize,
}

/// A place, until it is dropped.
pub(crate) struct Place<'g>(&'g Gate);

impl Gate {
    /// With so many places.
    pub(crate) fn new(places: usize) -> Self {
        Gate {
            places,
            state: Mutex::default(),
            freed: Condvar::new(),
        }
    }

    /// Waits for a place as long as the caller does; refuses where too many wait already.
    pub(crate) fn enter(&self, call: &Call<'_>) -> Result<Place<'_>, Fault> {
        self.enter_within(call.time_left().unwrap_or(PATIENCE).min(PATIENCE))
    }

    fn enter_within(&self, patience: Duration) -> Result<Place<'_>, Fault> {
        let until = Instant::now() + patience;
        let crowded = || Fault::new("REQ_OVL").retry_after(1);
        let mut state = self.state();
        if state.taken >= self.places && state.waiting >= WAITING {
            return Err(crowded());
        }
        state.waiting += 1;
        while state.taken >= self.places {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                state.waiting -= 1;
                return Err(crowded());
            }
            let waited = self.freed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        state.waiting -= 1;
        state.taken += 1;
        Ok(Place(self))
    }

    /// The counts are whole whatever happened to whoever held them.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.state().taken -= 1;
        self.0.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_finds_no_place_in_time_is_told_and_a_place_that_is_given_back_is_taken_again() {
        let gate = Gate::new(1);
        let short = Duration::from_millis(5);
        let place = gate.enter_within(short).ok();
        assert!(place.is_some());
        let late = gate.enter_within(short).err().unwrap();
        assert_eq!(late.code(), "REQ_OVL");
        drop(place);
        assert!(gate.enter_within(short).is_ok());
    }

    #[test]
    fn a_place_is_handed_to_whoever_waits() {
        let gate = Gate::new(1);
        let place = gate.enter_within(PATIENCE).ok();
        std::thread::scope(|scope| {
            let waiter = scope.spawn(|| gate.enter_within(PATIENCE).is_ok());
            drop(place);
            assert!(waiter.join().unwrap());
        });
        assert_eq!(gate.state().taken, 0);
    }
}
