//! The boundary between the Loggia host and a module: C data only.
//!
//! `include/loggia.h` says the same in C, and a test holds both to be equal. Three rules keep a module
//! loading for years:
//!
//! * Every structure that crosses begins with its `size` and only grows at its end. A member newer than
//!   minor 0 is read only after [`covers!`] has shown that the other side knows it.
//! * A service table is frozen under its id and version; a new need is a new table or a new version.
//! * The major version is part of the entry symbol's name, so another major is never called by mistake.
//!
//! Strings are UTF-8 without a terminating NUL. What the host hands to a call is valid until that call
//! returns, what a module hands to the host is copied before the host's function returns.

pub mod accounts;
pub mod channels;
pub mod host;
pub mod identity;
pub mod keys;
mod layout;
pub mod module;
pub mod push;
pub mod reply;
pub mod request;
pub mod rows;
pub mod search;
pub mod value;

pub use accounts::HostAccounts;
pub use channels::HostChannels;
pub use host::{
    Connection, Host, HostClock, HostDatabase, HostFiles, HostLog, HostMail, HostSettings, Sink,
};
pub use identity::HostIdentity;
pub use keys::HostKeys;
pub use module::{ENTRY_SYMBOL, EntryFunction, Module, UNLOADABLE};
pub use push::HostPush;
pub use reply::{Reply, Stream};
pub use request::{Call, Pair, Request};
pub use search::HostSearch;
pub use value::{Str, Value, ValueData};

/// The major version of this boundary. Another major is another entry symbol.
pub const MAJOR: u32 = 1;
/// The minor version: what was appended to the structures since the major began.
pub const MINOR: u32 = 2;

/// Result codes of every function that crosses the boundary. Zero is success, negative numbers are failures.
pub mod code {
    /// Done.
    pub const OK: i32 = 0;
    /// An argument is malformed: not UTF-8, a null pointer, a wrong type.
    pub const ARGUMENT: i32 = -1;
    /// The two sides do not speak the same version of the boundary.
    pub const ABI: i32 = -2;
    /// The other side does not offer what was asked for.
    pub const UNSUPPORTED: i32 = -3;
    /// Every place is taken at present; a later try may succeed.
    pub const BUSY: i32 = -4;
    /// The deadline of the call has passed.
    pub const DEADLINE: i32 = -5;
    /// The database refused the statement; its text is to be had from the connection.
    pub const DATABASE: i32 = -6;
    /// A unique constraint was violated.
    pub const UNIQUE: i32 = -7;
    /// A limit of size or number was reached.
    pub const LIMIT: i32 = -8;
    /// Reading or writing outside the process failed.
    pub const IO: i32 = -9;
    /// What was asked for does not exist.
    pub const NOT_FOUND: i32 = -10;
    /// The other side refused: wrong credentials, no right, taken already.
    pub const REFUSED: i32 = -11;
    /// The function panicked and the panic was contained.
    pub const PANIC: i32 = -99;
}

/// Whether the structure behind a reference is new enough to have the named member.
#[macro_export]
macro_rules! covers {
    ($structure:expr, $type:ty, $member:ident, $member_type:ty) => {
        ($structure).size as usize
            >= ::core::mem::offset_of!($type, $member) + ::core::mem::size_of::<$member_type>()
    };
}
