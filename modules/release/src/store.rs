//! The module's own tables. Times are UTC milliseconds.

pub(crate) mod catalogue;
pub(crate) mod downloads;
pub(crate) mod licences;
pub(crate) mod schema;
pub(crate) mod signing_key;
