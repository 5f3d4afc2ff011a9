//! `loggia migrate`: the tables of a site, brought up to date without serving.

use clap::Args;
use serde::Serialize;

use super::failure::Failure;
use super::output::Output;
use super::shown;
use super::site::{Answer, Site};
use super::time;
use crate::store::{core_migrations, migration};

/// Brings the host's tables up to date, as every start of a node does, and says what has run.
#[derive(Args)]
#[command(after_help = "Example: loggia migrate --config endpoints.toml --check")]
pub(super) struct Migrate {
    #[command(flatten)]
    site: Site,
    /// Changes nothing; exit status 1 where something is missing.
    #[arg(long)]
    check: bool,
    #[command(flatten)]
    answer: Answer,
}

#[derive(Serialize)]
struct Row {
    owner: String,
    name: String,
    applied: Option<String>,
}

impl Migrate {
    pub(super) fn run(self, output: &mut Output) -> Result<(), Failure> {
        let settings = self.site.settings()?;
        let migrations = core_migrations();
        let pool = Site::open(&settings)?;
        if !self.check {
            migration::migrate(&pool, &migrations).map_err(Failure::refused)?;
        }
        let status = migration::status(&pool, &migrations).map_err(Failure::refused)?;
        let rows: Vec<_> = status.into_iter().map(Row::of).collect();
        let missing = rows.iter().filter(|row| row.applied.is_none()).count();
        output.facts(self.answer.json, &rows, |rows| shown::rows_of(rows))?;
        match missing {
            0 => Ok(()),
            _ => Err(Failure::refused(format!(
                "{missing} migrations are missing"
            ))),
        }
    }
}

impl Row {
    fn of(status: migration::Status) -> Self {
        let applied = status.applied_ms.map(time::shown);
        Self {
            owner: status.owner,
            name: status.name,
            applied,
        }
    }
}
