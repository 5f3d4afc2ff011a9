//! The guard around every function that a module calls.

use std::panic::{AssertUnwindSafe, catch_unwind};

use loggia_abi::code;

/// Runs a body whose panic must not unwind into a module, and gives its result as a code.
pub(crate) fn guarded(body: impl FnOnce() -> Result<(), i32>) -> i32 {
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(())) => code::OK,
        Ok(Err(failure)) => failure,
        Err(_) => {
            tracing::error!("a host service panicked");
            code::PANIC
        }
    }
}
