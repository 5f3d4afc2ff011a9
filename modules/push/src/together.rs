//! Calls that come at the same time and do their work in one transaction: bringing that to the disk costs more than
//! what they do. Whoever finds too few at it does the work of all who wait; the others get what came of theirs.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use loggia_sdk::prelude::*;

/// What came of one call's work, as soon as it was done.
type Place<R> = Arc<Mutex<Option<Result<R, Fault>>>>;

/// Those who wait.
pub(crate) struct Together<J, R> {
    state: Mutex<State<J, R>>,
    changed: Condvar,
}

struct State<J, R> {
    waiting: Vec<Ticket<J, R>>,
    leaders: usize,
}

struct Ticket<J, R> {
    job: J,
    place: Place<R>,
}

impl<J, R> Default for Together<J, R> {
    fn default() -> Self {
        Together {
            state: Mutex::new(State {
                waiting: Vec::new(),
                leaders: 0,
            }),
            changed: Condvar::new(),
        }
    }
}

impl<J, R> Together<J, R> {
    /// Has a job done with those of others, by at most so many leaders at a time. `lead` does several and says what came of
    /// each, or that nothing of it came to be: that is an answer for its caller alone, and the others try it themselves.
    pub(crate) fn run(
        &self,
        most_leaders: usize,
        job: J,
        lead: impl FnOnce(&[&J]) -> Result<Vec<Result<R, Fault>>, Fault>,
    ) -> Result<R, Fault> {
        let place = Place::default();
        let mut state = locked(&self.state);
        state.waiting.push(Ticket {
            job,
            place: Arc::clone(&place),
        });
        while state.leaders >= most_leaders || !state.waits(&place) {
            let woken = self.changed.wait(state);
            state = woken.unwrap_or_else(PoisonError::into_inner);
            if let Some(result) = locked(&place).take() {
                return result;
            }
        }
        state.leaders += 1;
        let mut led = Led {
            together: self,
            own: &place,
            tickets: std::mem::take(&mut state.waiting),
        };
        drop(state);
        let jobs: Vec<&J> = led.tickets.iter().map(|ticket| &ticket.job).collect();
        let results = lead(&jobs);
        match results {
            Ok(results) => {
                for (ticket, result) in led.tickets.drain(..).zip(results) {
                    *locked(&ticket.place) = Some(result);
                }
            }
            Err(fault) => *locked(&place) = Some(Err(fault)),
        }
        drop(led);
        let result = locked(&place).take();
        result.unwrap_or_else(|| Err(Fault::new("REQ_GER")))
    }
}

impl<J, R> State<J, R> {
    /// Whether nobody has begun with a job.
    fn waits(&self, place: &Place<R>) -> bool {
        (self.waiting.iter()).any(|ticket| Arc::ptr_eq(&ticket.place, place))
    }
}

/// Jobs that are being done. Those that nothing came of wait again when this ends, in whatever way.
struct Led<'a, J, R> {
    together: &'a Together<J, R>,
    own: &'a Place<R>,
    tickets: Vec<Ticket<J, R>>,
}

impl<J, R> Drop for Led<'_, J, R> {
    fn drop(&mut self) {
        let mut state = locked(&self.together.state);
        let (own, tickets) = (self.own, self.tickets.drain(..));
        // Whoever led has his answer, or is not there any more.
        let others = tickets.filter(|ticket| !Arc::ptr_eq(&ticket.place, own));
        state
            .waiting
            .extend(others.filter(|ticket| locked(&ticket.place).is_none()));
        state.leaders -= 1;
        self.together.changed.notify_all();
    }
}

/// A lock that a panic has left behind is as good: what it guards is changed in one step.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;

    use super::*;

    #[test]
    fn each_gets_what_came_of_its_own_job_and_many_are_done_at_once() {
        let (together, turns) = (Together::default(), AtomicUsize::new(0));
        let barrier = Barrier::new(8);
        thread::scope(|scope| {
            for number in 0..8 {
                let (together, turns, barrier) = (&together, &turns, &barrier);
                scope.spawn(move || {
                    barrier.wait();
                    for round in 0..100 {
                        let job = number * 1000 + round;
                        let doubled = together.run(2, job, |jobs| {
                            turns.fetch_add(1, Ordering::Relaxed);
                            thread::yield_now();
                            Ok(jobs.iter().map(|job| Ok(**job * 2)).collect())
                        });
                        assert_eq!(doubled.unwrap(), job * 2);
                    }
                });
            }
        });
        assert!(turns.into_inner() <= 800);
    }

    #[test]
    fn a_failure_of_one_turn_is_the_failure_of_nobody_else() {
        let together = Together::default();
        let barrier = Barrier::new(4);
        let failures = AtomicUsize::new(0);
        thread::scope(|scope| {
            for number in 0..4 {
                let (together, barrier, failures) = (&together, &barrier, &failures);
                scope.spawn(move || {
                    barrier.wait();
                    let result: Result<i32, Fault> = together.run(1, number, |jobs| {
                        if number == 0 {
                            return Err(Fault::new("REQ_GER"));
                        }
                        Ok(jobs.iter().map(|job| Ok(**job)).collect())
                    });
                    match result {
                        Ok(came) => assert_eq!(came, number),
                        Err(_) => {
                            failures.fetch_add(1, Ordering::Relaxed);
                        }
                    }
                });
            }
        });
        assert!(failures.into_inner() <= 1);
    }

    #[test]
    fn a_panic_holds_nobody_up() {
        let together: Together<i32, i32> = Together::default();
        let torn = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            together.run(1, 1, |_| panic!("on purpose"))
        }));
        assert!(torn.is_err());
        let came = together.run(1, 2, |jobs| Ok(jobs.iter().map(|job| Ok(**job)).collect()));
        assert_eq!(came.unwrap(), 2);
    }
}
