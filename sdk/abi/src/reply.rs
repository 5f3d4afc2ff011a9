//! What a module answers with: functions that write into the host's memory.

use core::ffi::c_void;

use crate::value::Str;

/// Where one call's answer goes. `lg_reply` in C. The host limits its size and checks what is written.
///
/// An operation either writes the members of its answer as one JSON object, to which the host adds the
/// envelope, or sets a content type and writes that body, or sends a file, or fails. A route chooses status,
/// headers and body by itself.
#[repr(C)]
pub struct Reply {
    /// The size of this structure as the host knows it, in bytes.
    pub size: u32,
    /// The HTTP status, written by the module; 0 leaves it to the host. Only routes and bytes use it.
    pub status: u32,
    /// The host's own; the first argument of every function below.
    pub context: *mut c_void,
    /// Appends to the body. [`code::LIMIT`](crate::code::LIMIT) once the answer is too large.
    pub write: unsafe extern "C" fn(context: *mut c_void, bytes: *const u8, len: usize) -> i32,
    /// Sets a header. `content-type` turns the answer of an operation into plain bytes.
    pub header: unsafe extern "C" fn(context: *mut c_void, name: Str<'_>, value: Str<'_>) -> i32,
    /// Answers with a file of the module's own store, with ranges and validators, under a file name of
    /// the module's choice. The content type is the header's, else `application/octet-stream`.
    pub send_file:
        unsafe extern "C" fn(context: *mut c_void, key: Str<'_>, file_name: Str<'_>) -> i32,
    /// Answers with a fault of the descriptor, or one of the host's own `REQ_` codes. The detail, where
    /// there is one, is appended to the fault's text and shown to the caller.
    pub fail: unsafe extern "C" fn(context: *mut c_void, code: Str<'_>, detail: Str<'_>) -> i32,
    /// Since minor 2: answers a route's request with a stream of what is published on a channel; see [`Stream`].
    /// [`code::ARGUMENT`](crate::code::ARGUMENT) for one that no host can open.
    pub stream: unsafe extern "C" fn(context: *mut c_void, stream: *const Stream<'_>) -> i32,
}

/// A stream that a route answers with: the host keeps the connection, pings, and sends what modules publish on the
/// channel by `loggia.channels`. `lg_stream` in C. Since minor 2.
#[repr(C)]
pub struct Stream<'a> {
    /// The size of this structure as the module knows it, in bytes.
    pub size: u32,
    /// One of [`stream_kind`].
    pub kind: u32,
    /// The channel, one of the module's own.
    pub channel: Str<'a>,
    /// Who listens, for presence.
    pub member: Str<'a>,
    /// The sub-protocol that the client offered and that is answered; empty for none.
    pub protocol: Str<'a>,
    /// With [`stream_flags::REPLAY`]: the id of the last message that the client has seen.
    pub since: i64,
    /// Bits of [`stream_flags`].
    pub flags: u32,
    /// Kept 0.
    pub reserved: u32,
}

/// The values of [`Stream::kind`].
pub mod stream_kind {
    /// A websocket: a text frame a message.
    pub const WEBSOCKET: u32 = 1;
    /// Server-sent events: an event a message, whose `id` is the message's.
    pub const EVENTS: u32 = 2;
}

/// The bits of [`Stream::flags`].
pub mod stream_flags {
    /// First comes what was published after `since`, as far as it is kept.
    pub const REPLAY: u32 = 1;
    /// Each message is sent as `{"id","content","sent"}`, and `"gap":true` where some before it are lost.
    pub const ENVELOPE: u32 = 2;
    /// The first thing sent is `{"id"}`, the id of the last message before those that come. Only with
    /// [`ENVELOPE`].
    pub const POSITION: u32 = 4;
    /// Server-sent events are of the type `data` in place of `message`, as LoopBack's are.
    pub const TYPED: u32 = 8;
}
