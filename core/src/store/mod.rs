//! Where rows live: pools, migrations and the host's own tables, a file for each. Diesel is used only here.

pub mod access_log;
mod account_table;
pub mod accounts;
pub mod address;
pub mod archive;
mod brake;
mod canceller;
pub mod channel;
mod connections;
mod core_migrations;
mod engine;
pub(crate) mod failure;
pub mod fields;
pub mod groups;
pub mod imported;
pub mod keys;
pub(crate) mod lease;
pub mod ledger;
mod link;
pub mod listener;
pub mod mail_queue;
pub mod migration;
pub mod nodes;
pub mod notices;
pub mod pool;
pub mod records;
pub mod search_document;
pub mod search_entry;
pub mod search_module;
pub mod search_person;
pub mod sessions;
mod slots;
pub(crate) mod table;
pub mod testing;
pub mod throttle;
pub mod tokens;

#[cfg(test)]
mod tests;

pub use address::Address;
pub use core_migrations::core_migrations;
pub use migration::{Migration, MigrationError};
pub use pool::{Durability, OpenError, Options, Pool};
