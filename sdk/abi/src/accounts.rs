//! The accounts of a site as whoever keeps them sees them.

use core::ffi::c_void;

use crate::host::Sink;
use crate::request::Call;
use crate::value::Str;

/// `loggia.accounts` version 1. `lg_host_accounts` in C.
///
/// Its functions ask for no password and look at no permission: the module answers for its caller's right to
/// them. Refusals are written as those of [`HostIdentity`](crate::HostIdentity). What is written is written in
/// the call's own transaction, where it has begun one.
#[repr(C)]
pub struct HostAccounts {
    /// The size of this table, in bytes.
    pub size: u32,
    /// The version of this table.
    pub version: u32,
    /// The host's own.
    pub context: *mut c_void,
    /// Writes a page of the accounts by id. The query is JSON with any of `limit` (absent is all), `offset`
    /// and `blocked` (whether blocked ones are among them); the page has `total` and `accounts`, each with
    /// `id`, `username`, `name`, `email`, `blocked`, `language`, `created_ms`, `last_visit_ms`.
    pub list: unsafe extern "C" fn(
        context: *mut c_void,
        call: *mut Call,
        query: Str<'_>,
        page: *mut Sink,
    ) -> i32,
    /// Checks a new password by the site's rules and writes its hash, for [`HostAccounts::change`]. It takes
    /// long on purpose, so it is done before a transaction begins.
    pub hash: unsafe extern "C" fn(
        context: *mut c_void,
        call: *mut Call,
        password: Str<'_>,
        hash: *mut Sink,
    ) -> i32,
    /// Changes an account: JSON with any of `username`, `name`, `email`, `language`, `password_hash`; the
    /// last ends all sessions. Writes the account as `find` of `loggia.identity` does.
    /// [`code::NOT_FOUND`](crate::code::NOT_FOUND) where there is none.
    pub change: unsafe extern "C" fn(
        context: *mut c_void,
        call: *mut Call,
        user: i64,
        change: Str<'_>,
        account: *mut Sink,
    ) -> i32,
}
