//! `loggia.push`: the engine as modules know it.

use std::ffi::{CStr, c_void};
use std::sync::Arc;

use loggia_abi::{Call, Connection, HostPush, Sink, Str, code};

use super::Push;
use super::refusal::CredentialsFault;
use crate::service::context::CallContext;
use crate::service::database::DatabaseService;
use crate::service::guard::guarded;
use crate::service::hub::{InstanceFacts, Provider, Table};

/// The service.
pub struct PushService {
    push: Arc<Push>,
    database: Arc<DatabaseService>,
}

impl PushService {
    /// Over the engine, and the service that hands connections to modules.
    pub fn new(push: Arc<Push>, database: Arc<DatabaseService>) -> Self {
        Self { push, database }
    }
}

struct PushTable {
    table: HostPush,
    push: Arc<Push>,
    database: Arc<DatabaseService>,
    module: String,
}

// SAFETY: the raw pointer in `table` points at this very structure, which is never changed.
unsafe impl Send for PushTable {}
// SAFETY: as above.
unsafe impl Sync for PushTable {}

impl Provider for PushService {
    fn id(&self) -> &'static CStr {
        c"loggia.push"
    }

    fn version(&self) -> u32 {
        1
    }

    fn provide(&self, instance: &InstanceFacts) -> Box<dyn Table> {
        let table = HostPush {
            size: u32::try_from(size_of::<HostPush>()).unwrap_or(0),
            version: 1,
            context: std::ptr::null_mut(),
            wake,
            run,
            set_credentials,
        };
        let mut made = Box::new(PushTable {
            table,
            push: Arc::clone(&self.push),
            database: Arc::clone(&self.database),
            module: instance.module.clone(),
        });
        made.table.context = (&raw mut *made).cast();
        made
    }
}

impl Table for PushTable {
    fn pointer(&self) -> *const c_void {
        (&raw const self.table).cast()
    }
}

/// What a run answers.
#[derive(serde::Serialize)]
struct Ran {
    batch_size: i64,
    sent: i64,
    success: i64,
    failure: i64,
}

impl PushTable {
    fn run(&self, call: &CallContext, batch_size: i64) -> Result<String, i32> {
        let asked = (batch_size > 0).then_some(batch_size);
        let tally = self.push.run(asked, call.deadline);
        let tally = tally.map_err(|error| self.failed(&error))?;
        let ran = Ran {
            batch_size: asked.unwrap_or_else(|| self.push.batch_size()),
            sent: tally.sent,
            success: tally.accepted,
            failure: tally.sent - tally.accepted,
        };
        serde_json::to_string(&ran).map_err(|_| code::IO)
    }

    /// What is written to the sink beside the code.
    fn set_credentials(
        &self,
        connection: &mut loggia_sql::Connection,
        application: i64,
        json: &str,
    ) -> Result<String, (i32, String)> {
        let kept = self.push.set_credentials(connection, application, json);
        match kept {
            Ok(kept) => serde_json::to_string(&kept).map_err(|_| (code::IO, String::new())),
            Err(CredentialsFault::NotFound) => Err((code::NOT_FOUND, String::new())),
            Err(CredentialsFault::Database(error)) => Err((self.failed(&error), String::new())),
            Err(fault @ CredentialsFault::Refused(_)) => {
                let told = serde_json::json!({ "fault": fault.to_string() });
                Err((code::REFUSED, told.to_string()))
            }
            Err(CredentialsFault::Seal(fault)) => {
                tracing::error!(
                    module = self.module,
                    "credentials cannot be sealed: {fault}"
                );
                Err((code::IO, String::new()))
            }
        }
    }

    /// What a module is told where the database refused.
    fn failed(&self, error: &diesel::result::Error) -> i32 {
        if loggia_sql::is_deadline(error) {
            return code::DEADLINE;
        }
        if loggia_sql::is_busy(error) {
            return code::BUSY;
        }
        tracing::error!(module = self.module, "push failed: {error}");
        code::DATABASE
    }
}

/// Hands a text to a module.
///
/// # Safety
/// The sink must be the module's, and valid.
unsafe fn write(answer: &Sink, text: &str) {
    // SAFETY: the sink takes its own context, and copies the bytes before it returns.
    unsafe { (answer.write)(answer.context, text.as_ptr(), text.len()) };
}

unsafe extern "C" fn wake(context: *mut c_void, call: *mut Call) -> i32 {
    guarded(|| {
        // SAFETY: the context is the table that `provide` made; the call is null or in flight.
        let (push, call) = unsafe { (&*context.cast::<PushTable>(), CallContext::from_raw(call)) };
        match call {
            Some(call) => call.wakes(&push.push),
            None => push.push.tell(),
        }
        Ok(())
    })
}

unsafe extern "C" fn run(
    context: *mut c_void,
    call: *mut Call,
    batch_size: i64,
    answer: *mut Sink,
) -> i32 {
    guarded(|| {
        // SAFETY: as in `wake`; the sink is null or the module's.
        let (push, call, answer) = unsafe {
            (
                &*context.cast::<PushTable>(),
                CallContext::from_raw(call),
                answer.as_ref(),
            )
        };
        let (Some(call), Some(answer)) = (call, answer) else {
            return Err(code::ARGUMENT);
        };
        let ran = push.run(call, batch_size)?;
        // SAFETY: the sink is the module's.
        unsafe { write(answer, &ran) };
        Ok(())
    })
}

unsafe extern "C" fn set_credentials(
    context: *mut c_void,
    connection: *mut Connection,
    application: i64,
    credentials: Str<'_>,
    answer: *mut Sink,
) -> i32 {
    guarded(|| {
        // SAFETY: as in `run`; the module vouches for the text during this function.
        let (push, json, answer) = unsafe {
            (
                &*context.cast::<PushTable>(),
                credentials.text(),
                answer.as_ref(),
            )
        };
        let (Some(json), Some(answer)) = (json, answer) else {
            return Err(code::ARGUMENT);
        };
        // SAFETY: the module hands over null or a connection that it has acquired and not released.
        let mut connection =
            unsafe { push.database.share(connection) }.map_err(|_| code::ARGUMENT)?;
        let (result, text) = match push.set_credentials(&mut connection, application, json) {
            Ok(text) => (Ok(()), text),
            Err((failure, text)) => (Err(failure), text),
        };
        // SAFETY: the sink is the module's.
        unsafe { write(answer, &text) };
        result
    })
}
