//! The search over what all modules offer.

use core::ffi::c_void;

use crate::host::{Connection, Sink};
use crate::request::Call;
use crate::value::Str;

/// `loggia.search` version 1: one search over what all modules offer. `lg_host_search` in C.
///
/// `docs/abi.md` says what the JSON texts hold.
#[repr(C)]
pub struct HostSearch {
    /// The size of this table, in bytes.
    pub size: u32,
    /// The version of this table.
    pub version: u32,
    /// The host's own.
    pub context: *mut c_void,
    /// Hands in and withdraws documents and categories, in the transaction of the connection, which must be
    /// one for writing: a JSON array of changes. They are found from the moment of the commit, on every node.
    pub change: unsafe extern "C" fn(
        context: *mut c_void,
        connection: *mut Connection,
        changes: Str<'_>,
    ) -> i32,
    /// Searches: a question as a JSON object; the answer, another one, is written to the sink.
    /// [`code::BUSY`](crate::code::BUSY) where the index is still being built.
    pub find: unsafe extern "C" fn(
        context: *mut c_void,
        call: *mut Call,
        question: Str<'_>,
        answer: *mut Sink,
    ) -> i32,
}
