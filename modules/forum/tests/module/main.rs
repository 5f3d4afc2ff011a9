//! The module on the host's real services, as its callers see it, on each database there is.

mod acts;
mod attachments;
mod board;
mod categories;
mod lists;
mod matrix;
mod person;
mod records;
mod searchables;
mod subscriptions;
mod topics;
mod writing;
