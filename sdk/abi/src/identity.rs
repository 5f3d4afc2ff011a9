//! Accounts, groups and sessions, which the host owns and modules ask about.

use core::ffi::c_void;

use crate::host::Sink;
use crate::request::Call;
use crate::value::Str;

/// `loggia.identity` version 1. `lg_host_identity` in C.
///
/// An account is written to a sink as a JSON object: `id`, `username`, `name`, `email`, `blocked`, `groups`
/// (ids), `view_levels` (ids), `language`, `created_ms`. Refusals are written as `{"code":"USR_..."}` with
/// [`code::REFUSED`](crate::code::REFUSED).
#[repr(C)]
pub struct HostIdentity {
    /// The size of this table, in bytes.
    pub size: u32,
    /// The version of this table.
    pub version: u32,
    /// The host's own.
    pub context: *mut c_void,
    /// Finds an account by one of [`by`]; [`code::NOT_FOUND`](crate::code::NOT_FOUND) where there is none.
    pub find: unsafe extern "C" fn(
        context: *mut c_void,
        call: *mut Call,
        by: u32,
        value: Str<'_>,
        account: *mut Sink,
    ) -> i32,
    /// Checks a user name and password, throttled by account and client address, and gives the account.
    pub authenticate: unsafe extern "C" fn(
        context: *mut c_void,
        call: *mut Call,
        username: Str<'_>,
        password: Str<'_>,
        account: *mut Sink,
    ) -> i32,
    /// Opens a session for an account; writes its id and has the host set the cookie on this call's answer.
    pub open_session: unsafe extern "C" fn(
        context: *mut c_void,
        call: *mut Call,
        user: i64,
        session: *mut Sink,
    ) -> i32,
    /// Ends the call's session; [`code::NOT_FOUND`](crate::code::NOT_FOUND) for a guest.
    pub close_session: unsafe extern "C" fn(context: *mut c_void, call: *mut Call) -> i32,
    /// Registers an account: JSON with `username`, `password`, `email`, `name`. Mails what the settings ask.
    pub register: unsafe extern "C" fn(
        context: *mut c_void,
        call: *mut Call,
        json: Str<'_>,
        answer: *mut Sink,
    ) -> i32,
    /// Mails the user name to an address, if an account has it; says nothing of whether one has.
    pub remind: unsafe extern "C" fn(
        context: *mut c_void,
        call: *mut Call,
        email: Str<'_>,
        answer: *mut Sink,
    ) -> i32,
    /// Mails a link with a single-use token that sets a new password; says nothing of whether it did.
    pub reset: unsafe extern "C" fn(
        context: *mut c_void,
        call: *mut Call,
        email: Str<'_>,
        answer: *mut Sink,
    ) -> i32,
    /// Sets a new password by such a token.
    pub confirm_reset: unsafe extern "C" fn(
        context: *mut c_void,
        call: *mut Call,
        token: Str<'_>,
        password: Str<'_>,
        answer: *mut Sink,
    ) -> i32,
    /// Enables an account by the token of its activation mail.
    pub activate: unsafe extern "C" fn(
        context: *mut c_void,
        call: *mut Call,
        token: Str<'_>,
        answer: *mut Sink,
    ) -> i32,
    /// Writes the account's custom fields as a JSON array, as `get/user/profile` shows them.
    pub fields: unsafe extern "C" fn(
        context: *mut c_void,
        call: *mut Call,
        user: i64,
        fields: *mut Sink,
    ) -> i32,
    /// Sets a new password for an owner who knows the old one, and ends all his sessions.
    pub change_password: unsafe extern "C" fn(
        context: *mut c_void,
        call: *mut Call,
        user: i64,
        old: Str<'_>,
        new: Str<'_>,
        answer: *mut Sink,
    ) -> i32,
    /// Changes an account for its owner: JSON with any of `name`, `email` (then also `password`, the present
    /// one), `language`, `fields` (an object of custom fields by name, null removes a value). Writes the
    /// account.
    pub change_profile: unsafe extern "C" fn(
        context: *mut c_void,
        call: *mut Call,
        user: i64,
        json: Str<'_>,
        account: *mut Sink,
    ) -> i32,
}

/// The second argument of [`HostIdentity::find`].
pub mod by {
    /// By the id, in decimal.
    pub const ID: u32 = 1;
    /// By the user name, ignoring case.
    pub const USERNAME: u32 = 2;
    /// By the e-mail address, ignoring case.
    pub const EMAIL: u32 = 3;
}
