//! The module's own tables. Times are UTC milliseconds.

pub(crate) mod account;
pub(crate) mod file;
mod schema;
pub(crate) mod thumbnail;
