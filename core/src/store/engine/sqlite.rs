//! SQLite: how a file is opened, and statements on it.

use std::borrow::Cow;
use std::ffi::{c_char, c_int, c_void};
use std::path::Path;
use std::ptr;
use std::sync::{Arc, Once};

use diesel::connection::{Connection, DefaultLoadingMode, LoadConnection, SimpleConnection};
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::{ConnectionError, QueryResult};
use diesel::row::{Field, Row};
use diesel::sql_types::{BigInt, Binary, Double, Nullable, Text, Untyped};
use diesel::sqlite::{Sqlite, SqliteConnection, SqliteType};
use loggia_abi::rows::{Cell, Writer};
use loggia_sql::{Day, TimeOfDay, Timestamp};

use super::placeholders::numbered;
use super::{Bound, Statement, read_all, too_long};
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
const BUSY_TIMEOUT_MS: u32 = 1_000;

/// A statement asks its brake after as many steps of SQLite's machine, which takes some ten microseconds.
const STEPS_BETWEEN_LOOKS: c_int = 1_000;

thread_local! {
    /// The brake of the connection that this thread is about to open.
    static BRAKE: std::cell::Cell<*const Brake> = const { std::cell::Cell::new(ptr::null()) };
}

/// Opens the file, creating it where there is none.
///
/// # Safety
/// The brake must outlive the connection, which asks it.
pub(in crate::store) unsafe fn open(
    file: &Path,
    role: Role,
    durability: Durability,
    brake: &Arc<Brake>,
) -> Result<SqliteConnection, ConnectionError> {
    register_extension();
    let file = file.to_str().ok_or_else(|| {
        ConnectionError::BadConnection("the path of the database is not UTF-8".to_owned())
    })?;
    BRAKE.set(Arc::as_ptr(brake));
    let established = SqliteConnection::establish(file);
    BRAKE.set(ptr::null());
    let mut connection = established?;
    for pragma in pragmas(role, durability) {
        connection
            .batch_execute(&pragma)
            .map_err(ConnectionError::CouldntSetupConfiguration)?;
    }
    Ok(connection)
}

fn pragmas(role: Role, durability: Durability) -> Vec<String> {
    let synchronous = match durability {
        Durability::Full => "FULL",
        Durability::Normal => "NORMAL",
    };
    let mut pragmas = vec![
        format!("PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}"),
        format!("PRAGMA synchronous = {synchronous}"),
        "PRAGMA foreign_keys = ON".to_owned(),
        "PRAGMA temp_store = MEMORY".to_owned(),
    ];
    match role {
        Role::Reader => pragmas.push("PRAGMA query_only = ON".to_owned()),
        Role::Writer => {
            pragmas.push("PRAGMA journal_mode = WAL".to_owned());
            pragmas.push("PRAGMA journal_size_limit = 67108864".to_owned());
        }
    }
    pragmas
}

/// Has SQLite show us every connection that this process opens, because diesel gives no raw handle.
fn register_extension() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // SAFETY: the function has the signature of SQLite's automatic extensions and lives as long as the
        // process.
        unsafe { libsqlite3_sys::sqlite3_auto_extension(Some(equip)) };
    });
}

/// Puts the brake in, and has the connection keep a statement's plan when a bound value changes: without it
/// SQLite prepares a statement anew whenever its bound LIMIT differs, which costs several times the query.
unsafe extern "C" fn equip(
    database: *mut libsqlite3_sys::sqlite3,
    _message: *mut *mut c_char,
    _api: *const libsqlite3_sys::sqlite3_api_routines,
) -> c_int {
    let brake = BRAKE.get();
    if !brake.is_null() {
        let brake = brake.cast_mut().cast();
        // SAFETY: SQLite calls this with the connection it has just opened, on the thread that opens it; the
        // brake outlives the connection, as `open` asks.
        unsafe {
            libsqlite3_sys::sqlite3_progress_handler(
                database,
                STEPS_BETWEEN_LOOKS,
                Some(is_pulled),
                brake,
            );
        }
    }
    let (on, ignored): (c_int, *mut c_int) = (1, ptr::null_mut());
    // SAFETY: SQLite calls this with the connection it has just opened, and this option takes an int and a
    // pointer that may be null.
    unsafe {
        libsqlite3_sys::sqlite3_db_config(
            database,
            libsqlite3_sys::SQLITE_DBCONFIG_ENABLE_QPSG,
            on,
            ignored,
        )
    }
}

/// Tells a running statement whether to stop.
unsafe extern "C" fn is_pulled(brake: *mut c_void) -> c_int {
    // SAFETY: the pointer is the brake that `equip` handed over, which outlives the connection and is only
    // ever shared.
    let brake = unsafe { &*brake.cast::<Brake>() };
    c_int::from(brake.is_pulled())
}

/// A bind in one of the types that SQLite stores.
enum Stored<'a> {
    Integer(Option<i64>),
    Float(Option<f64>),
    Text(Option<Cow<'a, str>>),
    Bytes(Option<Cow<'a, [u8]>>),
}

impl<'a> From<Bound<'a>> for Stored<'a> {
    fn from(bound: Bound<'a>) -> Self {
        let text = |text: Option<&'a str>| Stored::Text(text.map(Cow::Borrowed));
        match bound {
            Bound::Bool(value) => Stored::Integer(value.map(i64::from)),
            Bound::I16(value) => Stored::Integer(value.map(i64::from)),
            Bound::I32(value) => Stored::Integer(value.map(i64::from)),
            Bound::I64(value) => Stored::Integer(value),
            Bound::F64(value) => Stored::Float(value),
            Bound::Text(value) | Bound::Json(value) => text(value),
            Bound::Bytes(value) => Stored::Bytes(value.map(Cow::Borrowed)),
            Bound::Date(value) => Stored::Text(value.map(|day| Day(day).to_text().into())),
            Bound::Time(value) => Stored::Text(value.map(|us| TimeOfDay(us).to_text().into())),
            Bound::Timestamp(value) => Stored::Text(value.map(|us| Timestamp(us).to_text().into())),
            Bound::Uuid(value) => Stored::Bytes(value.map(|uuid| uuid.to_vec().into())),
        }
    }
}

struct Fragment<'a> {
    sql: Cow<'a, str>,
    binds: Vec<Stored<'a>>,
    keep: bool,
}

impl<'a> Fragment<'a> {
    fn new(statement: &Statement<'a>) -> Result<Self, Failure> {
        let binds = read_all(statement.binds)?;
        Ok(Fragment {
            sql: numbered(statement.sql, binds.len())?,
            binds: binds.into_iter().map(Stored::from).collect(),
            keep: statement.keep,
        })
    }
}

impl QueryId for Fragment<'_> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Fragment<'_> {
    type SqlType = Untyped;
}

impl QueryFragment<Sqlite> for Fragment<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        if !self.keep {
            out.unsafe_to_cache_prepared();
        }
        out.push_sql(&self.sql);
        for bind in &self.binds {
            match bind {
                Stored::Integer(value) => {
                    out.push_bind_param_value_only::<Nullable<BigInt>, _>(value)
                }
                Stored::Float(value) => {
                    out.push_bind_param_value_only::<Nullable<Double>, _>(value)
                }
                Stored::Text(value) => out.push_bind_param_value_only::<Nullable<Text>, _>(value),
                Stored::Bytes(value) => {
                    out.push_bind_param_value_only::<Nullable<Binary>, _>(value)
                }
            }?;
        }
        Ok(())
    }
}

pub(super) fn execute(
    connection: &mut SqliteConnection,
    statement: &Statement<'_>,
) -> Result<u64, Failure> {
    let changed = connection.execute_returning_count(&Fragment::new(statement)?)?;
    Ok(if counts_rows(statement.sql) {
        u64::try_from(changed).unwrap_or(u64::MAX)
    } else {
        0
    })
}

/// Whether SQLite counts the rows of a statement. After any other one it still tells the last count.
fn counts_rows(sql: &str) -> bool {
    let word = sql.trim_start().split(char::is_whitespace).next();
    ["INSERT", "UPDATE", "DELETE", "REPLACE", "WITH"]
        .iter()
        .any(|counted| word.is_some_and(|word| word.eq_ignore_ascii_case(counted)))
}

pub(super) fn query(
    connection: &mut SqliteConnection,
    statement: &Statement<'_>,
    rows: &mut Writer,
) -> Result<(), Failure> {
    let fragment = Fragment::new(statement)?;
    let mut columns = None;
    for row in LoadConnection::<DefaultLoadingMode>::load(connection, fragment)? {
        let row = row?;
        let columns = *columns.get_or_insert_with(|| write_names(&row, rows));
        rows.row();
        for index in 0..columns {
            write_cell(&row, index, rows)?;
        }
    }
    Ok(())
}

fn write_names<'a>(row: &impl Row<'a, Sqlite>, rows: &mut Writer) -> usize {
    let names: Vec<String> = (0..row.field_count())
        .map(|index| {
            let field = row.get(index);
            let name = field.as_ref().and_then(Field::field_name);
            name.unwrap_or_default().to_owned()
        })
        .collect();
    rows.columns(names.iter().map(String::as_str));
    names.len()
}

fn write_cell<'a>(
    row: &impl Row<'a, Sqlite>,
    index: usize,
    rows: &mut Writer,
) -> Result<(), Failure> {
    let field = row.get(index);
    let value = field.as_ref().and_then(Field::value);
    let Some(mut value) = value else {
        return written(rows.cell(Cell::Null));
    };
    written(match value.value_type() {
        None => rows.cell(Cell::Null),
        Some(SqliteType::Float | SqliteType::Double) => rows.cell(Cell::F64(value.read_double())),
        Some(SqliteType::SmallInt | SqliteType::Integer | SqliteType::Long) => {
            rows.cell(Cell::I64(value.read_long()))
        }
        Some(SqliteType::Text) => rows.cell(Cell::Text(value.read_text())),
        Some(SqliteType::Binary) => rows.cell(Cell::Bytes(value.read_blob())),
    })
}

fn written(fits: bool) -> Result<(), Failure> {
    if fits { Ok(()) } else { Err(too_long()) }
}
