//! `loggia module probe`: what the server has a child process do before it opens a library itself.

use std::path::PathBuf;

use clap::Args;

use crate::cli::failure::Failure;
use crate::module::probe;

/// Opens a library and reads what it says of itself.
#[derive(Args)]
pub(super) struct Probe {
    /// The library.
    file: PathBuf,
}

impl Probe {
    pub(super) fn run(self) -> Result<(), Failure> {
        probe::open(&self.file).map_err(Failure::refused)
    }
}
