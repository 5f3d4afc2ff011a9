//! LoopBack's interface on the built server, with the vendors' fakes.

mod changes;
mod events;
pub(crate) mod lab;
mod mapping;
mod models;
mod refusals;
mod sending;
mod settings;
mod vendors;
