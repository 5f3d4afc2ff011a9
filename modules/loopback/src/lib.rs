//! LoopBack's push component: its models and routes, on the same applications, devices and notifications as every other
//! interface.

mod access;
mod application;
mod configuration;
mod describe;
mod error;
mod filter;
mod finder;
mod installation;
mod message;
mod model;
mod notification;
mod notify;
mod property;
mod reply;
mod rest;
mod seal;
mod settings;
mod time;

use loggia_sdk::prelude::*;

pub use crate::settings::Settings;

/// One instance of the module.
pub struct Loopback {
    settings: Settings,
}

loggia_module!(Loopback);
