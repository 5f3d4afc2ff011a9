//! SQLite: how a file is opened, and statements and transactions on it.
//!
//! The driver is rusqlite and not diesel's: diesel copies every bind into lists before it hands it over, tells
//! failures by their text only, and lets nobody set what the brake and stable plans need.

use std::borrow::Cow;
use std::ffi::c_int;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use loggia_abi::code;
use loggia_abi::rows::{Cell, Writer};
use loggia_sql::{Day, TimeOfDay, Timestamp};
use rusqlite::config::DbConfig;
use rusqlite::ffi::{
    ErrorCode, SQLITE_CONSTRAINT_PRIMARYKEY, SQLITE_CONSTRAINT_ROWID, SQLITE_CONSTRAINT_UNIQUE,
};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Connection, Error, OpenFlags, ToSql};

use super::{Bound, Statement, too_long};
use crate::store::Durability;
use crate::store::brake::Brake;
use crate::store::failure::Failure;

/// What a connection may do. SQLite has room for one writer at a time, so there is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) enum Role {
    Reader,
    Writer,
}

/// How long SQLite itself waits for another process before it says that the database is busy. The link asks
/// again until the call's deadline, so this is only how often it looks at the clock.
const BUSY_TIMEOUT: Duration = Duration::from_secs(1);

/// A statement asks its brake after as many steps of SQLite's machine, which takes some ten microseconds.
const STEPS_BETWEEN_LOOKS: c_int = 1_000;

/// The statements that are kept prepared; the one that was not used for longest goes.
const KEPT_STATEMENTS: usize = 200;

/// An open connection to a file.
pub(in crate::store) struct Sqlite {
    connection: Connection,
    role: Role,
    /// How many transactions and savepoints are open.
    depth: u32,
}

/// Opens the file, creating it where there is none. While a statement runs it asks the brake whether to stop.
pub(in crate::store) fn open(
    file: &Path,
    role: Role,
    durability: Durability,
    brake: &Arc<Brake>,
) -> Result<Sqlite, Error> {
    // One thread at a time uses a connection, so SQLite need not guard it; and a name is never read as a URI.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(file, flags)?;
    // Without this SQLite prepares a statement anew whenever its bound LIMIT differs, which costs several times
    // the query.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.set_prepared_statement_cache_capacity(KEPT_STATEMENTS);
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.execute_batch(&pragmas(role, durability))?;
    let brake = Arc::clone(brake);
    connection.progress_handler(STEPS_BETWEEN_LOOKS, Some(move || brake.is_pulled()))?;
    Ok(Sqlite {
        connection,
        role,
        depth: 0,
    })
}

fn pragmas(role: Role, durability: Durability) -> String {
    let synchronous = match durability {
        Durability::Full => "FULL",
        Durability::Normal => "NORMAL",
    };
    let of_role = match role {
        Role::Reader => "PRAGMA query_only = ON",
        // A long log lets pages that many commits touch be copied into the file once.
        Role::Writer => {
            "PRAGMA journal_mode = WAL; PRAGMA journal_size_limit = 67108864; \
             PRAGMA wal_autocheckpoint = 16000"
        }
    };
    format!(
        "PRAGMA synchronous = {synchronous}; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; {of_role}"
    )
}

impl Sqlite {
    /// Whether this is the connection that writes.
    pub(super) fn is_writer(&self) -> bool {
        self.role == Role::Writer
    }

    pub(super) fn depth(&self) -> u32 {
        self.depth
    }

    /// Runs statements one after another.
    pub(super) fn batch(&self, sql: &str) -> Result<(), Failure> {
        Ok(self.connection.execute_batch(sql)?)
    }

    /// Begins a transaction, or a savepoint inside one. On the writer a transaction takes the write lock at
    /// once, so that what it reads cannot be overtaken by what another process writes.
    pub(super) fn begin(&mut self) -> Result<(), Failure> {
        match (self.depth, self.role) {
            (0, Role::Writer) => self.run("BEGIN IMMEDIATE")?,
            (0, Role::Reader) => self.run("BEGIN")?,
            (depth, _) => self.run(&format!("SAVEPOINT loggia_{depth}"))?,
        }
        self.depth += 1;
        Ok(())
    }

    /// Commits the innermost. A transaction that cannot be committed is rolled back.
    pub(super) fn commit(&mut self) -> Result<(), Failure> {
        let committed = match self.depth {
            0 => return Err(Failure::argument("no transaction is open")),
            1 => self.run("COMMIT"),
            depth => self.run(&format!("RELEASE loggia_{}", depth - 1)),
        };
        match committed {
            Ok(()) => self.depth -= 1,
            Err(_) if self.depth == 1 => self.rollback()?,
            Err(_) => {}
        }
        committed
    }

    /// Rolls the innermost back. Some failures have done that already.
    pub(super) fn rollback(&mut self) -> Result<(), Failure> {
        if !self.connection.is_autocommit() {
            match self.depth {
                0 | 1 => self.run("ROLLBACK")?,
                depth => {
                    let name = format!("loggia_{}", depth - 1);
                    self.run(&format!("ROLLBACK TO {name}"))?;
                    self.run(&format!("RELEASE {name}"))?;
                }
            }
        }
        self.depth = self.depth.saturating_sub(1);
        Ok(())
    }

    fn run(&self, sql: &str) -> Result<(), Failure> {
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.raw_execute().map(drop)?)
    }

    pub(super) fn execute(&mut self, statement: &Statement<'_>) -> Result<u64, Failure> {
        let mut prepared = self.prepare(statement)?;
        // One that gives rows is run to its end all the same.
        let mut rows = prepared.raw_query();
        while rows.next()?.is_some() {}
        drop(rows);
        let is_counted = !prepared.readonly() && counts_rows(&statement.sql);
        release(prepared, statement.keep);
        Ok(if is_counted {
            self.connection.changes()
        } else {
            0
        })
    }

    pub(super) fn query(
        &mut self,
        statement: &Statement<'_>,
        rows: &mut Writer,
    ) -> Result<(), Failure> {
        let mut prepared = self.prepare(statement)?;
        let columns = prepared.column_count();
        let mut found = prepared.raw_query();
        let mut is_first = true;
        while let Some(row) = found.next()? {
            if std::mem::take(&mut is_first) {
                rows.columns(row.as_ref().column_names());
            }
            rows.row();
            for column in 0..columns {
                write_cell(row.get_ref(column)?, rows)?;
            }
        }
        drop(found);
        release(prepared, statement.keep);
        Ok(())
    }

    /// A statement with its values bound.
    fn prepare(&self, statement: &Statement<'_>) -> Result<CachedStatement<'_>, Failure> {
        let mut prepared = self.connection.prepare_cached(&statement.sql)?;
        for (place, value) in statement.binds.iter().enumerate() {
            prepared.raw_bind_parameter(place + 1, Bound::read(value)?)?;
        }
        Ok(prepared)
    }
}

/// Gives a statement back to those that are kept prepared, or drops it.
fn release(prepared: CachedStatement<'_>, keep: bool) {
    if !keep {
        prepared.discard();
    }
}

/// Whether SQLite counts the rows of a statement. After any other one it still tells the last count.
fn counts_rows(sql: &str) -> bool {
    let word = sql.trim_start().split(char::is_whitespace).next();
    ["INSERT", "UPDATE", "DELETE", "REPLACE", "WITH"]
        .iter()
        .any(|counted| word.is_some_and(|word| word.eq_ignore_ascii_case(counted)))
}

/// A bind in one of the forms that SQLite stores.
impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let integer = |value: Option<i64>| borrowed(value.map(ValueRef::Integer));
        Ok(match self {
            Bound::Bool(value) => integer(value.map(i64::from)),
            Bound::I16(value) => integer(value.map(i64::from)),
            Bound::I32(value) => integer(value.map(i64::from)),
            Bound::I64(value) => integer(*value),
            Bound::F64(value) => borrowed(value.map(ValueRef::Real)),
            Bound::Text(value) | Bound::Json(value) => {
                borrowed(value.map(|text| ValueRef::Text(text.as_bytes())))
            }
            Bound::Bytes(value) => borrowed(value.map(ValueRef::Blob)),
            Bound::Uuid(value) => borrowed(value.as_ref().map(|uuid| ValueRef::Blob(uuid))),
            Bound::Date(value) => written(value.map(|day| Day(day).to_text())),
            Bound::Time(value) => written(value.map(|us| TimeOfDay(us).to_text())),
            Bound::Timestamp(value) => written(value.map(|us| Timestamp(us).to_text())),
        })
    }
}

fn borrowed(value: Option<ValueRef<'_>>) -> ToSqlOutput<'_> {
    ToSqlOutput::Borrowed(value.unwrap_or(ValueRef::Null))
}

fn written(text: Option<String>) -> ToSqlOutput<'static> {
    text.map_or_else(|| borrowed(None), ToSqlOutput::from)
}

fn write_cell(value: ValueRef<'_>, rows: &mut Writer) -> Result<(), Failure> {
    let cell = match value {
        ValueRef::Null => Cell::Null,
        ValueRef::Integer(value) => Cell::I64(value),
        ValueRef::Real(value) => Cell::F64(value),
        ValueRef::Text(text) => Cell::Text(
            std::str::from_utf8(text)
                .map_err(|_| Failure::new(code::DATABASE, "a stored text is not UTF-8"))?,
        ),
        ValueRef::Blob(bytes) => Cell::Bytes(bytes),
    };
    if rows.cell(cell) {
        Ok(())
    } else {
        Err(too_long())
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let Error::SqliteFailure(failure, text) = &error else {
            return Failure::new(code::DATABASE, error.to_string());
        };
        let text = Cow::from(text.clone().unwrap_or_else(|| failure.to_string()));
        match failure.code {
            ErrorCode::DatabaseBusy
            | ErrorCode::DatabaseLocked
            | ErrorCode::FileLockingProtocolFailed => Failure::busy(),
            ErrorCode::ConstraintViolation if is_unique(failure.extended_code) => {
                Failure::new(code::UNIQUE, text)
            }
            ErrorCode::ReadOnly => Failure::new(
                code::DATABASE,
                "this connection was acquired for reading; acquire one for writing",
            ),
            _ => Failure::new(code::DATABASE, text),
        }
    }
}

fn is_unique(extended: c_int) -> bool {
    matches!(
        extended,
        SQLITE_CONSTRAINT_UNIQUE | SQLITE_CONSTRAINT_PRIMARYKEY | SQLITE_CONSTRAINT_ROWID
    )
}
