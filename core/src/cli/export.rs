//! `loggia export`: everything that a site holds, so that it can leave as easily as it came.

use std::fs::OpenOptions;
use std::io::{BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::failure::Failure;
use super::output::Output;
use super::site::Site;
use super::{moving, note, progress};
use crate::moving::keepers::keepers;
use crate::moving::lines::{self, Chosen};

/// Writes what a site holds.
#[derive(Args)]
pub(super) struct Export {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Ndjson(Ndjson),
}

/// Writes all records as NDJSON: one JSON object a line, the same format for accounts, groups, keys and all modules.
///
/// Without a file the lines go to standard output, and what is said of them to standard error.
#[derive(Args)]
#[command(after_help = "Example: loggia export ndjson --module content > content.ndjson")]
struct Ndjson {
    /// Only the records of this module; core is accounts, groups and keys (may be given several times).
    #[arg(long = "module", value_name = "NAME")]
    modules: Vec<String>,
    /// The hashes of passwords and keys too. Keep such a file as you keep the database.
    #[arg(long)]
    with_secrets: bool,
    /// The file to write, readable by its owner alone; it must not be there.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    site: Site,
}

impl Export {
    pub(super) fn run(self, output: &mut Output) -> Result<(), Failure> {
        match self.command {
            Command::Ndjson(ndjson) => ndjson.run(output),
        }
    }
}

impl Ndjson {
    fn run(self, output: &mut Output) -> Result<(), Failure> {
        let settings = self.site.settings()?;
        let chosen = Chosen {
            modules: self.modules,
            with_secrets: self.with_secrets,
        };
        let mut file = self.output.as_deref().map(private).transpose()?;
        let report = moving::with_house(settings, |house| {
            let spinner = progress::spinner("exporting");
            let mut done = 0;
            let out: &mut dyn Write = match &mut file {
                Some(file) => file,
                None => output.writer(),
            };
            let report = lines::export(&keepers(house), &chosen, out, &mut |kind, count| {
                done += count;
                spinner.set_message(format!("exporting {kind}: {done}"));
            });
            spinner.finish_and_clear();
            Ok(report?)
        })?;
        for line in &report.tables {
            note(&format!("{} {}: {}", line.module, line.kind, line.taken));
        }
        report.notes.iter().for_each(|text| note(text));
        Ok(())
    }
}

/// A new file that only its owner reads.
fn private(path: &Path) -> Result<BufWriter<std::fs::File>, Failure> {
    let file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path);
    let file = file.map_err(|error| Failure::Refused(format!("{}: {error}", path.display())))?;
    Ok(BufWriter::new(file))
}
