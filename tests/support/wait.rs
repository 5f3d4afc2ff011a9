//! Waiting for what comes to hold by itself.

use std::thread;
use std::time::{Duration, Instant};

/// What a node does or learns by itself takes it a second; a busy machine takes longer.
const SOON: Duration = Duration::from_secs(10);
/// What takes several such steps.
const AT_LENGTH: Duration = Duration::from_mins(1);
/// How long it is waited until the next look.
const PAUSE: Duration = Duration::from_millis(10);

/// Waits until something is so that comes by itself within a moment.
#[track_caller]
pub fn soon(is_so: impl FnMut() -> bool) {
    within(SOON, "what is waited for", is_so);
}

/// Waits until something is so that may take its time.
#[track_caller]
pub fn until(is_so: impl FnMut() -> bool) {
    within(AT_LENGTH, "what is waited for", is_so);
}

/// Waits until something is so, for so long.
///
/// # Panics
/// Where it does not come to be so.
#[track_caller]
pub fn within(span: Duration, what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        let spent = start.elapsed();
        assert!(spent < span, "after {spent:?} it is not so: {what}");
        thread::sleep(PAUSE);
    }
}
