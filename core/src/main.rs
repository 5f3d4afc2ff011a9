//! The program: one command line, handed to the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    loggia::cli::run(std::env::args_os())
}
