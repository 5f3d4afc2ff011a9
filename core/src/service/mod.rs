//! What the host does for modules: a file for each service table of the boundary.

pub mod context;
pub mod database;
pub mod identity;
pub mod mail;
pub mod password;
pub mod secret;

pub use context::CallContext;
pub use database::DatabaseService;
