//! The module's operations, a file a subject.

pub(crate) mod article;
pub(crate) mod articles;
pub(crate) mod categories;
pub(crate) mod category;
mod draft;
mod item;
mod list;
pub(crate) mod person;
pub(crate) mod records;
pub(crate) mod revisions;
mod saved;
mod saving;
pub(crate) mod searchables;
pub(crate) mod state;
pub(crate) mod tag;
pub(crate) mod tag_articles;
