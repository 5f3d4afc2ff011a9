//! `loggia backup` and `loggia restore`: everything of a site in one file.

use std::path::PathBuf;

use clap::Args;
use indicatif::ProgressBar;

use super::failure::Failure;
use super::output::Output;
use super::progress;
use super::site::{Answer, Site};
use crate::service::files::FileStore;
use crate::settings::Settings;
use crate::store::archive::{self, ArchiveError, Progress, Summary};

/// Writes every table and every stored file to one file, from one moment, while the site serves.
///
/// The file holds password hashes; only its owner can read it. Settings are not in it.
#[derive(Args)]
#[command(after_help = "Example: loggia backup --config endpoints.toml loggia-2027-01-31.zip")]
pub(super) struct Backup {
    /// The file to write.
    file: PathBuf,
    #[command(flatten)]
    site: Site,
    #[command(flatten)]
    answer: Answer,
}

/// Brings a backup back into an empty database, of either kind, and an empty file store.
#[derive(Args)]
#[command(after_help = "Example: loggia restore --config endpoints.toml loggia-2027-01-31.zip")]
pub(super) struct Restore {
    /// The file that `loggia backup` wrote.
    file: PathBuf,
    #[command(flatten)]
    site: Site,
    #[command(flatten)]
    answer: Answer,
}

impl Backup {
    pub(super) fn run(self, output: &mut Output) -> Result<(), Failure> {
        let settings = self.site.settings()?;
        let (pool, files) = (Site::pool(&settings)?, FileStore::open(&settings.files)?);
        let summary = watched("backup", |progress| {
            archive::backup(&pool, &files, &self.file, progress)
        })?;
        output.object(self.answer.json, &summary)
    }
}

impl Restore {
    pub(super) fn run(self, output: &mut Output) -> Result<(), Failure> {
        let settings: Settings = self.site.settings()?;
        let (pool, files) = (Site::open(&settings)?, FileStore::open(&settings.files)?);
        let summary = watched("restore", |progress| {
            archive::restore(&pool, &files, &self.file, progress)
        })?;
        output.object(self.answer.json, &summary)
    }
}

/// Shows how far the work is.
fn watched(
    what: &str,
    work: impl FnOnce(&mut dyn FnMut(Progress<'_>)) -> Result<Summary, ArchiveError>,
) -> Result<Summary, Failure> {
    let bar: ProgressBar = progress::bar(0, what);
    let summary = work(&mut |progress| {
        bar.set_length(progress.total);
        bar.set_position(progress.done);
    });
    bar.finish_and_clear();
    summary.map_err(Failure::refused)
}
