//! `loggia key import`: jBackend's keys, which go on working.

use std::io::Read;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use super::table::{self, Row};
use super::{Common, RightsArguments, user_id};
use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::cli::site::patience;
use crate::cli::{note, progress, shown};
use crate::settings::Settings;
use crate::store::Pool;
use crate::store::keys::{self, Draft, Rights, State, Strength};

/// Imports jBackend's keys from a file; all of them, or none where one cannot be.
///
/// The file is CSV with a heading as jBackend names its columns (key, user_id, daily_requests,
/// expiration_date, comment, published), or one key a line. Keys are stored hashed; clients keep theirs.
#[derive(Args)]
#[command(
    after_help = "Example: loggia key import jbackend_keys.csv --endpoint shop --default-request"
)]
pub(super) struct Import {
    /// The file; - is standard input.
    file: PathBuf,
    #[command(flatten)]
    rights: RightsArguments,
    #[command(flatten)]
    common: Common,
}

/// One imported key; never all of it.
#[derive(Serialize)]
struct Facts {
    id: i64,
    line: usize,
    comment: String,
    /// Whether whoever has the database could guess it.
    guessable: bool,
}

/// Why the whole import was taken back.
enum Stop {
    Refused(String),
    Database(diesel::result::Error),
}

impl From<diesel::result::Error> for Stop {
    fn from(error: diesel::result::Error) -> Self {
        Self::Database(error)
    }
}

impl Import {
    pub(super) fn run(self, output: &mut Output) -> Result<(), Failure> {
        let (settings, pool) = self.common.open()?;
        let rows = table::read(&text_of(&self.file)?).map_err(Failure::Refused)?;
        let rights = self.rights.over(Rights::default(), &settings)?;
        let drafts = drafts(&settings, &pool, &rights, rows)?;
        let facts = store(&pool, &drafts)?;
        let guessable = facts.iter().filter(|one| one.guessable).count();
        if guessable > 0 {
            note(&format!(
                "{guessable} of these keys are short or simple enough to be guessed; rotate them soon"
            ));
        }
        output.facts(self.common.answer.json, &facts, |facts| {
            shown::rows_of(facts)
        })
    }
}

fn text_of(file: &Path) -> Result<String, Failure> {
    if file == Path::new("-") {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text)?;
        return Ok(text);
    }
    std::fs::read_to_string(file)
        .map_err(|error| Failure::Refused(format!("{}: {error}", file.display())))
}

fn drafts(
    settings: &Settings,
    pool: &Pool,
    rights: &Rights,
    rows: Vec<Row>,
) -> Result<Vec<(Row, Draft)>, Failure> {
    let draft = |row: Row| {
        let user = Some(row.user.as_str()).filter(|user| !user.is_empty());
        let user_id = user_id(settings, pool, user).map_err(|_| {
            Failure::Refused(format!(
                "line {}: there is no account `{}`",
                row.line, row.user
            ))
        })?;
        let draft = Draft {
            user_id: user_id.unwrap_or(0),
            rights: rights.clone(),
            daily_requests: row.daily_requests,
            expires_ms: row.expires_ms,
            comment: row.comment.clone(),
            state: State::from_number(row.published),
        };
        Ok((row, draft))
    };
    rows.into_iter().map(draft).collect()
}

/// Stores all in one transaction.
fn store(pool: &Pool, drafts: &[(Row, Draft)]) -> Result<Vec<Facts>, Failure> {
    let bar = progress::bar(drafts.len(), "importing keys");
    let mut connection = pool.write(patience())?;
    let stored = connection.transaction(|connection| {
        let import = |(row, draft): &(Row, Draft)| {
            bar.inc(1);
            let imported = keys::import(connection, draft, &row.key)
                .map_err(|error| Stop::Refused(format!("line {}: {error}", row.line)))?;
            Ok(Facts {
                id: imported.key.id,
                line: row.line,
                comment: imported.key.comment,
                guessable: imported.strength == Strength::Guessable,
            })
        };
        drafts.iter().map(import).collect::<Result<Vec<_>, Stop>>()
    });
    bar.finish_and_clear();
    stored.map_err(|stop| match stop {
        Stop::Refused(text) => Failure::Refused(format!("{text}; nothing was imported")),
        Stop::Database(error) => error.into(),
    })
}
