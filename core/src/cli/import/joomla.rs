//! `loggia import joomla`.

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::cli::site::{Answer, Site};
use crate::cli::{moving, progress};
use crate::moving::import::import;
use crate::moving::joomla;
use crate::moving::report::Report;
use crate::moving::source;
use crate::settings::Settings;

/// Where the proposed endpoints go, beside the settings.
const PROPOSAL: &str = "endpoints.joomla.toml";

/// Moves a Joomla site in: accounts, groups, view levels, keys, and what the modules keep, with their ids.
///
/// It can be run again: what changed there since comes over, and [import] in the settings says whose change stays
/// where both sites have changed the same. Nothing is changed there.
#[derive(Args)]
#[command(
    after_help = "Example: loggia import joomla --database mysql://reader:secret@127.0.0.1/joomla --prefix jos_ --dry-run"
)]
pub(super) struct Joomla {
    #[command(flatten)]
    database: Database,
    /// What the names of its tables begin with.
    #[arg(long, value_name = "TEXT", default_value = "jos_")]
    prefix: String,
    /// Joomla's folder: the files that rows refer to are moved in too, and it tells the types of ZOO's items.
    #[arg(long, value_name = "FOLDER")]
    files: Option<PathBuf>,
    /// Only reports what would be done.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    site: Site,
    #[command(flatten)]
    answer: Answer,
}

/// Where the database is.
#[derive(Args)]
#[group(required = true, multiple = false)]
struct Database {
    /// Joomla's database, as mysql://USER:PASSWORD@HOST/DATABASE or postgres://..., or a file with an SQL dump of it.
    /// Others on this machine may see a password in the list of processes.
    #[arg(long, value_name = "URL|FILE")]
    database: Option<String>,
    /// A file with that address in it.
    #[arg(long, value_name = "FILE")]
    database_file: Option<PathBuf>,
}

impl Database {
    fn address(&self) -> Result<String, Failure> {
        let Some(path) = &self.database_file else {
            return Ok(self.database.clone().unwrap_or_default());
        };
        let text = std::fs::read_to_string(path)
            .map_err(|error| Failure::Refused(format!("{}: {error}", path.display())))?;
        Ok(text.trim().to_owned())
    }
}

#[derive(Serialize)]
struct Facts {
    dry_run: bool,
    #[serde(flatten)]
    report: Report,
    /// The file with the proposed endpoints.
    #[serde(skip_serializing_if = "Option::is_none")]
    endpoints: Option<String>,
}

impl Joomla {
    pub(super) fn run(self, output: &mut Output) -> Result<(), Failure> {
        let settings = self.site.settings()?;
        if !joomla::Site::is_prefix(&self.prefix) {
            return Err(Failure::Usage(
                "loggia: a prefix of tables has letters, digits and _ only".to_owned(),
            ));
        }
        let mut site = self.source()?;
        let proposal = joomla::proposal(&mut site)?;
        let endpoints = proposal
            .map(|text| self.write(&settings, &text))
            .transpose()?;
        let report = moving::with_house(settings, |house| {
            let bar = progress::bar(0, "importing");
            let report = import(house, &mut site, self.dry_run, &mut |step| {
                bar.set_length(step.total);
                bar.set_message(format!("importing {}", step.table));
                bar.inc(step.done);
            });
            bar.finish_and_clear();
            Ok(report?)
        })?;
        let facts = Facts {
            dry_run: self.dry_run,
            report,
            endpoints,
        };
        output.facts(self.answer.json, &facts, |facts| {
            let proposed = facts.endpoints.as_ref();
            let mut lines = vec![moving::shown(&facts.report)];
            lines.extend(proposed.map(|path| format!("endpoints are proposed in {path}")));
            lines.extend(facts.dry_run.then(|| "nothing was written".to_owned()));
            lines.join("\n")
        })
    }

    fn source(&self) -> Result<joomla::Site, Failure> {
        let bar = progress::bar(0, "reading the dump");
        let wanted =
            |table: &str| table.starts_with(&self.prefix) || table.ends_with("_usergroups");
        let source = source::open(&self.database.address()?, &wanted, &mut |reading| {
            bar.set_length(reading.total);
            bar.set_position(reading.done);
        });
        bar.finish_and_clear();
        Ok(joomla::Site::new(
            source?,
            &self.prefix,
            self.files.clone(),
        )?)
    }

    /// Writes the proposed endpoints beside the settings; a dry run only names the file.
    fn write(&self, settings: &Settings, text: &str) -> Result<String, Failure> {
        let path: &Path = &settings.folder().join(PROPOSAL);
        if !self.dry_run {
            std::fs::write(path, text)
                .map_err(|error| Failure::Refused(format!("{}: {error}", path.display())))?;
        }
        Ok(path.display().to_string())
    }
}
