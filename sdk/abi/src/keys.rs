//! Keys that a call is charged to without having been sent them.

use core::ffi::c_void;

use crate::host::Sink;
use crate::request::Call;

/// `loggia.keys` version 1: charging a call to a key's record. `lg_host_keys` in C.
///
/// It is for protocols whose clients prove themselves with something of the module's own, behind which the operator has
/// put a key.
#[repr(C)]
pub struct HostKeys {
    /// The size of this table, in bytes.
    pub size: u32,
    /// The version of this table.
    pub version: u32,
    /// The host's own.
    pub context: *mut c_void,
    /// Charges the call to the key with this number, exactly as if the client had sent it: its rights and its quota are
    /// looked at, the access log names it, and the charge is durable before the answer leaves. A call is charged once,
    /// and not where the client has sent a key, or the operator calls.
    /// [`code::REFUSED`](crate::code::REFUSED) where the key is not good or used up; then the sink gets the host's code,
    /// such as `REQ_AKL`. The module does nothing further then; whatever it answers, the client is told that code.
    pub count: unsafe extern "C" fn(
        context: *mut c_void,
        call: *mut Call,
        key: i64,
        refusal: *mut Sink,
    ) -> i32,
}
