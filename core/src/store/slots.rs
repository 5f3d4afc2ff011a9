//! A fair, bounded set of places: who came first is served first, and nobody waits past his deadline.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

use parking_lot::{Condvar, Mutex};

/// A place that was taken: with what its last holder left, or still to be filled.
pub(super) enum Place<T> {
    Kept(T),
    Fresh,
}

/// At most `limit` things, of which some are idle and the others are out.
pub(super) struct Slots<T> {
    state: Mutex<State<T>>,
}

struct State<T> {
    idle: Vec<T>,
    open: usize,
    limit: usize,
    queue: VecDeque<Arc<Waiter<T>>>,
}

struct Waiter<T> {
    place: Mutex<Option<Place<T>>>,
    filled: Condvar,
}

impl<T> Slots<T> {
    pub(super) fn new(limit: usize) -> Self {
        let state = State {
            idle: Vec::with_capacity(limit),
            open: 0,
            limit: limit.max(1),
            queue: VecDeque::new(),
        };
        Slots {
            state: Mutex::new(state),
        }
    }

    /// Takes a place, or gives `None` once the deadline has passed. Whoever takes one answers for it with
    /// exactly one of [`Slots::keep`] and [`Slots::lose`].
    pub(super) fn take(&self, deadline: Instant) -> Option<Place<T>> {
        let waiter = {
            let mut state = self.state.lock();
            if let Some(kept) = state.idle.pop() {
                return Some(Place::Kept(kept));
            }
            if state.open < state.limit {
                state.open += 1;
                return Some(Place::Fresh);
            }
            let waiter = Arc::new(Waiter {
                place: Mutex::new(None),
                filled: Condvar::new(),
            });
            state.queue.push_back(waiter.clone());
            waiter
        };
        self.wait(&waiter, deadline)
    }

    fn wait(&self, waiter: &Arc<Waiter<T>>, deadline: Instant) -> Option<Place<T>> {
        let mut place = waiter.place.lock();
        while place.is_none() {
            if waiter.filled.wait_until(&mut place, deadline).timed_out() {
                break;
            }
        }
        if let Some(place) = place.take() {
            return Some(place);
        }
        drop(place);
        // The queue's lock is taken before the waiter's wherever both are held, and a place may have come
        // in between: then it is ours.
        let mut state = self.state.lock();
        state.queue.retain(|other| !Arc::ptr_eq(other, waiter));
        waiter.place.lock().take()
    }

    /// Hands a thing to the one who waits longest, or keeps it.
    pub(super) fn keep(&self, thing: T) {
        let mut state = self.state.lock();
        match state.queue.pop_front() {
            Some(waiter) => waiter.fill(Place::Kept(thing)),
            None => state.idle.push(thing),
        }
    }

    /// Gives back a place whose thing is gone.
    pub(super) fn lose(&self) {
        let mut state = self.state.lock();
        match state.queue.pop_front() {
            Some(waiter) => waiter.fill(Place::Fresh),
            None => state.open -= 1,
        }
    }

    /// Drops what is idle, because it is likely to be as broken as the thing that was just lost.
    pub(super) fn clear_idle(&self) {
        let idle = {
            let mut state = self.state.lock();
            state.open -= state.idle.len();
            std::mem::take(&mut state.idle)
        };
        drop(idle);
    }

    /// How many are open and how many of those are idle.
    pub(super) fn count(&self) -> (usize, usize) {
        let state = self.state.lock();
        (state.open, state.idle.len())
    }
}

impl<T> Waiter<T> {
    fn fill(&self, place: Place<T>) {
        *self.place.lock() = Some(place);
        self.filled.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::{Duration, Instant};

    use super::{Place, Slots};

    fn soon() -> Instant {
        Instant::now() + Duration::from_millis(20)
    }

    fn late() -> Instant {
        Instant::now() + Duration::from_mins(1)
    }

    #[test]
    fn a_deadline_ends_the_wait_and_leaves_no_trace() {
        let slots = Slots::<u8>::new(1);
        assert!(matches!(slots.take(soon()), Some(Place::Fresh)));
        assert!(slots.take(soon()).is_none());
        slots.keep(7);
        assert!(matches!(slots.take(soon()), Some(Place::Kept(7))));
    }

    #[test]
    fn a_lost_thing_makes_room_for_a_fresh_one() {
        let slots = Slots::<u8>::new(1);
        assert!(matches!(slots.take(soon()), Some(Place::Fresh)));
        slots.lose();
        assert!(matches!(slots.take(soon()), Some(Place::Fresh)));
        assert_eq!(slots.count(), (1, 0));
    }

    #[test]
    fn those_who_wait_are_served_in_the_order_they_came() {
        let slots = Arc::new(Slots::<u8>::new(1));
        assert!(matches!(slots.take(late()), Some(Place::Fresh)));
        let (order, served) = std::sync::mpsc::channel();
        let waiting: Vec<_> = (0..4)
            .map(|number| {
                let (slots, order) = (slots.clone(), order.clone());
                let before = slots.state.lock().queue.len();
                let shared = slots.clone();
                let thread = std::thread::spawn(move || {
                    let Some(Place::Kept(thing)) = shared.take(late()) else {
                        panic!("the thing was not handed on");
                    };
                    order.send(number).expect("the test listens");
                    shared.keep(thing);
                });
                while slots.state.lock().queue.len() == before {
                    std::thread::yield_now();
                }
                thread
            })
            .collect();
        slots.keep(1);
        for thread in waiting {
            thread.join().expect("no thread panics");
        }
        drop(order);
        assert_eq!(served.iter().collect::<Vec<_>>(), [0, 1, 2, 3]);
    }
}
