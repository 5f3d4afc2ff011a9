//! `loggia serve`: the server.

use std::io::Write;

use clap::Args;

use super::failure::Failure;
use super::site::Site;
use crate::logging::Logging;
use crate::serve::{ServeError, serve};

/// Serves the site until it is told to end (SIGTERM, SIGINT); SIGHUP reads the settings again.
///
/// Example: loggia serve --config endpoints.toml
#[derive(Args)]
pub(super) struct Serve {
    #[command(flatten)]
    site: Site,
}

impl Serve {
    pub(super) fn run(self) -> Result<(), Failure> {
        let settings = self.site.settings()?;
        let _logging = Logging::start(&settings.log);
        let prober = std::env::current_exe().ok();
        serve(
            settings,
            prober,
            |_| Ok(()),
            |address| {
                // A standard error that is closed leaves nobody to tell.
                let _ = writeln!(std::io::stderr(), "Loggia serves at http://{address}");
            },
        )
        .map_err(|error| match error {
            ServeError::Settings(errors) => errors.into(),
            other => Failure::refused(other),
        })
    }
}
