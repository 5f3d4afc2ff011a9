//! The module's operations, a file a subject.

pub(crate) mod change;
pub(crate) mod field;
pub(crate) mod person;
pub(crate) mod profile;
pub(crate) mod records;
pub(crate) mod searchables;
pub(crate) mod users;
