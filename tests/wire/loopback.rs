//! LoopBack's interface on the built server, with the vendors' fakes.

mod changes;
mod events;
mod filters;
pub(crate) mod lab;
mod mapping;
mod models;
mod refusals;
mod sending;
mod settings;
mod values;
mod vendors;
