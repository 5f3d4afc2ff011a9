//! The two databases behind one face: text and binds in, packed rows out.

mod placeholders;
mod postgresql;
mod sqlite;

use std::borrow::Cow;

use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::pg::PgConnection;
use loggia_abi::Value;
use loggia_abi::rows::Writer;
use loggia_abi::value::kind;

use super::failure::Failure;

pub(super) use placeholders::Texts;
pub(super) use postgresql::{open as open_postgresql, process as postgresql_process};
pub(super) use sqlite::{Role, Sqlite, open as open_sqlite};

/// A statement as it came over the boundary.
pub(super) struct Statement<'a> {
    pub(super) sql: Cow<'a, str>,
    pub(super) binds: &'a [Value<'a>],
    /// Whether the driver may keep it prepared.
    pub(super) keep: bool,
}

/// An open connection of either driver.
pub(super) enum Engine {
    Sqlite(Box<Sqlite>),
    Postgresql(Box<PgConnection>),
}

impl Engine {
    pub(super) fn execute(&mut self, statement: &Statement<'_>) -> Result<u64, Failure> {
        match self {
            Engine::Sqlite(connection) => connection.execute(statement),
            Engine::Postgresql(connection) => postgresql::execute(connection, statement),
        }
    }

    pub(super) fn query(
        &mut self,
        statement: &Statement<'_>,
        rows: &mut Writer,
    ) -> Result<(), Failure> {
        match self {
            Engine::Sqlite(connection) => connection.query(statement, rows),
            Engine::Postgresql(connection) => postgresql::query(connection, statement, rows),
        }
    }

    pub(super) fn batch(&mut self, sql: &str) -> Result<(), Failure> {
        match self {
            Engine::Sqlite(connection) => connection.batch(sql),
            Engine::Postgresql(connection) => Ok(connection.batch_execute(sql)?),
        }
    }

    /// Whether statements of a batch would be committed one by one.
    pub(super) fn batch_needs_transaction(&mut self) -> bool {
        matches!(self, Engine::Sqlite(connection) if connection.is_writer() && connection.depth() == 0)
    }

    /// Begins a transaction, or a savepoint inside one.
    pub(super) fn begin(&mut self) -> Result<(), Failure> {
        match self {
            Engine::Sqlite(connection) => connection.begin(),
            Engine::Postgresql(connection) => Ok(AnsiTransactionManager::begin_transaction(
                &mut **connection,
            )?),
        }
    }

    pub(super) fn commit(&mut self) -> Result<(), Failure> {
        match self {
            Engine::Sqlite(connection) => connection.commit(),
            Engine::Postgresql(connection) => Ok(AnsiTransactionManager::commit_transaction(
                &mut **connection,
            )?),
        }
    }

    pub(super) fn rollback(&mut self) -> Result<(), Failure> {
        match self {
            Engine::Sqlite(connection) => connection.rollback(),
            Engine::Postgresql(connection) => Ok(AnsiTransactionManager::rollback_transaction(
                &mut **connection,
            )?),
        }
    }

    /// How many transactions and savepoints are open; the highest number where the driver has lost count.
    pub(super) fn depth(&mut self) -> u32 {
        match self {
            Engine::Sqlite(connection) => connection.depth(),
            Engine::Postgresql(connection) => {
                let status =
                    AnsiTransactionManager::transaction_manager_status_mut(&mut **connection);
                let depth = status.transaction_depth();
                depth.map_or(u32::MAX, |depth| depth.map_or(0, u32::from))
            }
        }
    }
}

/// A bind after its pointers, its text and its kind were checked.
enum Bound<'a> {
    Bool(Option<bool>),
    I16(Option<i16>),
    I32(Option<i32>),
    I64(Option<i64>),
    F64(Option<f64>),
    Text(Option<&'a str>),
    Bytes(Option<&'a [u8]>),
    Date(Option<i32>),
    Time(Option<i64>),
    Timestamp(Option<i64>),
    Json(Option<&'a str>),
    Uuid(Option<[u8; 16]>),
}

impl<'a> Bound<'a> {
    /// Reads a bind. Its pointers are the caller's promise: whoever holds a `Value` for `'a` says so.
    fn read(value: &Value<'a>) -> Result<Self, Failure> {
        let absent = value.kind == kind::NULL;
        let kind = if absent { value.of } else { value.kind };
        let integer = || Some(value).filter(|_| !absent).map(integer_of);
        Ok(match kind {
            kind::BOOL => Bound::Bool(integer().map(|integer| integer != 0)),
            kind::I16 => Bound::I16(narrow(integer())?),
            kind::I32 => Bound::I32(narrow(integer())?),
            kind::I64 => Bound::I64(integer()),
            kind::F64 => Bound::F64((!absent).then(|| float_of(value))),
            kind::TEXT | kind::NULL => Bound::Text(text_of(value, absent)?),
            kind::BYTES => Bound::Bytes((!absent).then(|| bytes_of(value))),
            kind::DATE => Bound::Date(narrow(integer())?),
            kind::TIME => Bound::Time(integer()),
            kind::TIMESTAMP => Bound::Timestamp(integer()),
            kind::JSON => Bound::Json(text_of(value, absent)?),
            kind::UUID => Bound::Uuid(uuid_of(value, absent)?),
            other => return Err(Failure::argument(format!("no value has the kind {other}"))),
        })
    }
}

fn narrow<T: TryFrom<i64>>(integer: Option<i64>) -> Result<Option<T>, Failure> {
    integer
        .map(T::try_from)
        .transpose()
        .map_err(|_| Failure::argument("an integer does not fit its kind"))
}

fn integer_of(value: &Value<'_>) -> i64 {
    // SAFETY: every member of the union is plain data at least as long as an integer.
    unsafe { value.data.integer }
}

fn float_of(value: &Value<'_>) -> f64 {
    // SAFETY: as in `integer_of`.
    unsafe { value.data.float }
}

fn bytes_of<'a>(value: &Value<'a>) -> &'a [u8] {
    // SAFETY: the kind says that the union holds a text, which the holder of the value promises for `'a`.
    unsafe { value.data.text.bytes() }
}

fn text_of<'a>(value: &Value<'a>, absent: bool) -> Result<Option<&'a str>, Failure> {
    if absent {
        return Ok(None);
    }
    let text = std::str::from_utf8(bytes_of(value))
        .map_err(|_| Failure::argument("a text is not UTF-8"))?;
    if text.contains('\0') {
        // PostgreSQL cannot store it, so no module may come to rely on it.
        return Err(Failure::argument("a text contains a NUL character"));
    }
    Ok(Some(text))
}

fn uuid_of(value: &Value<'_>, absent: bool) -> Result<Option<[u8; 16]>, Failure> {
    if absent {
        return Ok(None);
    }
    let bytes = bytes_of(value).try_into();
    bytes
        .map(Some)
        .map_err(|_| Failure::argument("a UUID is not 16 bytes long"))
}

fn read_all<'a>(binds: &[Value<'a>]) -> Result<Vec<Bound<'a>>, Failure> {
    binds.iter().map(Bound::read).collect()
}

fn too_long() -> Failure {
    Failure::new(loggia_abi::code::LIMIT, "a value is too long to hand over")
}
