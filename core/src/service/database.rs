//! `loggia.database`: SQL over the host's pool.

use std::ffi::c_void;
use std::ptr;

use diesel::result::QueryResult;
use loggia_abi::{Call, Connection, HostDatabase, code};

use super::context::CallContext;
use crate::store::Pool;
use crate::store::failure::Failure;
use crate::store::lease::{Handle, Leases};
use crate::store::table::{self, guarded};

/// The table of one pool. It is boxed, because modules keep its address; a module instance must be stopped
/// before this is dropped.
pub struct DatabaseService {
    table: Box<HostDatabase>,
    /// The table's context, which keeps its address.
    pool: Box<Pool>,
}

// SAFETY: the table is constant after it was made, and its context is a pool, which any thread may use.
unsafe impl Send for DatabaseService {}
// SAFETY: as above.
unsafe impl Sync for DatabaseService {}

impl DatabaseService {
    /// The service over a pool.
    pub fn new(pool: Pool) -> Self {
        let dialect = pool.dialect().code();
        let pool = Box::new(pool);
        let context = ptr::from_ref(&*pool).cast_mut().cast();
        DatabaseService {
            table: Box::new(table::table(dialect, context, acquire)),
            pool,
        }
    }

    /// The table, as modules are given it.
    pub fn table(&self) -> &HostDatabase {
        &self.table
    }

    /// A diesel connection for the host's own work on a connection that a module holds, inside its
    /// transaction: for services that are handed a connection.
    ///
    /// # Errors
    /// Where the pointer is null, or the connection went back because its call ended.
    ///
    /// # Safety
    /// `connection` must be null or a connection that the module has acquired and not released.
    pub unsafe fn share(&self, connection: *mut Connection) -> QueryResult<loggia_sql::Connection> {
        // SAFETY: passed on to the caller.
        let handle = unsafe { table::handle(connection) }.and_then(Handle::again);
        let gone = || Failure::argument("the connection is not the module's");
        table::of_handle(handle.ok_or_else(gone)?, self.pool.dialect())
    }
}

unsafe extern "C" fn acquire(
    context: *mut c_void,
    call: *mut Call,
    write: u32,
    connection: *mut *mut Connection,
) -> i32 {
    guarded(|| {
        // SAFETY: the context is the pool of the service that made the table; `connection` is null or the
        // module's to be written; the call is null or in flight, which the module promises.
        let (pool, connection, call) = unsafe {
            (
                context.cast::<Pool>().as_ref(),
                connection.as_mut(),
                CallContext::from_raw(call),
            )
        };
        let (Some(pool), Some(connection)) = (pool, connection) else {
            return code::ARGUMENT;
        };
        let handle = match call {
            Some(call) => call.acquire(write != 0),
            None => Leases::default().acquire(pool, write != 0, pool.patience()),
        };
        match handle {
            Ok(handle) => {
                *connection = table::into_raw(handle);
                code::OK
            }
            Err(failure) => failure.code,
        }
    })
}

/// Every instance is given the same table.
pub struct SharedDatabase(pub std::sync::Arc<DatabaseService>);

impl super::hub::Provider for SharedDatabase {
    fn id(&self) -> &'static std::ffi::CStr {
        c"loggia.database"
    }

    fn version(&self) -> u32 {
        1
    }

    fn provide(&self, _instance: &super::hub::InstanceFacts) -> Box<dyn super::hub::Table> {
        let table = |service: &DatabaseService| std::ptr::from_ref(service.table()).cast();
        Box::new(super::hub::Shared(std::sync::Arc::clone(&self.0), table))
    }
}
