//! Loggia: a server for loadable modules, with access, quotas, logs and accounts of its own.

pub mod cli;
pub mod logging;
pub mod node;
pub mod service;
pub mod settings;
pub mod store;
