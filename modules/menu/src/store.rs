//! The module's own tables. Times are UTC milliseconds.

pub(crate) mod condition;
pub(crate) mod item;
pub(crate) mod menu;
pub(crate) mod record;
mod schema;
pub(crate) mod tree;
