//! Profiles of the site's people, as jBackend's `comprofiler` shows them to other businesses: what no public
//! endpoint may show, and so served only where a key is asked for or the operator says `private`.
//!
//! Accounts are the host's. What the operator lets people say of themselves beside that, the fields and their
//! values, is this module's own.

mod describe;
mod faults;
mod kind;
mod operation;
mod searchable;
mod settings;
mod sight;
mod store;
mod value;

use loggia_sdk::prelude::*;

pub use crate::settings::Settings;

/// One instance of the module.
pub struct Profiles {
    settings: Settings,
}

loggia_module!(Profiles);
