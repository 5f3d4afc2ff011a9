//! `loggia import`: records of another Loggia, or a whole Joomla site.

mod joomla;

use std::fs::File;
use std::io::{BufRead, BufReader, stdin};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::failure::Failure;
use super::output::Output;
use super::site::{Answer, Site};
use super::{moving, progress};
use crate::moving::keepers::keepers;
use crate::moving::lines;

/// Takes what another site holds.
#[derive(Args)]
pub(super) struct Import {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Ndjson(Ndjson),
    Joomla(joomla::Joomla),
}

/// Takes the lines that `loggia export ndjson` wrote: what has the same id is replaced.
///
/// A record that breaks a rule is left out and told; all others are taken.
#[derive(Args)]
#[command(after_help = "Example: loggia import ndjson site.ndjson --config endpoints.toml")]
struct Ndjson {
    /// The file; - is standard input.
    file: PathBuf,
    #[command(flatten)]
    site: Site,
    #[command(flatten)]
    answer: Answer,
}

impl Import {
    pub(super) fn run(self, output: &mut Output) -> Result<(), Failure> {
        match self.command {
            Command::Ndjson(ndjson) => ndjson.run(output),
            Command::Joomla(joomla) => joomla.run(output),
        }
    }
}

impl Ndjson {
    fn run(self, output: &mut Output) -> Result<(), Failure> {
        let settings = self.site.settings()?;
        let (mut input, bytes) = opened(&self.file)?;
        let report = moving::with_house(settings, |house| {
            let bar = progress::bar(usize::try_from(bytes).unwrap_or(usize::MAX), "importing");
            let report = lines::import(&keepers(house), &mut *input, &mut |kind, bytes| {
                bar.set_message(format!("importing {kind}"));
                bar.inc(bytes);
            });
            bar.finish_and_clear();
            Ok(report?)
        })?;
        let skipped: u64 = report.tables.iter().map(|line| line.skipped).sum();
        output.facts(self.answer.json, &report, moving::shown)?;
        if skipped > 0 {
            return Err(Failure::Refused(format!(
                "{skipped} records were not taken"
            )));
        }
        Ok(())
    }
}

fn opened(path: &Path) -> Result<(Box<dyn BufRead>, u64), Failure> {
    if path == Path::new("-") {
        return Ok((Box::new(BufReader::new(stdin())), 0));
    }
    let said = |error: std::io::Error| Failure::Refused(format!("{}: {error}", path.display()));
    let file = File::open(path).map_err(said)?;
    let bytes = file.metadata().map_err(said)?.len();
    Ok((Box::new(BufReader::new(file)), bytes))
}
