//! The connection: statements of diesel through the host's functions.

use std::ptr::{self, NonNull};
use std::rc::Rc;

use diesel::connection::{
    CacheSize, Connection as DieselConnection, ConnectionSealed, DefaultLoadingMode,
    Instrumentation, InstrumentationEvent, LoadConnection, SimpleConnection, StrQueryHelper,
};
use diesel::expression::QueryMetadata;
use diesel::query_builder::{Query, QueryBuilder, QueryFragment, QueryId};
use diesel::result::{ConnectionError, ConnectionResult, Error, QueryResult};
use loggia_abi::rows::Reader;
use loggia_abi::{Call, HostDatabase, Str, Value, code};

use crate::backend::Backend;
use crate::bind::Binds;
use crate::dialect::Dialect;
use crate::failure::failure;
use crate::query_builder::TextBuilder;
use crate::row::Row;
use crate::transaction::Transactions;

/// A connection in the caller's hands. It goes back to the host when it is dropped, and a transaction that
/// is still open then is rolled back.
pub struct Connection {
    table: NonNull<HostDatabase>,
    raw: NonNull<loggia_abi::Connection>,
    backend: Backend,
    pub(crate) transactions: Transactions,
    instrumentation: Option<Box<dyn Instrumentation>>,
}

// SAFETY: the service lets a connection be used from any thread, by one at a time, which `&mut` ensures.
unsafe impl Send for Connection {}

impl Connection {
    /// Takes a connection from the host, for writing where `write` is set. A second one in the same call is
    /// the same connection, so the two share their transactions.
    ///
    /// # Errors
    /// [`is_deadline`](crate::is_deadline) where none was free before the call's deadline.
    ///
    /// # Safety
    /// `table` must be a host's table that stays valid until the connection is dropped, `call` null or the
    /// handle of a call that has not ended.
    pub unsafe fn from_host(
        table: &HostDatabase,
        call: *mut Call,
        write: bool,
    ) -> QueryResult<Self> {
        let mut raw = ptr::null_mut();
        // SAFETY: the caller vouches for the table and the call; `raw` is written before it is read.
        let result =
            unsafe { (table.acquire)(table.context, call, u32::from(write), &raw mut raw) };
        match NonNull::new(raw) {
            // SAFETY: the host has just handed out `raw` from this table.
            Some(raw) if result == code::OK => unsafe { Self::from_raw(table, raw) },
            _ => Err(failure(result, String::new())),
        }
    }

    /// Wraps a connection that the host has handed out already.
    ///
    /// # Errors
    /// Where the host's dialect is unknown to this version; the connection is released then.
    ///
    /// # Safety
    /// `raw` must come from `table`, which must stay valid until the connection is dropped, and must be
    /// released by nobody else.
    pub unsafe fn from_raw(
        table: &HostDatabase,
        raw: NonNull<loggia_abi::Connection>,
    ) -> QueryResult<Self> {
        let Some(dialect) = Dialect::from_code(table.dialect) else {
            // SAFETY: the caller hands `raw` over, and it is used no more.
            unsafe { (table.release)(raw.as_ptr()) };
            return Err(failure(code::ABI, String::new()));
        };
        Ok(Connection {
            table: NonNull::from(table),
            raw,
            backend: Backend::new(dialect),
            transactions: Transactions::default(),
            instrumentation: diesel::connection::get_default_instrumentation(),
        })
    }

    /// Runs a transaction, or a savepoint inside one: committed where the function returns `Ok`, rolled back
    /// where it returns `Err`. It is diesel's own, within reach even where this type's name hides that of
    /// diesel's trait.
    ///
    /// # Errors
    /// The function's own, and those of beginning and committing.
    pub fn transaction<T, E>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E>
    where
        E: From<Error>,
    {
        <Self as DieselConnection>::transaction(self, work)
    }

    /// The database behind this connection, for the rare statement that cannot be common.
    pub fn dialect(&self) -> Dialect {
        self.backend.dialect()
    }

    /// The host's handle, for services that work inside this connection's transaction. It stays owned by
    /// `self` and must not outlive it.
    pub fn as_raw(&mut self) -> *mut loggia_abi::Connection {
        self.raw.as_ptr()
    }

    /// Runs a statement whose text and values are at hand, as for many rows of a kind: nothing is built from
    /// parts. How many rows it changed.
    ///
    /// # Errors
    /// The database's.
    pub fn execute_values(&mut self, sql: &str, values: &[Value<'_>]) -> QueryResult<usize> {
        self.observed(sql, |connection| {
            connection.execute_text(Str::new(sql), values)
        })
    }

    pub(crate) fn begin(&mut self) -> QueryResult<()> {
        // SAFETY: the table and the connection are valid as long as `self` is.
        let result = unsafe { (self.table().begin)(self.raw.as_ptr()) };
        self.check(result)
    }

    pub(crate) fn commit(&mut self) -> QueryResult<()> {
        // SAFETY: as in `begin`.
        let result = unsafe { (self.table().commit)(self.raw.as_ptr()) };
        self.check(result)
    }

    pub(crate) fn rollback(&mut self) -> QueryResult<()> {
        // SAFETY: as in `begin`.
        let result = unsafe { (self.table().rollback)(self.raw.as_ptr()) };
        self.check(result)
    }

    fn table(&self) -> &HostDatabase {
        // SAFETY: whoever made this connection promised that the table outlives it.
        unsafe { self.table.as_ref() }
    }

    fn check(&self, result: i32) -> QueryResult<()> {
        if result == code::OK {
            return Ok(());
        }
        // SAFETY: the connection is valid, and the text is copied before its next use.
        let text = unsafe { (self.table().error)(self.raw.as_ptr()).bytes() };
        Err(failure(result, String::from_utf8_lossy(text).into_owned()))
    }

    /// Builds the statement and hands it to `run`, telling the instrumentation before and after.
    fn run<T, R>(
        &mut self,
        query: &T,
        run: impl FnOnce(&Self, Str<'_>, &Binds<'_>) -> QueryResult<R>,
    ) -> QueryResult<R>
    where
        T: QueryFragment<Backend>,
    {
        let backend = self.backend;
        let mut builder = TextBuilder::default();
        query.to_sql(&mut builder, &backend)?;
        let sql = builder.finish();
        let mut binds = Binds::default();
        query.collect_binds(&mut binds, &mut (), &backend)?;
        self.observed(&sql, |connection| run(connection, Str::new(&sql), &binds))
    }

    fn observed<R>(
        &mut self,
        sql: &str,
        run: impl FnOnce(&Self) -> QueryResult<R>,
    ) -> QueryResult<R> {
        let query = StrQueryHelper::new(sql);
        if let Some(watcher) = &mut self.instrumentation {
            watcher.on_connection_event(InstrumentationEvent::start_query(&query));
        }
        let result = run(self);
        if let Some(watcher) = &mut self.instrumentation {
            let error = result.as_ref().err();
            watcher.on_connection_event(InstrumentationEvent::finish_query(&query, error));
        }
        result
    }

    fn execute_text(&self, sql: Str<'_>, values: &[Value<'_>]) -> QueryResult<usize> {
        let mut affected = 0u64;
        // SAFETY: the table and the connection are valid, the binds outlive the call, and `affected` is ours.
        let result = unsafe {
            (self.table().execute)(
                self.raw.as_ptr(),
                sql,
                values.as_ptr(),
                values.len(),
                &raw mut affected,
            )
        };
        self.check(result)?;
        Ok(usize::try_from(affected).unwrap_or(usize::MAX))
    }

    fn query_text(&self, sql: Str<'_>, binds: &Binds<'_>) -> QueryResult<Str<'static>> {
        let values = binds.values();
        let mut rows = Str::EMPTY;
        // SAFETY: as in `execute_text`.
        let result = unsafe {
            (self.table().query)(
                self.raw.as_ptr(),
                sql,
                values.as_ptr(),
                values.len(),
                &raw mut rows,
            )
        };
        self.check(result)?;
        Ok(rows)
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        // SAFETY: the connection is ours to give back, and this is its last use.
        unsafe { (self.table().release)(self.raw.as_ptr()) };
    }
}

impl ConnectionSealed for Connection {}

impl SimpleConnection for Connection {
    fn batch_execute(&mut self, sql: &str) -> QueryResult<()> {
        self.observed(sql, |connection| {
            // SAFETY: the table and the connection are valid, and the text outlives the call.
            let result =
                unsafe { (connection.table().batch)(connection.raw.as_ptr(), Str::new(sql)) };
            connection.check(result)
        })
    }
}

impl DieselConnection for Connection {
    type Backend = Backend;
    type TransactionManager = Transactions;

    fn establish(_database_url: &str) -> ConnectionResult<Self> {
        Err(ConnectionError::BadConnection(
            "connections are handed out by the host".to_owned(),
        ))
    }

    fn execute_returning_count<T>(&mut self, source: &T) -> QueryResult<usize>
    where
        T: QueryFragment<Backend> + QueryId,
    {
        self.run(source, |connection, sql, binds| {
            connection.execute_text(sql, &binds.values())
        })
    }

    fn transaction_state(&mut self) -> &mut Transactions {
        &mut self.transactions
    }

    fn instrumentation(&mut self) -> &mut dyn Instrumentation {
        &mut self.instrumentation
    }

    fn set_instrumentation(&mut self, instrumentation: impl Instrumentation) {
        self.instrumentation = Some(Box::new(instrumentation));
    }

    /// The host keeps the prepared statements, by their text and within its own bounds.
    fn set_prepared_statement_cache_size(&mut self, _size: CacheSize) {}
}

impl LoadConnection<DefaultLoadingMode> for Connection {
    type Cursor<'conn, 'query> = Cursor<'conn>;
    type Row<'conn, 'query> = Row<'conn>;

    fn load<'conn, 'query, T>(&'conn mut self, source: T) -> QueryResult<Cursor<'conn>>
    where
        T: Query + QueryFragment<Backend> + QueryId + 'query,
        Backend: QueryMetadata<T::SqlType>,
    {
        let rows = self.run(&source, Connection::query_text)?;
        // SAFETY: the rows are valid until the next use of this connection, which the cursor borrows.
        let bytes: &'conn [u8] = unsafe { rows.bytes() };
        let reader = Reader::new(bytes).ok_or_else(damaged)?;
        Ok(Cursor {
            names: reader.names().into(),
            reader,
        })
    }
}

fn damaged() -> Error {
    Error::DeserializationError("the host's rows cannot be read".into())
}

/// The rows of one answer, read in place.
pub struct Cursor<'c> {
    names: Rc<[&'c str]>,
    reader: Reader<'c>,
}

impl<'c> Iterator for Cursor<'c> {
    type Item = QueryResult<Row<'c>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.reader.remaining() == 0 {
            return None;
        }
        let mut cells = Vec::with_capacity(self.names.len());
        if !self.reader.next_row(&mut cells) {
            return Some(Err(damaged()));
        }
        Some(Ok(Row::new(self.names.clone(), cells)))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.reader.remaining(), Some(self.reader.remaining()))
    }
}
