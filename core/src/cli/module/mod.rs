//! `loggia module`: the modules of a site, and a new one.

mod check;
mod list;
mod new;
mod probe;
pub(super) mod trial;

use clap::{Args, Subcommand};

use super::failure::Failure;
use super::output::Output;
use super::reload::Order;
use crate::store::nodes;

/// Lists, checks, replaces and makes modules.
#[derive(Args)]
pub(super) struct Module {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Check(check::Check),
    List(list::List),
    New(new::New),
    Reload(Reload),
    #[command(hide = true)]
    Probe(probe::Probe),
}

/// Has every running node start a new instance of a module and move to it.
///
/// Where the new one does not start, the old one serves on. Equal bytes are a new instance too.
#[derive(Args)]
#[command(after_help = "Example: loggia module reload release --config endpoints.toml")]
struct Reload {
    /// The module.
    name: String,
    #[command(flatten)]
    order: Order,
}

impl Reload {
    fn run(self, output: &mut Output) -> Result<(), Failure> {
        self.order
            .give(&nodes::Command::ReloadModule(self.name), output)
    }
}

impl Module {
    pub(super) fn run(self, output: &mut Output) -> Result<(), Failure> {
        match self.command {
            Command::Check(check) => check.run(output),
            Command::List(list) => list.run(output),
            Command::New(new) => new.run(output),
            Command::Reload(reload) => reload.run(output),
            Command::Probe(probe) => probe.run(output),
        }
    }
}
