//! Categories, articles and tags of a site, as jBackend's `content` shows them.
//!
//! What a caller may see is decided inside the statements: by the view levels of an article, of its category
//! and of all that lie above, by their states, the publish window and the language. So no total and no count
//! tells of anything that could not be read.

mod describe;
mod faults;
mod html;
mod memory;
mod operation;
mod permission;
mod searchable;
mod settings;
mod sight;
mod store;

use loggia_sdk::prelude::*;
use loggia_site::memory::Memory;

pub use crate::settings::{Settings, StateFilter};

/// One instance of the module.
pub struct Content {
    settings: Settings,
    memory: Memory,
}

loggia_module!(Content);
