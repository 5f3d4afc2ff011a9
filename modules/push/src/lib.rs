//! Push as operations: jBackend's three, and what it takes to keep applications, devices and notifications.
//!
//! The model lies in `loggia-push`, the sending in the host. Here is who may ask for what, and how it is shown.

mod bounds;
mod describe;
mod engine;
mod faults;
mod named;
mod operation;
mod record;
mod settings;
mod shown;
mod store;
mod stream;
mod together;

use std::sync::OnceLock;

use loggia_sdk::prelude::*;

pub use crate::settings::Settings;

/// One instance of the module.
pub struct Push {
    settings: Settings,
    registrations: operation::register::Registrations,
    leaders: OnceLock<usize>,
}

loggia_module!(Push);
