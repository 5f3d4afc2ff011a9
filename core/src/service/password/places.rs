//! How many may hash at once.

use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

/// A fixed number of places; who finds none waits.
pub(super) struct Places {
    free: Mutex<usize>,
    freed: Condvar,
}

/// A place, given back when dropped.
pub(super) struct Place<'a>(&'a Places);

impl Places {
    pub(super) fn new(count: usize) -> Self {
        Self {
            free: Mutex::new(count.max(1)),
            freed: Condvar::new(),
        }
    }

    /// Waits for a place; `None` where none was free in time.
    pub(super) fn take(&self, timeout: Duration) -> Option<Place<'_>> {
        let until = Instant::now() + timeout;
        let mut free = self.free.lock();
        while *free == 0 {
            if self.freed.wait_until(&mut free, until).timed_out() && *free == 0 {
                return None;
            }
        }
        *free -= 1;
        Some(Place(self))
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        *self.0.free.lock() += 1;
        self.0.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_than_the_given_number_hold_a_place() {
        let places = Places::new(2);
        let first = places.take(Duration::ZERO).unwrap();
        let _second = places.take(Duration::ZERO).unwrap();
        assert!(places.take(Duration::from_millis(1)).is_none());
        drop(first);
        assert!(places.take(Duration::ZERO).is_some());
    }
}
