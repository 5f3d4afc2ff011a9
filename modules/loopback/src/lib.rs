//! LoopBack's push component: its models and routes, on the same applications, devices and notifications as every other
//! interface.

mod access;
mod application;
mod bracket;
mod changes;
mod configuration;
mod describe;
mod error;
mod event;
mod filter;
mod finder;
mod installation;
mod message;
mod model;
mod notification;
mod notify;
mod property;
mod reply;
mod reset;
mod rest;
mod seal;
mod settings;
mod time;
mod typed;

use loggia_sdk::prelude::*;

use crate::changes::Listeners;
use crate::model::Model;
pub use crate::settings::Settings;

/// One instance of the module.
pub struct Loopback {
    settings: Settings,
    /// Who listens to the changes of applications, installations and notifications.
    listeners: [Listeners; 3],
}

impl Loopback {
    /// Who listens to the changes of a model.
    fn listeners<M: Model>(&self) -> &Listeners {
        &self.listeners[M::PLACE]
    }
}

loggia_module!(Loopback);
