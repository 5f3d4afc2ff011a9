//! `loggia.search`: the search as modules know it.

use std::ffi::{CStr, c_void};
use std::sync::Arc;

use loggia_abi::{Call, Connection, HostSearch, Sink, Str, code};

use super::entry;
use crate::service::database::DatabaseService;
use crate::service::guard::guarded;
use crate::service::hub::{InstanceFacts, Provider, Table};
use crate::store::search_entry;

/// The service.
pub struct SearchService {
    database: Arc<DatabaseService>,
}

impl SearchService {
    /// Over the service that hands connections to modules.
    pub fn new(database: Arc<DatabaseService>) -> Self {
        Self { database }
    }
}

struct SearchTable {
    table: HostSearch,
    database: Arc<DatabaseService>,
    module: String,
}

// SAFETY: the raw pointer in `table` points at this very structure, which is never changed.
unsafe impl Send for SearchTable {}
// SAFETY: as above.
unsafe impl Sync for SearchTable {}

impl Provider for SearchService {
    fn id(&self) -> &'static CStr {
        c"loggia.search"
    }

    fn version(&self) -> u32 {
        1
    }

    fn provide(&self, instance: &InstanceFacts) -> Box<dyn Table> {
        let table = HostSearch {
            size: u32::try_from(size_of::<HostSearch>()).unwrap_or(0),
            version: 1,
            context: std::ptr::null_mut(),
            change,
            find,
        };
        let mut made = Box::new(SearchTable {
            table,
            database: Arc::clone(&self.database),
            module: instance.module.clone(),
        });
        made.table.context = (&raw mut *made).cast();
        made
    }
}

impl Table for SearchTable {
    fn pointer(&self) -> *const c_void {
        (&raw const self.table).cast()
    }
}

impl SearchTable {
    fn change(&self, connection: &mut loggia_sql::Connection, json: &str) -> Result<(), i32> {
        let changes = entry::read(json).map_err(|fault| {
            tracing::error!(
                module = self.module,
                "a change for the search was refused: {fault}"
            );
            code::ARGUMENT
        })?;
        let written = search_entry::write(connection, &self.module, &changes);
        written.map(drop).map_err(|error| self.failed(&error))
    }

    /// What a module is told where the database refused.
    fn failed(&self, error: &diesel::result::Error) -> i32 {
        if loggia_sql::is_deadline(error) {
            return code::DEADLINE;
        }
        if loggia_sql::is_busy(error) {
            return code::BUSY;
        }
        tracing::error!(module = self.module, "the search failed: {error}");
        code::DATABASE
    }
}

unsafe extern "C" fn change(
    context: *mut c_void,
    connection: *mut Connection,
    changes: Str<'_>,
) -> i32 {
    guarded(|| {
        // SAFETY: the context is the table that `provide` made, and the module vouches for the text during this
        // function.
        let (search, changes) = unsafe { (&*context.cast::<SearchTable>(), changes.text()) };
        let changes = changes.ok_or(code::ARGUMENT)?;
        // SAFETY: the module hands over null or a connection that it has acquired and not released.
        let mut connection =
            unsafe { search.database.share(connection) }.map_err(|_| code::ARGUMENT)?;
        search.change(&mut connection, changes)
    })
}

unsafe extern "C" fn find(
    _context: *mut c_void,
    _call: *mut Call,
    _question: Str<'_>,
    _answer: *mut Sink,
) -> i32 {
    code::UNSUPPORTED
}
