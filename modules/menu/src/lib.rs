//! Menus of a site and their items, as jBackend's `menu` shows them.
//!
//! What a caller may see is decided inside the statements: by state, view level and time of an item and of all that
//! lie above it. So no total and no count tells of anything that could not be read.

mod describe;
mod faults;
mod operation;
mod settings;
mod sight;
mod store;

use loggia_sdk::prelude::*;

pub use crate::settings::Settings;

/// One instance of the module.
pub struct Menu {
    settings: Settings,
}

loggia_module!(Menu);
