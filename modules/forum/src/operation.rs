//! The module's operations, a file a subject.

pub(crate) mod attachments;
mod author;
pub(crate) mod categories;
pub(crate) mod category;
pub(crate) mod change;
pub(crate) mod message;
pub(crate) mod moderation;
mod notice;
pub(crate) mod person;
pub(crate) mod post;
pub(crate) mod posts;
pub(crate) mod records;
pub(crate) mod searchables;
pub(crate) mod subscriptions;
pub(crate) mod thanks;
pub(crate) mod topics;
mod written;
