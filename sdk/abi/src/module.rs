//! The one table that a module exports.

use core::ffi::c_void;

use crate::host::Host;
use crate::reply::Reply;
use crate::request::{Call, Request};
use crate::value::Str;

/// The one exported symbol, with the major version in its name.
pub const ENTRY_SYMBOL: &str = "loggia_module_v1";

/// Flag of [`Module::flags`]: the library may be unmapped after `stop`, because it keeps no thread alive.
pub const UNLOADABLE: u32 = 1;

/// The type of the entry symbol. It is given the host's minor and answers null where that is too old.
/// What it points at must stay valid and unchanged while the library is open.
pub type EntryFunction = unsafe extern "C" fn(host_minor: u32) -> *const Module;

/// A module. `lg_module` in C.
#[repr(C)]
pub struct Module {
    /// The size of this structure as the module knows it, in bytes.
    pub size: u32,
    /// The major version the module was built for.
    pub major: u32,
    /// The minor version the module was built for.
    pub minor: u32,
    /// The oldest host minor the module can live with.
    pub min_host_minor: u32,
    /// [`UNLOADABLE`] or 0.
    pub flags: u32,
    /// Kept 0.
    pub reserved: u32,
    /// The module's name on the wire.
    pub name: Str<'static>,
    /// The module's own version.
    pub version: Str<'static>,
    /// What the module offers and wants, as JSON; see `docs/abi.md`.
    pub descriptor: Str<'static>,
    /// Makes one instance. The host's table lives until `stop` has returned. On failure the reason may be
    /// written to the log service.
    pub start: unsafe extern "C" fn(host: *const Host, state: *mut *mut c_void) -> i32,
    /// Answers one call; called from many threads at once.
    pub handle: unsafe extern "C" fn(
        state: *mut c_void,
        request: *const Request<'_>,
        reply: *mut Reply,
    ) -> i32,
    /// Hears of an event it subscribed to; may be absent.
    pub event: Option<
        unsafe extern "C" fn(
            state: *mut c_void,
            call: *mut Call,
            topic: Str<'_>,
            json: Str<'_>,
        ) -> i32,
    >,
    /// Told once that no new calls will come, while the last ones still run; may be absent.
    pub drain: Option<unsafe extern "C" fn(state: *mut c_void)>,
    /// Ends the instance, after the last `handle` has returned.
    pub stop: unsafe extern "C" fn(state: *mut c_void),
}

// SAFETY: the table is constant data; its functions are called from many threads by contract.
unsafe impl Sync for Module {}
// SAFETY: as above.
unsafe impl Send for Module {}
