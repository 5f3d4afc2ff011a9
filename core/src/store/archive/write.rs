//! Making a backup while everything runs.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use loggia_abi::rows::{Cell, Reader};
use loggia_sql::Dialect;
use serde_json::Value;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::manifest::{FILES, FORMAT, MANIFEST, Manifest, Table};
use super::session::{Session, number, quoted};
use super::{ArchiveError, Files, Progress, Summary, cell, tables};
use crate::store::migration::now_ms;
use crate::store::pool::Pool;

/// How many rows are in memory at a time.
const PAGE: i64 = 500;

type Archive = ZipWriter<BufWriter<File>>;

/// Writes every table and every stored file to the file `path`.
///
/// The archive is complete or absent: it grows beside `path` and takes its name at the end. Only its owner
/// can read it, because it holds password hashes.
///
/// # Errors
/// See [`ArchiveError`].
pub fn backup(
    pool: &Pool,
    files: &dyn Files,
    path: &Path,
    progress: &mut dyn FnMut(Progress<'_>),
) -> Result<Summary, ArchiveError> {
    let unfinished = unfinished(path);
    let result = write(pool, files, &unfinished, progress)
        .and_then(|summary| finish(&unfinished, path).map(|()| summary));
    if result.is_err() {
        // The first failure is the one worth telling.
        let _ = fs::remove_file(&unfinished);
    }
    result
}

fn unfinished(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    path.with_file_name(name)
}

fn finish(unfinished: &Path, path: &Path) -> Result<(), ArchiveError> {
    fs::rename(unfinished, path).map_err(ArchiveError::file(path))?;
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let opened = File::open(folder).and_then(|folder| folder.sync_all());
    opened.map_err(ArchiveError::file(folder))
}

fn write(
    pool: &Pool,
    files: &dyn Files,
    path: &Path,
    progress: &mut dyn FnMut(Progress<'_>),
) -> Result<Summary, ArchiveError> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    let file = options.open(path).map_err(ArchiveError::file(path))?;
    let mut session = Session::snapshot(pool)?;
    let mut writer = Writer {
        archive: ZipWriter::new(BufWriter::new(file)),
        path,
        summary: Summary::default(),
        progress,
        total: 0,
    };
    let manifest = writer.tables(&mut session)?;
    drop(session);
    writer.files(files, manifest)?;
    writer.finish()
}

struct Writer<'w> {
    archive: Archive,
    path: &'w Path,
    summary: Summary,
    progress: &'w mut dyn FnMut(Progress<'_>),
    total: u64,
}

impl Writer<'_> {
    fn tables(&mut self, session: &mut Session) -> Result<Manifest, ArchiveError> {
        let mut manifest = Manifest {
            format: FORMAT,
            program: env!("CARGO_PKG_VERSION").to_owned(),
            created_ms: now_ms(),
            migrations: tables::migrations(session)?,
            tables: tables::tables(session)?,
            files: 0,
        };
        for table in &mut manifest.tables {
            let sql = format!("SELECT COUNT(*) FROM {}", quoted(&table.name));
            let rows = session.number(&sql, &[])?.unwrap_or(0);
            self.total += u64::try_from(rows).unwrap_or(0);
        }
        for table in &mut manifest.tables {
            self.archive.start_file(table.entry(), deflated())?;
            table.rows = match session.dialect {
                Dialect::Sqlite => self.pages_by_rowid(session, table)?,
                Dialect::Postgresql => self.pages_by_cursor(session, table)?,
            };
            self.summary.tables += 1;
            self.summary.rows += table.rows;
        }
        Ok(manifest)
    }

    fn pages_by_rowid(
        &mut self,
        session: &mut Session,
        table: &Table,
    ) -> Result<u64, ArchiveError> {
        let columns = tables::column_list(&table.columns);
        let sql = format!(
            "SELECT rowid AS \"loggia_rowid\", {columns} FROM {} WHERE rowid > $1 ORDER BY rowid LIMIT {PAGE}",
            quoted(&table.name)
        );
        // The lowest possible number needs a query of its own, because nothing is below it.
        let first = sql.replace("WHERE rowid > $1 ", "");
        let (mut rows, mut last) = (0, None);
        loop {
            let page = match last {
                None => session.rows(&first, &[])?,
                Some(last) => session.rows(&sql, &[number(last)])?,
            };
            let (count, reached) = self.page(page, table, 1)?;
            rows += count;
            match reached {
                Some(Value::Number(reached)) => last = reached.as_i64(),
                _ => return Ok(rows),
            }
        }
    }

    fn pages_by_cursor(
        &mut self,
        session: &mut Session,
        table: &Table,
    ) -> Result<u64, ArchiveError> {
        let columns = tables::column_list(&table.columns);
        // A cursor's name stands for the columns in the server's prepared statements, so each has its own.
        let cursor = quoted(&format!("loggia_backup_{}", self.summary.tables));
        let select = format!("SELECT {columns} FROM {}", quoted(&table.name));
        session.run(
            &format!("DECLARE {cursor} NO SCROLL CURSOR FOR {select}"),
            &[],
        )?;
        let fetch = format!("FETCH {PAGE} FROM {cursor}");
        let mut rows = 0;
        loop {
            let page = session.rows(&fetch, &[])?;
            match self.page(page, table, 0)? {
                (0, _) => break,
                (count, _) => rows += count,
            }
        }
        session.run(&format!("CLOSE {cursor}"), &[])?;
        Ok(rows)
    }

    /// Writes a page without its first `skipped` columns, and gives how many rows it had and the first
    /// cell of the last one.
    fn page(
        &mut self,
        mut page: Reader<'_>,
        table: &Table,
        skipped: usize,
    ) -> Result<(u64, Option<Value>), ArchiveError> {
        let (mut cells, mut line) = (Vec::<Cell<'_>>::new(), Vec::new());
        let (mut rows, mut last) = (0, None);
        while page.next_row(&mut cells) {
            let row: Vec<Value> = cells[skipped..]
                .iter()
                .copied()
                .map(cell::to_json)
                .collect();
            line.clear();
            serde_json::to_writer(&mut line, &row).map_err(ArchiveError::damaged)?;
            line.push(b'\n');
            self.archive
                .write_all(&line)
                .map_err(ArchiveError::file(self.path))?;
            rows += 1;
            last = cells.first().copied().map(cell::to_json);
        }
        (self.progress)(Progress {
            what: &table.name,
            done: self.summary.rows + rows,
            total: self.total,
        });
        Ok((rows, last))
    }

    fn files(&mut self, files: &dyn Files, mut manifest: Manifest) -> Result<(), ArchiveError> {
        // The archive may grow in the very folder that it takes in.
        let found = files.paths(self.path).map_err(ArchiveError::Files)?;
        self.total += u64::try_from(found.len()).unwrap_or(0);
        for path in &found {
            self.file(files, path)?;
        }
        manifest.files = self.summary.files;
        self.archive.start_file(MANIFEST, deflated())?;
        serde_json::to_writer_pretty(&mut self.archive, &manifest).map_err(ArchiveError::damaged)
    }

    /// Stores one file as it is: packages are compressed already.
    fn file(&mut self, files: &dyn Files, path: &str) -> Result<(), ArchiveError> {
        let (length, bytes) = match files.open(path) {
            // It was removed since the files were listed; no row of the snapshot's moment may miss it, or the
            // module removed a file that its rows still name.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            opened => opened.map_err(ArchiveError::file(Path::new(path)))?,
        };
        let stored = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Stored)
            .large_file(true)
            .unix_permissions(0o600);
        self.archive.start_file(format!("{FILES}{path}"), stored)?;
        // A stored file does not grow; one that does is not stored by us, and must not keep us for ever.
        let bytes = io::copy(&mut bytes.take(length), &mut self.archive);
        let bytes = bytes.map_err(ArchiveError::file(Path::new(path)))?;
        self.summary.files += 1;
        self.summary.files_bytes += bytes;
        (self.progress)(Progress {
            what: path,
            done: self.summary.rows + self.summary.files,
            total: self.total,
        });
        Ok(())
    }

    fn finish(self) -> Result<Summary, ArchiveError> {
        let written = self.archive.finish()?;
        let file = written.into_inner().map_err(io::IntoInnerError::into_error);
        let synced = file.and_then(|file| file.sync_all());
        synced.map_err(ArchiveError::file(self.path))?;
        Ok(self.summary)
    }
}

fn deflated() -> SimpleFileOptions {
    SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .large_file(true)
        .unix_permissions(0o600)
}
