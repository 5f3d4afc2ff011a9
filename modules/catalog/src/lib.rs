//! Applications with categories and items of types, as jBackend's `zoo` shows them.
//!
//! What a caller may see is decided inside the statements: by the view level of an item, its state and publish
//! window, and the states and view levels of its categories and of all that lie above. So no total tells of
//! anything that could not be read.

mod describe;
mod element;
mod faults;
mod hits;
mod memory;
mod operation;
mod permission;
mod searchable;
mod settings;
mod sight;
mod store;

use std::sync::atomic::AtomicU64;

use loggia_sdk::prelude::*;
use loggia_site::memory::Memory;

use crate::hits::Hits;
pub use crate::settings::Settings;

/// One instance of the module.
pub struct Catalog {
    settings: Settings,
    hits: Hits,
    /// Counts the votes that came in here: what is remembered of an item is not older than its last vote.
    votes: AtomicU64,
    memory: Memory,
}

loggia_module!(Catalog);
