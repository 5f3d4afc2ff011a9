//! Channels: what modules publish to the pages that are connected.

use core::ffi::c_void;

use crate::host::{Connection, Sink};
use crate::request::Call;
use crate::value::Str;

/// `loggia.channels` version 1: publishing to the streams that routes answer with ([`Stream`](crate::Stream)).
/// `lg_host_channels` in C.
///
/// A channel is a text of at most 200 bytes; each module has its own. `docs/abi.md` says what the JSON texts hold.
#[repr(C)]
pub struct HostChannels {
    /// The size of this table, in bytes.
    pub size: u32,
    /// The version of this table.
    pub version: u32,
    /// The host's own.
    pub context: *mut c_void,
    /// Publishes a message, one JSON text, in the transaction of the connection, which must be one for writing: it is
    /// sent if and only if that is committed. `to` is a JSON object with `channels`; `id` is set to the message's id,
    /// which rises with each message. Publish late in the transaction, because others wait until it ends. What was
    /// published in a call is on its way to the streams of this node before the call's answer leaves.
    /// [`code::LIMIT`](crate::code::LIMIT) where the message is larger than the host allows.
    pub publish: unsafe extern "C" fn(
        context: *mut c_void,
        call: *mut Call,
        connection: *mut Connection,
        to: Str<'_>,
        message: Str<'_>,
        id: *mut i64,
    ) -> i32,
    /// Ends the streams of all channels that begin so, on every node, once the connection's transaction is committed,
    /// and forgets what was published on them.
    pub end: unsafe extern "C" fn(
        context: *mut c_void,
        call: *mut Call,
        connection: *mut Connection,
        prefix: Str<'_>,
    ) -> i32,
    /// Writes who listens at present, on any node: a JSON array of `{"channel","member"}`. The question is a JSON
    /// object with `channels`.
    pub present: unsafe extern "C" fn(
        context: *mut c_void,
        call: *mut Call,
        question: Str<'_>,
        answer: *mut Sink,
    ) -> i32,
    /// Writes what was published on a channel after a message, as far as it is kept: a JSON object with `messages`
    /// (`id`, `content`, `sent`), `last` and `gap`. The question is a JSON object with `channel`, `since`, `limit`.
    pub history: unsafe extern "C" fn(
        context: *mut c_void,
        call: *mut Call,
        question: Str<'_>,
        answer: *mut Sink,
    ) -> i32,
}
