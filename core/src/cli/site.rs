//! What most commands share: the site they work on, and how they answer.

use std::path::PathBuf;

use clap::Args;

use super::failure::Failure;
use crate::settings::Settings;

/// Which site a command works on.
#[derive(Args)]
pub(super) struct Site {
    /// The site's settings.
    #[arg(long, value_name = "FILE", default_value = "endpoints.toml")]
    pub(super) config: PathBuf,
}

impl Site {
    /// The site's settings, read and checked.
    pub(super) fn settings(&self) -> Result<Settings, Failure> {
        Ok(Settings::load(&self.config)?)
    }
}

/// How a command answers.
#[derive(Args)]
pub(super) struct Answer {
    /// Answers with one line of JSON.
    #[arg(long)]
    pub(super) json: bool,
}
