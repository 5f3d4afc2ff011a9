//! The module's own tables. Times are UTC milliseconds.

pub(crate) mod application;
pub(crate) mod category;
pub(crate) mod condition;
pub(crate) mod item;
pub(crate) mod item_type;
pub(crate) mod membership;
pub(crate) mod record;
pub(crate) mod revision;
pub(crate) mod schema;
pub(crate) mod selection;
pub(crate) mod vote;

/// The most ids in one statement; the databases have their limits, so longer lists take several.
pub(crate) const IDS: usize = 10_000;
