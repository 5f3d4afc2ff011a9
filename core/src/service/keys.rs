//! `loggia.keys`: charging a call to a key that its client has not sent.

use std::ffi::{CStr, c_void};
use std::sync::Arc;

use loggia_abi::{Call, HostKeys, Sink, code};

use super::context::CallContext;
use super::guard::guarded;
use super::hub::{InstanceFacts, Provider, Shared, Table};

/// The id that modules declare.
pub const SERVICE: &str = "loggia.keys";

/// The service.
pub struct KeysService {
    table: Arc<KeysTable>,
}

struct KeysTable(HostKeys);

// SAFETY: the table holds a null context and constant functions.
unsafe impl Send for KeysTable {}
// SAFETY: as above.
unsafe impl Sync for KeysTable {}

impl Default for KeysService {
    fn default() -> Self {
        KeysService {
            table: Arc::new(KeysTable(HostKeys {
                size: u32::try_from(size_of::<HostKeys>()).unwrap_or(0),
                version: 1,
                context: std::ptr::null_mut(),
                count,
            })),
        }
    }
}

impl Provider for KeysService {
    fn id(&self) -> &'static CStr {
        c"loggia.keys"
    }

    fn version(&self) -> u32 {
        1
    }

    fn provide(&self, _instance: &InstanceFacts) -> Box<dyn Table> {
        Box::new(Shared(Arc::clone(&self.table), |table| {
            (&raw const table.0).cast()
        }))
    }
}

unsafe extern "C" fn count(
    _context: *mut c_void,
    call: *mut Call,
    key: i64,
    refusal: *mut Sink,
) -> i32 {
    guarded(|| {
        // SAFETY: the call is null or in flight, the sink null or the module's.
        let (call, refusal) = unsafe { (CallContext::from_raw(call), refusal.as_ref()) };
        let (Some(call), Some(refusal)) = (call, refusal) else {
            return Err(code::ARGUMENT);
        };
        call.charge(key).map_err(|failure| {
            if let Some(word) = failure.refused {
                // SAFETY: the sink takes its own context, and copies the bytes before it returns.
                unsafe { (refusal.write)(refusal.context, word.as_ptr(), word.len()) };
            }
            failure.code
        })
    })
}
