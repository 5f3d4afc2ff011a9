//! The module's operations, a file a subject.

pub(crate) mod application;
pub(crate) mod categories;
pub(crate) mod category;
mod draft;
mod elements;
mod facts;
mod given;
mod insight;
pub(crate) mod item;
pub(crate) mod item_type;
pub(crate) mod items;
pub(crate) mod person;
mod place;
pub(crate) mod records;
pub(crate) mod revisions;
mod saved;
mod saving;
pub(crate) mod searchables;
mod single;
mod snapshot;
pub(crate) mod state;
pub(crate) mod types;
pub(crate) mod votes;

pub(crate) use categories::Metadata;
pub(crate) use saved::document;
