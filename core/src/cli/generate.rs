//! `loggia completions` and `loggia man`: what the release tree has of the command line.

use std::path::PathBuf;

use clap::Args;
use clap_complete::Shell;

use super::failure::Failure;
use super::output::Output;

/// Prints the completions of a shell.
#[derive(Args)]
#[command(after_help = "Example: loggia completions bash > /etc/bash_completion.d/loggia")]
pub(super) struct Completions {
    /// The shell.
    shell: Shell,
}

impl Completions {
    pub(super) fn run(self, output: &mut Output, mut line: clap::Command) -> Result<(), Failure> {
        let mut text = Vec::new();
        clap_complete::generate(self.shell, &mut line, "loggia", &mut text);
        output.bytes(text.as_slice())
    }
}

/// Writes the manual: one page for each command.
#[derive(Args)]
#[command(after_help = "Example: loggia man /usr/share/man/man1")]
pub(super) struct Man {
    /// The folder for the pages.
    folder: PathBuf,
}

impl Man {
    pub(super) fn run(self, line: clap::Command) -> Result<(), Failure> {
        std::fs::create_dir_all(&self.folder)?;
        Ok(clap_mangen::generate_to(line, &self.folder)?)
    }
}
