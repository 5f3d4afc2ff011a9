//! Images and attachments of a site in one store, with thumbnails.
//!
//! What a file is, its bytes say: neither its name nor what the client calls it. Images are walked through and decoded
//! within limits before they are kept, so that nobody else is the first to open them.

mod anatomy;
mod describe;
mod faults;
mod gate;
mod inspection;
mod naming;
mod operation;
mod picture;
mod settings;
mod store;

use loggia_sdk::prelude::*;

pub use crate::settings::{FileType, Settings};

use crate::gate::Gate;

/// One instance of the module.
pub struct Media {
    settings: Settings,
    /// Where images are decoded, a few at a time.
    gate: Gate,
}

loggia_module!(Media);
