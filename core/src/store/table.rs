//! The functions of `loggia.database` that work on a connection in hand. Each body is one guarded closure:
//! no panic crosses the boundary, and every pointer and text is checked first.

use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::{self, NonNull};
use std::sync::Arc;

use diesel::result::QueryResult;
use loggia_abi::{Call, Connection, HostDatabase, Str, Value, code};
use loggia_sql::Dialect;

use super::failure::Failure;
use super::lease::{Handle, Lease};
use super::link::Link;

/// The type of [`HostDatabase::acquire`].
pub(crate) type Acquire =
    unsafe extern "C" fn(*mut c_void, *mut Call, u32, *mut *mut Connection) -> i32;

#[expect(
    clippy::cast_possible_truncation,
    reason = "a constant of some hundred bytes"
)]
const TABLE_SIZE: u32 = size_of::<HostDatabase>() as u32;

/// The table over one way to acquire connections.
pub(crate) const fn table(dialect: u32, context: *mut c_void, acquire: Acquire) -> HostDatabase {
    HostDatabase {
        size: TABLE_SIZE,
        version: 1,
        dialect,
        reserved: 0,
        context,
        acquire,
        release,
        batch,
        begin,
        commit,
        rollback,
        execute,
        query,
        error,
    }
}

struct Shared(HostDatabase);

// SAFETY: the tables below are constant, and their context is null.
unsafe impl Sync for Shared {}

/// The host's own connections go through the same functions; only where they come from differs: the pool
/// hands them out itself.
static SQLITE: Shared = Shared(table(
    loggia_abi::host::dialect::SQLITE,
    ptr::null_mut(),
    refuse_to_acquire,
));
static POSTGRESQL: Shared = Shared(table(
    loggia_abi::host::dialect::POSTGRESQL,
    ptr::null_mut(),
    refuse_to_acquire,
));

unsafe extern "C" fn refuse_to_acquire(
    _context: *mut c_void,
    _call: *mut Call,
    _write: u32,
    _connection: *mut *mut Connection,
) -> i32 {
    code::UNSUPPORTED
}

/// A diesel connection on a lease.
pub(super) fn connection(
    lease: &Arc<Lease>,
    dialect: Dialect,
) -> QueryResult<loggia_sql::Connection> {
    let handle = Handle::new(lease).ok_or_else(Failure::unreachable)?;
    of_handle(handle, dialect)
}

/// A diesel connection on a handle.
pub(crate) fn of_handle(handle: Handle, dialect: Dialect) -> QueryResult<loggia_sql::Connection> {
    let table = match dialect {
        Dialect::Sqlite => &SQLITE.0,
        Dialect::Postgresql => &POSTGRESQL.0,
    };
    let raw = NonNull::from(Box::leak(Box::new(handle))).cast();
    // SAFETY: the table is static, its functions know handles, and this one is given to nobody else.
    unsafe { loggia_sql::Connection::from_raw(table, raw) }
}

/// The pointer that a module knows a handle by.
pub(crate) fn into_raw(handle: Handle) -> *mut Connection {
    Box::into_raw(Box::new(handle)).cast()
}

/// The handle behind a module's pointer; `None` for null.
///
/// # Safety
/// `connection` must be null or come from [`into_raw`] and not have been released.
pub(crate) unsafe fn handle<'a>(connection: *mut Connection) -> Option<&'a Handle> {
    // SAFETY: passed on to the caller; a handle is only ever shared, never borrowed mutably.
    unsafe { connection.cast::<Handle>().as_ref() }
}

/// Runs the body of a function of the boundary.
pub(crate) fn guarded(body: impl FnOnce() -> i32) -> i32 {
    catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|_| {
        tracing::error!("a panic in the database service was contained");
        code::PANIC
    })
}

/// Runs something on the connection behind a module's pointer.
///
/// # Safety
/// As for [`handle`].
unsafe fn on(connection: *mut Connection, work: impl FnOnce(&mut Link) -> i32) -> i32 {
    // SAFETY: passed on to the caller.
    unsafe { with_handle(connection, |handle| handle.with(work)) }
}

/// Does something with the handle behind a module's pointer.
///
/// # Safety
/// As for [`handle`].
unsafe fn with_handle(connection: *mut Connection, work: impl FnOnce(&Handle) -> i32) -> i32 {
    guarded(|| {
        // SAFETY: passed on to the caller.
        unsafe { handle(connection) }.map_or(code::ARGUMENT, work)
    })
}

unsafe extern "C" fn release(connection: *mut Connection) {
    guarded(|| {
        if !connection.is_null() {
            // SAFETY: the module gives back a pointer that it got from `into_raw`, for the last time.
            drop(unsafe { Box::from_raw(connection.cast::<Handle>()) });
        }
        code::OK
    });
}

unsafe extern "C" fn begin(connection: *mut Connection) -> i32 {
    // SAFETY: the module uses a connection that it holds.
    unsafe { on(connection, Link::begin) }
}

unsafe extern "C" fn commit(connection: *mut Connection) -> i32 {
    // SAFETY: as in `begin`.
    unsafe { on(connection, Link::commit) }
}

unsafe extern "C" fn rollback(connection: *mut Connection) -> i32 {
    // SAFETY: as in `begin`.
    unsafe { with_handle(connection, Handle::roll_back) }
}

unsafe extern "C" fn batch(connection: *mut Connection, sql: Str<'_>) -> i32 {
    // SAFETY: as in `begin`; the module's text outlives the call.
    unsafe {
        on(connection, |link| match statement(&sql) {
            Ok(sql) => link.batch(sql),
            Err(failure) => link.refuse(failure),
        })
    }
}

unsafe extern "C" fn execute(
    connection: *mut Connection,
    sql: Str<'_>,
    binds: *const Value<'_>,
    binds_len: usize,
    affected: *mut u64,
) -> i32 {
    // SAFETY: as in `batch`, and the binds with what they point at outlive the call; `affected` is null or
    // can be written.
    unsafe {
        on(connection, |link| {
            match (statement(&sql), values(binds, binds_len)) {
                (Ok(sql), Ok(binds)) => {
                    let mut changed = 0;
                    let result = link.execute(sql, binds, &mut changed);
                    if let Some(affected) = affected.as_mut() {
                        *affected = changed;
                    }
                    result
                }
                (Err(failure), _) | (_, Err(failure)) => link.refuse(failure),
            }
        })
    }
}

unsafe extern "C" fn query(
    connection: *mut Connection,
    sql: Str<'_>,
    binds: *const Value<'_>,
    binds_len: usize,
    rows: *mut Str<'static>,
) -> i32 {
    // SAFETY: as in `execute`, for `rows` instead of `affected`.
    unsafe {
        on(connection, |link| {
            match (statement(&sql), values(binds, binds_len)) {
                (Ok(sql), Ok(binds)) => {
                    let result = link.query(sql, binds);
                    if let Some(rows) = rows.as_mut() {
                        *rows = lasting(link.rows());
                    }
                    result
                }
                (Err(failure), _) | (_, Err(failure)) => link.refuse(failure),
            }
        })
    }
}

unsafe extern "C" fn error(connection: *mut Connection) -> Str<'static> {
    let mut text = Str::new("the connection went back when its call ended");
    // SAFETY: as in `begin`.
    unsafe {
        on(connection, |link| {
            text = lasting(link.error().as_bytes());
            code::OK
        });
    }
    text
}

/// The bytes as the boundary's contract has them: valid until the next use of the connection, which no type
/// can say here.
fn lasting(bytes: &[u8]) -> Str<'static> {
    // SAFETY: the buffer belongs to the connection and changes only with its next use, up to which the
    // module may read it.
    Str::from_bytes(unsafe { &*ptr::from_ref(bytes) })
}

/// # Safety
/// `sql` must point at as many readable bytes as it says.
unsafe fn statement<'a>(sql: &Str<'a>) -> Result<&'a str, Failure> {
    // SAFETY: passed on to the caller.
    let text = unsafe { sql.text() };
    let text = text.ok_or_else(|| Failure::argument("the statement is not UTF-8"))?;
    if text.contains('\0') {
        return Err(Failure::argument("the statement contains a NUL character"));
    }
    Ok(text)
}

/// # Safety
/// `binds` must point at `len` values, or be null with `len` 0.
unsafe fn values(binds: *const Value<'_>, len: usize) -> Result<&[Value<'_>], Failure> {
    match (binds.is_null(), len) {
        (_, 0) => Ok(&[]),
        (true, _) => Err(Failure::argument("the binds are missing")),
        // SAFETY: passed on to the caller.
        (false, len) => Ok(unsafe { std::slice::from_raw_parts(binds, len) }),
    }
}
