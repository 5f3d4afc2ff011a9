//! Bringing a backup back, into an empty database and an empty file store.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;

use loggia_abi::Value as Bind;
use serde_json::Value;
use zip::ZipArchive;

use super::cell::{self, Restored};
use super::manifest::{FILES, FORMAT, MANIFEST, Manifest, Table};
use super::session::{Session, quoted};
use super::tables::{self, Deferred};
use super::{ArchiveError, Files, Progress, Summary};
use crate::store::core_migrations;
use crate::store::migration::{TABLE, filled_in};
use crate::store::pool::Pool;

/// How many binds one statement may have; SQLite's bound is the lower one.
const BINDS: usize = 32_000;
/// How many rows one statement may insert.
const ROWS: usize = 500;

type Archive = ZipArchive<BufReader<File>>;

/// Restores the archive `path` into the pool's database and the file store, which are both empty.
/// The tables are those of the moment of the backup; the next start brings them up to date.
///
/// The database is restored whole or not at all; files that were written before a failure stay.
///
/// # Errors
/// See [`ArchiveError`].
pub fn restore(
    pool: &Pool,
    files: &dyn Files,
    path: &Path,
    progress: &mut dyn FnMut(Progress<'_>),
) -> Result<Summary, ArchiveError> {
    let file = File::open(path).map_err(ArchiveError::file(path))?;
    let mut archive = ZipArchive::new(BufReader::new(file))?;
    let manifest = manifest(&mut archive)?;
    refuse_newer(&manifest)?;
    refuse_files(files)?;
    let mut session = Session::writing(pool)?;
    if let Some(table) = tables::names(&mut session)?.into_iter().next() {
        return Err(ArchiveError::DatabaseNotEmpty(table));
    }
    make_tables(&mut session, &manifest)?;
    let rows: u64 = manifest.tables.iter().map(|table| table.rows).sum();
    let mut reader = Reader {
        archive,
        summary: Summary::default(),
        progress,
        total: rows + manifest.files,
    };
    reader.tables(&mut session, &manifest)?;
    reader.files(files, &manifest)?;
    renew_search(&mut session, &manifest)?;
    session.commit()?;
    Ok(reader.summary)
}

/// The restored site gets search indexes of its own: those of the other one may lie in a folder of this machine, and know of
/// what was written there later.
fn renew_search(session: &mut Session, manifest: &Manifest) -> Result<(), ArchiveError> {
    if manifest
        .tables
        .iter()
        .any(|table| table.name == "search_state")
    {
        let sql = r#"UPDATE "search_state" SET "generation" = 1 WHERE "generation" > 1"#;
        session.run(sql, &[])?;
    }
    Ok(())
}

fn manifest(archive: &mut Archive) -> Result<Manifest, ArchiveError> {
    let entry = archive.by_name(MANIFEST)?;
    serde_json::from_reader(BufReader::new(entry)).map_err(ArchiveError::damaged)
}

fn refuse_newer(manifest: &Manifest) -> Result<(), ArchiveError> {
    let newer = |reason: String| {
        Err(ArchiveError::Newer {
            program: manifest.program.clone(),
            reason,
        })
    };
    if manifest.format > FORMAT {
        return newer(format!(
            "it has the form {}, known is {FORMAT}",
            manifest.format
        ));
    }
    let known = core_migrations();
    let unknown = manifest
        .migrations
        .iter()
        .find(|ran| ran.owner == "core" && known.iter().all(|known| known.name != ran.name));
    match unknown {
        Some(ran) => newer(format!("it has the migration `{}` of core", ran.name)),
        None => Ok(()),
    }
}

fn refuse_files(files: &dyn Files) -> Result<(), ArchiveError> {
    let found = files.paths(Path::new("")).map_err(ArchiveError::Files)?;
    match found.into_iter().next() {
        Some(path) => Err(ArchiveError::FilesNotEmpty(path)),
        None => Ok(()),
    }
}

/// Makes the tables as they were, by the very migrations that had made them.
fn make_tables(session: &mut Session, manifest: &Manifest) -> Result<(), ArchiveError> {
    session.batch("the record of migrations", TABLE)?;
    for ran in &manifest.migrations {
        let what = format!("the migration `{}` of {}", ran.name, ran.owner);
        session.batch(&what, &filled_in(&ran.up, session.dialect))?;
        tables::record(session, ran)?;
    }
    Ok(())
}

struct Reader<'r> {
    archive: Archive,
    summary: Summary,
    progress: &'r mut dyn FnMut(Progress<'_>),
    total: u64,
}

impl Reader<'_> {
    fn tables(&mut self, session: &mut Session, manifest: &Manifest) -> Result<(), ArchiveError> {
        let deferred = Deferred::begin(session)?;
        // Migrations may have brought rows of their own.
        for table in &manifest.tables {
            session.run(&format!("DELETE FROM {}", quoted(&table.name)), &[])?;
        }
        for table in &manifest.tables {
            self.table(session, table)?;
            tables::set_last_id(session, table)?;
            self.summary.tables += 1;
        }
        deferred.end(session)
    }

    fn table(&mut self, session: &mut Session, table: &Table) -> Result<(), ArchiveError> {
        let kinds = kinds(session, table)?;
        let entry = self.archive.by_name(&table.entry())?;
        let page = (BINDS / table.columns.len().max(1)).clamp(1, ROWS);
        let (mut values, mut rows, mut waiting) = (Vec::new(), 0, 0);
        for line in BufReader::new(entry).lines() {
            let line = line.map_err(ArchiveError::damaged)?;
            values.extend(row(&line, &kinds)?);
            waiting += 1;
            if waiting == page {
                insert(session, table, &values)?;
                values.clear();
                rows += std::mem::take(&mut waiting) as u64;
                (self.progress)(Progress {
                    what: &table.name,
                    done: self.summary.rows + rows,
                    total: self.total,
                });
            }
        }
        if waiting > 0 {
            insert(session, table, &values)?;
        }
        rows += waiting as u64;
        if rows != table.rows {
            let text = format!("{} has {rows} rows instead of {}", table.name, table.rows);
            return Err(ArchiveError::damaged(text));
        }
        self.summary.rows += rows;
        Ok(())
    }

    fn files(&mut self, files: &dyn Files, manifest: &Manifest) -> Result<(), ArchiveError> {
        for index in 0..self.archive.len() {
            let mut entry = self.archive.by_index(index)?;
            let Some(key) = entry.name()?.strip_prefix(FILES).map(str::to_owned) else {
                continue;
            };
            let bytes = files.restore(&key, &mut entry);
            let bytes = bytes.map_err(ArchiveError::file(Path::new(&key)))?;
            self.summary.files += 1;
            self.summary.files_bytes += bytes;
            (self.progress)(Progress {
                what: &key,
                done: self.summary.rows + self.summary.files,
                total: self.total,
            });
        }
        if self.summary.files == manifest.files {
            return Ok(());
        }
        Err(ArchiveError::damaged("stored files are missing"))
    }
}

/// The kinds of the archive's columns in the table as it was made.
fn kinds(session: &mut Session, table: &Table) -> Result<Vec<Option<u32>>, ArchiveError> {
    let columns = tables::columns(session, &table.name)?;
    let kinds = table.columns.iter().map(|name| {
        let column = columns.iter().find(|column| column.name == *name);
        let missing = || ArchiveError::damaged(format!("{} has no column {name}", table.name));
        column.map(|column| column.kind).ok_or_else(missing)
    });
    kinds.collect()
}

fn row(line: &str, kinds: &[Option<u32>]) -> Result<Vec<Restored>, ArchiveError> {
    let values: Vec<Value> = serde_json::from_str(line).map_err(ArchiveError::damaged)?;
    if values.len() != kinds.len() {
        return Err(ArchiveError::damaged(
            "a row has too few or too many values",
        ));
    }
    let values = values.iter().zip(kinds);
    values
        .map(|(value, kind)| cell::from_json(value, *kind))
        .collect()
}

/// Inserts rows whose values stand one after the other.
fn insert(session: &mut Session, table: &Table, values: &[Restored]) -> Result<(), ArchiveError> {
    let width = table.columns.len();
    let rows: Vec<String> = (0..values.len() / width)
        .map(|row| {
            let places: Vec<String> = (1..=width)
                .map(|column| format!("${}", row * width + column))
                .collect();
            format!("({})", places.join(", "))
        })
        .collect();
    let sql = format!(
        "INSERT INTO {} ({}) VALUES {}",
        quoted(&table.name),
        tables::column_list(&table.columns),
        rows.join(", ")
    );
    let binds: Vec<Bind<'_>> = values.iter().map(Restored::bind).collect();
    session.run(&sql, &binds).map_err(|error| match error {
        ArchiveError::Database { reason, .. } => ArchiveError::Database {
            what: format!("the table {}", table.name),
            reason,
        },
        other => other,
    })?;
    Ok(())
}
