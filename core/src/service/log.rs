//! `loggia.log`: a module's lines in the host's log, with its name and the request they belong to.

use std::ffi::{CStr, c_void};

use loggia_abi::host::level;
use loggia_abi::{Call, HostLog, Str};

use super::context::CallContext;
use super::hub::{InstanceFacts, Provider, Table};

/// Longer lines are cut: a module must not be able to fill a disk with one call.
const LONGEST_LINE: usize = 8 * 1024;

/// The service.
pub struct LogService;

struct LogTable {
    table: HostLog,
    module: String,
}

// SAFETY: the raw pointer in `table` points at this very structure, which is never changed.
unsafe impl Send for LogTable {}
// SAFETY: as above.
unsafe impl Sync for LogTable {}

impl Provider for LogService {
    fn id(&self) -> &'static CStr {
        c"loggia.log"
    }

    fn version(&self) -> u32 {
        1
    }

    fn provide(&self, instance: &InstanceFacts) -> Box<dyn Table> {
        let size = u32::try_from(size_of::<HostLog>()).unwrap_or(0);
        let table = HostLog {
            size,
            version: 1,
            context: std::ptr::null_mut(),
            enabled,
            write,
        };
        let mut made = Box::new(LogTable {
            table,
            module: instance.module.clone(),
        });
        made.table.context = (&raw mut *made).cast();
        made
    }
}

impl Table for LogTable {
    fn pointer(&self) -> *const c_void {
        (&raw const self.table).cast()
    }
}

unsafe extern "C" fn enabled(_context: *mut c_void, level: u32) -> u32 {
    u32::from(match level {
        level::ERROR => tracing::enabled!(target: "loggia::module", tracing::Level::ERROR),
        level::WARN => tracing::enabled!(target: "loggia::module", tracing::Level::WARN),
        level::INFO => tracing::enabled!(target: "loggia::module", tracing::Level::INFO),
        level::DEBUG => tracing::enabled!(target: "loggia::module", tracing::Level::DEBUG),
        _ => tracing::enabled!(target: "loggia::module", tracing::Level::TRACE),
    })
}

unsafe extern "C" fn write(context: *mut c_void, call: *mut Call, level: u32, message: Str<'_>) {
    // SAFETY: the context is the table that `provide` made; the call handle is the host's own or null.
    let (log, call) = unsafe { (&*context.cast::<LogTable>(), CallContext::from_raw(call)) };
    // SAFETY: the module vouches for the text during this function.
    let bytes = unsafe { message.bytes() };
    let line = String::from_utf8_lossy(&bytes[..bytes.len().min(LONGEST_LINE)]);
    let (module, request) = (
        log.module.as_str(),
        call.map_or("", |call| call.request_id.as_str()),
    );
    match level {
        level::ERROR => tracing::error!(target: "loggia::module", module, request, "{line}"),
        level::WARN => tracing::warn!(target: "loggia::module", module, request, "{line}"),
        level::INFO => tracing::info!(target: "loggia::module", module, request, "{line}"),
        level::DEBUG => tracing::debug!(target: "loggia::module", module, request, "{line}"),
        _ => tracing::trace!(target: "loggia::module", module, request, "{line}"),
    }
}
