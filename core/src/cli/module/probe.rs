//! `loggia module probe`: what the program has a child process do before it opens a library itself.

use std::path::PathBuf;

use clap::Args;

use super::trial;
use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::module::probe;

/// Opens a library and reads what it says of itself.
#[derive(Args)]
pub(super) struct Probe {
    /// The library.
    file: PathBuf,
    /// Starts it too, with the settings that come by standard input, in a site that is thrown away.
    #[arg(long)]
    start: bool,
}

impl Probe {
    pub(super) fn run(self, output: &mut Output) -> Result<(), Failure> {
        if self.start {
            let facts = trial::start(&self.file).map_err(Failure::Refused)?;
            return output.line(&facts.to_string());
        }
        probe::open(&self.file).map_err(Failure::refused)
    }
}
