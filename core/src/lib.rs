//! Loggia: a server for loadable modules, with access, quotas, logs and accounts of its own.

mod address_text;
pub mod app;
pub mod cli;
pub mod demo;
pub mod endpoint;
pub mod fault;
pub mod http;
pub mod logging;
pub mod metrics;
pub mod module;
pub mod moving;
pub mod node;
pub mod personal_data;
mod searchables;
pub mod serve;
pub mod service;
pub mod settings;
pub mod store;
pub mod watch;
