//! `loggia module`: the modules of a site, and a new one.

mod new;

use clap::{Args, Subcommand};

use super::failure::Failure;
use super::output::Output;

/// Lists, checks, replaces and makes modules.
#[derive(Args)]
pub(super) struct Module {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    New(new::New),
}

impl Module {
    pub(super) fn run(self, output: &mut Output) -> Result<(), Failure> {
        match self.command {
            Command::New(new) => new.run(output),
        }
    }
}
