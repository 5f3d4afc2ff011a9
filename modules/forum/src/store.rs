//! The module's own tables. Times are UTC milliseconds.

pub(crate) mod attachment;
pub(crate) mod category;
pub(crate) mod condition;
pub(crate) mod message;
pub(crate) mod moderator;
pub(crate) mod person;
pub(crate) mod record;
pub(crate) mod schema;
pub(crate) mod subscription;
pub(crate) mod tally;
pub(crate) mod thanks;
pub(crate) mod topic;

/// The most ids in one statement; the databases have their limits, so longer lists take several.
pub(crate) const IDS: usize = 10_000;

/// What everybody sees who sees its place.
pub(crate) const SHOWN: i64 = 0;
/// What awaits a moderator's approval.
pub(crate) const HELD: i64 = 1;
/// What was deleted, and can be restored.
pub(crate) const DELETED: i64 = 2;

/// The version of a record that has none.
pub(crate) fn first_version() -> i64 {
    1
}
