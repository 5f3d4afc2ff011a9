//! The program: one command line, handed to the library.

use std::process::ExitCode;

/// A request makes many small, short-lived allocations, some of which end on another thread; this allocator
/// does that in half the time of the C library's. Huge pages are off for it: they cost an idle server ten megabytes.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    loggia::cli::run(std::env::args_os())
}
