//! `loggia.mail`: the mail queue as modules know it.

use std::ffi::{CStr, c_void};
use std::sync::Arc;

use loggia_abi::{Call, Connection, HostMail, Str, code};

use super::{Draft, QueueFault, queue as queue_draft};
use crate::service::clock::now_ms;
use crate::service::context::CallContext;
use crate::service::database::DatabaseService;
use crate::service::guard::guarded;
use crate::service::hub::{InstanceFacts, Provider, Table};
use crate::store::Pool;

/// The service.
pub struct MailService {
    pool: Pool,
    database: Arc<DatabaseService>,
}

impl MailService {
    /// Over a migrated database and the service that hands its connections to modules.
    pub fn new(pool: Pool, database: Arc<DatabaseService>) -> Self {
        Self { pool, database }
    }
}

struct MailTable {
    table: HostMail,
    pool: Pool,
    database: Arc<DatabaseService>,
    module: String,
}

// SAFETY: the raw pointer in `table` points at this very structure, which is never changed.
unsafe impl Send for MailTable {}
// SAFETY: as above.
unsafe impl Sync for MailTable {}

impl Provider for MailService {
    fn id(&self) -> &'static CStr {
        c"loggia.mail"
    }

    fn version(&self) -> u32 {
        1
    }

    fn provide(&self, instance: &InstanceFacts) -> Box<dyn Table> {
        let table = HostMail {
            size: u32::try_from(size_of::<HostMail>()).unwrap_or(0),
            version: 1,
            context: std::ptr::null_mut(),
            queue,
        };
        let mut made = Box::new(MailTable {
            table,
            pool: self.pool.clone(),
            database: Arc::clone(&self.database),
            module: instance.module.clone(),
        });
        made.table.context = (&raw mut *made).cast();
        made
    }
}

impl Table for MailTable {
    fn pointer(&self) -> *const c_void {
        (&raw const self.table).cast()
    }
}

impl MailTable {
    fn queue(&self, connection: &mut loggia_sql::Connection, json: &str) -> Result<(), i32> {
        let draft: Draft = serde_json::from_str(json).map_err(|error| {
            tracing::error!(module = self.module, "a mail is not one: {error}");
            code::ARGUMENT
        })?;
        match queue_draft(connection, &draft, now_ms()) {
            Ok(_) => Ok(()),
            Err(QueueFault::Draft(fault)) => {
                tracing::error!(module = self.module, "a mail was refused: {fault}");
                Err(code::ARGUMENT)
            }
            Err(QueueFault::Database(error)) => Err(self.not_stored(&error)),
        }
    }

    /// A connection for a message that is in no transaction of the module's.
    fn own_connection(&self, call: Option<&CallContext>) -> Result<loggia_sql::Connection, i32> {
        let connection = match call {
            Some(call) => call.write(),
            None => crate::service::identity::Connections::write(&self.pool),
        };
        connection.map_err(|error| self.not_stored(&error))
    }

    /// What a module is told where the database did not take its mail.
    fn not_stored(&self, error: &diesel::result::Error) -> i32 {
        if loggia_sql::is_deadline(error) {
            return code::DEADLINE;
        }
        if loggia_sql::is_busy(error) {
            return code::BUSY;
        }
        tracing::error!(module = self.module, "a mail was not stored: {error}");
        code::DATABASE
    }
}

unsafe extern "C" fn queue(
    context: *mut c_void,
    call: *mut Call,
    connection: *mut Connection,
    message: Str<'_>,
) -> i32 {
    guarded(|| {
        // SAFETY: the context is the table that `provide` made; the call is null or in flight, and the module
        // vouches for the text during this function.
        let (mail, call, message) = unsafe {
            (
                &*context.cast::<MailTable>(),
                CallContext::from_raw(call),
                message.text(),
            )
        };
        let message = message.ok_or(code::ARGUMENT)?;
        let mut connection = if connection.is_null() {
            mail.own_connection(call)?
        } else {
            // SAFETY: the module hands over a connection that it has acquired and not released.
            unsafe { mail.database.share(connection) }.map_err(|_| code::ARGUMENT)?
        };
        mail.queue(&mut connection, message)
    })
}
