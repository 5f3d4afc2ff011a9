//! How many statements a request costs. Every connection of the process is counted, so such a test has a process of its
//! own: a file in `tests/` with nothing beside it.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};

use crate::TestCall;

static STATEMENTS: AtomicUsize = AtomicUsize::new(0);

/// Which statements count, by their text.
static IS_COUNTED: OnceLock<fn(&str) -> bool> = OnceLock::new();

/// Counts the statements of this process from now on of whose text `is_counted` holds.
///
/// # Panics
/// Where statements are counted already.
pub fn count(is_counted: fn(&str) -> bool) {
    IS_COUNTED
        .set(is_counted)
        .expect("statements are counted once in a process");
    set_default_instrumentation(counter).expect("the counter can be set");
}

/// How many of them some work makes.
pub fn made_by(work: impl FnOnce()) -> usize {
    let before = STATEMENTS.load(Ordering::Relaxed);
    work();
    STATEMENTS.load(Ordering::Relaxed) - before
}

/// How many of them a call costs that succeeds.
///
/// # Panics
/// Where it fails.
pub fn cost(call: TestCall<'_>) -> usize {
    made_by(|| {
        let answer = call.json();
        assert_eq!(answer["status"], "ok", "{answer}");
    })
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "the type is the one that diesel calls"
)]
fn counter() -> Option<Box<dyn Instrumentation>> {
    Some(Box::new(|event: InstrumentationEvent<'_>| {
        let InstrumentationEvent::StartQuery { query, .. } = event else {
            return;
        };
        let text = query.to_string();
        // A statement that diesel itself loads is told of once more, with its values.
        if !text.contains("-- binds")
            && IS_COUNTED.get().is_some_and(|is_counted| is_counted(&text))
        {
            STATEMENTS.fetch_add(1, Ordering::Relaxed);
        }
    }))
}
