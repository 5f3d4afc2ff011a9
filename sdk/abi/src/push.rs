//! Push: the engine that sends what modules enter.

use core::ffi::c_void;

use crate::host::{Connection, Sink};
use crate::request::Call;
use crate::value::Str;

/// `loggia.push` version 1: the engine that sends notifications. `lg_host_push` in C.
///
/// Notifications, devices and the ledger are rows of the host's tables; `docs/push.md` tells them. `docs/abi.md` says
/// what the JSON texts hold.
#[repr(C)]
pub struct HostPush {
    /// The size of this table, in bytes.
    pub size: u32,
    /// The version of this table.
    pub version: u32,
    /// The host's own.
    pub context: *mut c_void,
    /// Has the engine look for what is to be sent, when the call has ended.
    pub wake: unsafe extern "C" fn(context: *mut c_void, call: *mut Call) -> i32,
    /// Sends what is due to so many devices, or with 0 to as many as the settings say, and waits for the answers. What
    /// came of it is written to the sink: a JSON object with `batch_size`, `sent`, `success`, `failure`. The caller
    /// holds no connection for writing meanwhile.
    pub run: unsafe extern "C" fn(
        context: *mut c_void,
        call: *mut Call,
        batch_size: i64,
        answer: *mut Sink,
    ) -> i32,
    /// Checks an application's credentials, a JSON object, or takes them away where the text is empty; seals them, and
    /// keeps them in the transaction of the connection, which must be one for writing. Its alarms end. The sink gets a JSON
    /// object: `platforms`, for which there are credentials now, and `web_push_public_key`, which pages hand to browsers; a
    /// pair of keys is made where `web_push` names none. An object with `webhook` alone sets the webhook instead.
    /// [`code::REFUSED`](crate::code::REFUSED) where they are none; then it gets `fault`, which names the member and
    /// the rule. [`code::NOT_FOUND`](crate::code::NOT_FOUND) where the application is not there.
    pub set_credentials: unsafe extern "C" fn(
        context: *mut c_void,
        connection: *mut Connection,
        application: i64,
        credentials: Str<'_>,
        answer: *mut Sink,
    ) -> i32,
}
