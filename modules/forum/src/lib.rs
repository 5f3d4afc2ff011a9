//! Categories, topics and messages of a site's forum, as jBackend's `kunena` shows them.
//!
//! What a caller may see is decided inside the statements: by the view levels or user groups of a category and of
//! all that lie above, by their states, and by what awaits approval or was deleted. So no total and no count tells of
//! anything that could not be read.

mod describe;
mod faults;
mod found;
mod markup;
mod operation;
mod searchable;
mod settings;
mod sight;
mod store;
mod views;

use loggia_sdk::prelude::*;

use crate::markup::Renderer;
pub use crate::settings::Settings;
use crate::views::Views;

/// One instance of the module.
pub struct Forum {
    settings: Settings,
    views: Views,
    renderer: Renderer,
}

loggia_module!(Forum);
