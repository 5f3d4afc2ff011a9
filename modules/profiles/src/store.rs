//! The module's own tables.

pub(crate) mod field;
pub(crate) mod record;
mod schema;
pub(crate) mod value;

/// The most ids in one statement; the databases have their limits, so longer lists take several.
const IDS: usize = 10_000;
