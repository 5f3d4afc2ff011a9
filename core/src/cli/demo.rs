//! `loggia demo`: a whole site in one folder.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;

use super::failure::Failure;
use super::output::Output;
use crate::demo::{DemoError, DemoFacts, DemoOrder, demo, settings};
use crate::logging::Logging;

/// Makes a demo site in a folder where there is none, and serves it.
///
/// With --json, one line of JSON on standard output says where it is and what is in it.
#[derive(Args)]
#[command(after_help = "Example: loggia demo --data demo-site --listen 127.0.0.1:8080")]
pub(super) struct Demo {
    /// The site's folder.
    #[arg(long, value_name = "FOLDER", default_value = "demo-site")]
    data: PathBuf,
    /// Where to listen; port 0 is any free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// The database of a new site, as sqlite:PATH or postgres://...
    #[arg(long, value_name = "URL")]
    database: Option<String>,
    /// Prints one line of JSON for tools.
    #[arg(long)]
    json: bool,
}

impl Demo {
    pub(super) fn run(self, output: &mut Output) -> Result<(), Failure> {
        let order = DemoOrder {
            folder: self.data,
            listen: self.listen,
            database: self.database,
        };
        let settings = settings(&order).map_err(failed)?;
        let _logging = Logging::start(&settings.log);
        let mut told = Ok(());
        let started = |address: SocketAddr, facts: &DemoFacts| {
            told = tell(output, self.json, address, facts);
        };
        demo(settings, std::env::current_exe().ok(), started).map_err(failed)?;
        told
    }
}

fn tell(
    output: &mut Output,
    json: bool,
    address: SocketAddr,
    facts: &DemoFacts,
) -> Result<(), Failure> {
    if json {
        output.line(&facts.line(address).to_string())?;
    } else {
        output.line(&format!(
            "The demo site serves at http://{address}. First requests:\n"
        ))?;
        for line in facts.first_requests(address) {
            output.line(&line)?;
        }
    }
    output.finish()
}

fn failed(error: DemoError) -> Failure {
    match error {
        DemoError::Settings(errors) => errors.into(),
        DemoError::OtherSite(text) => Failure::Usage(text),
        error @ (DemoError::File { .. } | DemoError::Serve(_)) => Failure::refused(error),
    }
}
