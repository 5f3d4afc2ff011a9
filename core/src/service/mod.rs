//! What the host does for modules: a file for each service table of the boundary.

pub mod channels;
pub mod clock;
pub mod context;
pub mod database;
pub mod files;
pub(crate) mod guard;
pub mod hub;
pub mod identity;
pub mod keys;
pub mod log;
pub mod mail;
pub mod outgoing;
pub mod password;
pub mod push;
pub mod search;
pub mod secret;
mod session_slot;
pub mod settings;
pub mod till;

pub use context::CallContext;
pub use database::DatabaseService;
