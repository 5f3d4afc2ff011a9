//! `loggia.search`: the search as modules know it.

use std::ffi::{CStr, c_void};
use std::sync::Arc;

use loggia_abi::{Call, Connection, HostSearch, Sink, Str, code};

use super::find::Question;
use super::intake::EngineFault;
use super::{Search, entry};
use crate::service::context::CallContext;
use crate::service::database::DatabaseService;
use crate::service::guard::guarded;
use crate::service::hub::{InstanceFacts, Provider, Table};
use crate::store::search_entry;
use crate::store::search_person::{self, Access};

/// The service.
pub struct SearchService {
    search: Arc<Search>,
    database: Arc<DatabaseService>,
}

impl SearchService {
    /// Over the search of this process, and the service that hands connections to modules.
    pub fn new(search: Arc<Search>, database: Arc<DatabaseService>) -> Self {
        Self { search, database }
    }
}

struct SearchTable {
    table: HostSearch,
    search: Arc<Search>,
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
            search: Arc::clone(&self.search),
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
        let mut changes = entry::read(json).map_err(|fault| {
            tracing::error!(
                module = self.module,
                "a change for the search was refused: {fault}"
            );
            code::ARGUMENT
        })?;
        let written = search_person::complete(connection, &mut changes, Access::Hold)
            .and_then(|()| search_entry::write(connection, &self.module, &changes));
        written.map(drop).map_err(|error| self.failed(&error))
    }

    fn find(&self, call: &CallContext, json: &str) -> Result<String, i32> {
        let question: Question = serde_json::from_str(json).map_err(|error| {
            tracing::error!(
                module = self.module,
                "a question for the search is none: {error}"
            );
            code::ARGUMENT
        })?;
        let found = self
            .search
            .answer(&question, call.offers.as_deref(), call.deadline);
        let found = found.map_err(|fault| match fault {
            EngineFault::Building => code::BUSY,
            EngineFault::Database(error) => self.failed(&error),
            EngineFault::Index(_) | EngineFault::Folder(_) => {
                tracing::error!(module = self.module, "the search failed: {fault}");
                code::IO
            }
        })?;
        serde_json::to_string(&found).map_err(|_| code::IO)
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
    context: *mut c_void,
    call: *mut Call,
    question: Str<'_>,
    answer: *mut Sink,
) -> i32 {
    guarded(|| {
        // SAFETY: the context is the table that `provide` made; the call is null or in flight, the sink null or the
        // module's, and it vouches for the text during this function.
        let (search, call, question, answer) = unsafe {
            (
                &*context.cast::<SearchTable>(),
                CallContext::from_raw(call),
                question.text(),
                answer.as_ref(),
            )
        };
        let (Some(call), Some(question), Some(answer)) = (call, question, answer) else {
            return Err(code::ARGUMENT);
        };
        let found = search.find(call, question)?;
        // SAFETY: the sink takes its own context, and copies the bytes before it returns.
        unsafe { (answer.write)(answer.context, found.as_ptr(), found.len()) };
        Ok(())
    })
}
