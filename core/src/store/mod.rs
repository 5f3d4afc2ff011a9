//! Where rows live: pools, migrations and the host's own tables, a file for each. Diesel is used only here.

pub mod address;
mod core_migrations;
mod engine;
pub(crate) mod failure;
pub(crate) mod lease;
mod link;
pub mod migration;
pub mod nodes;
pub mod pool;
mod slots;
pub(crate) mod table;
pub mod testing;

#[cfg(test)]
mod tests;

pub use address::Address;
pub use core_migrations::core_migrations;
pub use migration::{Migration, MigrationError};
pub use pool::{Durability, OpenError, Options, Pool};
