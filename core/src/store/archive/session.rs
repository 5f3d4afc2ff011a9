//! Statements of unknown tables: text and binds in, cells out, without diesel's types in between.

use std::time::{Duration, Instant};

use loggia_abi::rows::{Cell, Reader};
use loggia_abi::value::kind;
use loggia_abi::{Value, code};
use loggia_sql::Dialect;

use super::ArchiveError;
use crate::store::failure::Failure;
use crate::store::link::Link;
use crate::store::pool::{Checkout, Pool};

/// How long a backup or a restore waits for its connection.
const PATIENCE: Duration = Duration::from_mins(1);

/// A connection in one transaction, which is rolled back unless it is committed.
pub(super) struct Session {
    checkout: Checkout,
    pub(super) dialect: Dialect,
}

impl Session {
    /// Begins a transaction that sees one moment and writes nothing.
    pub(super) fn snapshot(pool: &Pool) -> Result<Self, ArchiveError> {
        let mut session = Self::begin(pool, false)?;
        match session.dialect {
            // The first statement that reads fixes the moment.
            Dialect::Sqlite => session.run("SELECT COUNT(*) FROM sqlite_master", &[])?,
            Dialect::Postgresql => {
                session.run(
                    "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY",
                    &[],
                )?;
                session.run("SET LOCAL idle_in_transaction_session_timeout = 0", &[])?
            }
        };
        Ok(session)
    }

    /// Begins a transaction that writes.
    pub(super) fn writing(pool: &Pool) -> Result<Self, ArchiveError> {
        Self::begin(pool, true)
    }

    fn begin(pool: &Pool, write: bool) -> Result<Self, ArchiveError> {
        let checkout = pool
            .checkout(write, Instant::now() + PATIENCE)
            .map_err(|failure| ArchiveError::database("the database", failure))?;
        let mut session = Session {
            checkout,
            dialect: pool.dialect(),
        };
        session.check("BEGIN", Link::begin)?;
        Ok(session)
    }

    pub(super) fn commit(mut self) -> Result<(), ArchiveError> {
        self.check("COMMIT", Link::commit)
    }

    /// Runs one statement and counts the rows it changed.
    pub(super) fn run(&mut self, sql: &str, binds: &[Value<'_>]) -> Result<u64, ArchiveError> {
        let mut changed = 0;
        self.check(sql, |link| link.execute(sql, binds, &mut changed))?;
        Ok(changed)
    }

    /// Runs several statements.
    pub(super) fn batch(&mut self, what: &str, sql: &str) -> Result<(), ArchiveError> {
        self.check(what, |link| link.batch(sql))
    }

    /// Gives the rows of one statement.
    pub(super) fn rows(
        &mut self,
        sql: &str,
        binds: &[Value<'_>],
    ) -> Result<Reader<'_>, ArchiveError> {
        self.check(sql, |link| link.query(sql, binds))?;
        let link = self.checkout.link();
        link.and_then(|link| Reader::new(link.rows()))
            .ok_or_else(|| ArchiveError::damaged("the database's rows cannot be read"))
    }

    /// Gives the first column of each row, as text.
    pub(super) fn texts(
        &mut self,
        sql: &str,
        binds: &[Value<'_>],
    ) -> Result<Vec<String>, ArchiveError> {
        let mut rows = self.rows(sql, binds)?;
        let (mut cells, mut texts) = (Vec::new(), Vec::new());
        while rows.next_row(&mut cells) {
            match cells.first() {
                Some(Cell::Text(text)) => texts.push((*text).to_owned()),
                _ => return Err(ArchiveError::damaged("the catalog holds no text")),
            }
        }
        Ok(texts)
    }

    /// Gives the one whole number of an answer; `None` where there is no row or it is NULL.
    pub(super) fn number(
        &mut self,
        sql: &str,
        binds: &[Value<'_>],
    ) -> Result<Option<i64>, ArchiveError> {
        let mut rows = self.rows(sql, binds)?;
        let mut cells = Vec::new();
        rows.next_row(&mut cells);
        Ok(match cells.first() {
            Some(Cell::I64(number)) => Some(*number),
            Some(Cell::I32(number)) => Some(i64::from(*number)),
            _ => None,
        })
    }

    fn check(
        &mut self,
        what: &str,
        work: impl FnOnce(&mut Link) -> i32,
    ) -> Result<(), ArchiveError> {
        let Some(link) = self.checkout.link() else {
            return Err(ArchiveError::database(what, Failure::unreachable()));
        };
        match work(link) {
            code::OK => Ok(()),
            failed => {
                let failure = Failure::new(failed, link.error());
                Err(ArchiveError::database(what, failure))
            }
        }
    }
}

/// A whole number as a bind.
pub(super) fn number(number: i64) -> Value<'static> {
    Value::integer(kind::I64, number)
}

/// An identifier in a statement.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
