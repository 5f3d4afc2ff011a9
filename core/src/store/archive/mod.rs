//! Backup and restore: one file with every table and every stored file, from one moment.
//!
//! The archive is a ZIP file: `manifest.json` (what is in it, and the migrations with their texts),
//! `tables/NAME.ndjson` (a JSON array for each row) and `files/...`. It says the same whichever database it
//! came from, so it can be restored into either.
//!
//! A backup reads inside one transaction that sees one moment: a reader's on SQLite, REPEATABLE READ on
//! PostgreSQL. Writers do not wait for it. A stored file is never changed and is there before the row that
//! names it, so copying the files after the moment of the rows misses none that the rows name.

mod cell;
mod manifest;
mod read;
mod session;
mod tables;
mod write;

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::failure::Failure;
use super::pool::Pool;
use session::Session;

pub use read::restore;
pub use write::backup;

/// The stored files, wherever they are kept.
pub trait Files {
    /// The paths of all files, in order, without one that may be among them: the archive in the making.
    fn paths(&self, except: &Path) -> io::Result<Vec<String>>;
    /// The size and the bytes of a file.
    fn open(&self, path: &str) -> io::Result<(u64, Box<dyn Read + Send>)>;
    /// Stores what can be read under a path that no file has, and gives how much it was.
    fn restore(&self, path: &str, bytes: &mut dyn Read) -> io::Result<u64>;
}

/// What a backup or a restore moved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Tables.
    pub tables: u64,
    /// Rows of all tables.
    pub rows: u64,
    /// Stored files.
    pub files: u64,
    /// Bytes of the stored files.
    pub files_bytes: u64,
}

/// How far it is, for a progress bar.
#[derive(Clone, Copy, Debug)]
pub struct Progress<'a> {
    /// The table or the file at work.
    pub what: &'a str,
    /// Rows and files that are done.
    pub done: u64,
    /// Rows and files in all, as far as known now.
    pub total: u64,
}

/// Why there is no backup, or nothing was restored.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// A file or a folder could not be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// Which one.
        path: PathBuf,
        /// What stood in the way.
        source: io::Error,
    },
    /// The archive cannot be read or written.
    #[error("the archive is damaged or no archive: {0}")]
    Archive(#[from] zip::result::ZipError),
    /// Its content is not what it should be.
    #[error("the archive is damaged: {0}")]
    Damaged(String),
    /// A newer version made it.
    #[error(
        "the archive was made by Loggia {program} and cannot be restored by Loggia {ours}: {reason}",
        ours = env!("CARGO_PKG_VERSION")
    )]
    Newer {
        /// The version that made it.
        program: String,
        /// What this one does not know.
        reason: String,
    },
    /// The database has tables.
    #[error("the database is not empty (it has the table `{0}`); restore into an empty one")]
    DatabaseNotEmpty(String),
    /// There are stored files.
    #[error("the file store is not empty (it has `{0}`); restore into an empty one")]
    FilesNotEmpty(String),
    /// The files could not be listed.
    #[error("the file store: {0}")]
    Files(io::Error),
    /// The database refused.
    #[error("{what}: {reason}")]
    Database {
        /// At what.
        what: String,
        /// What it said.
        reason: String,
    },
}

/// Every row of every table, in a spelling that does not depend on the database; for comparing two.
pub(super) fn content(pool: &Pool) -> Result<String, ArchiveError> {
    let mut session = Session::snapshot(pool)?;
    let mut lines = Vec::new();
    for table in tables::tables(&mut session)? {
        let columns = tables::column_list(&table.columns);
        let sql = format!("SELECT {columns} FROM {}", session::quoted(&table.name));
        let mut rows = session.rows(&sql, &[])?;
        let mut cells = Vec::new();
        while rows.next_row(&mut cells) {
            let row: Vec<String> = cells.iter().map(|cell| cell::common(*cell)).collect();
            lines.push(format!("{} {}\n", table.name, row.join(" | ")));
        }
    }
    lines.sort();
    Ok(lines.concat())
}

impl ArchiveError {
    fn file(path: &Path) -> impl FnOnce(io::Error) -> Self + '_ {
        |source| ArchiveError::File {
            path: path.to_owned(),
            source,
        }
    }

    fn database(what: &str, failure: Failure) -> Self {
        ArchiveError::Database {
            what: what.to_owned(),
            reason: failure.text,
        }
    }

    fn damaged(what: impl ToString) -> Self {
        ArchiveError::Damaged(what.to_string())
    }
}
