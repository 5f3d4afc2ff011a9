//! What the host does for modules: a file for each service table of the boundary.

pub mod context;
pub mod database;

pub use context::CallContext;
pub use database::DatabaseService;
