//! Logging in and out, registering, recovering and keeping an account: the wire over the host's accounts.

mod faults;
mod profile;
mod recovery;
mod registration;
mod session;

use loggia_sdk::Identity;
use loggia_sdk::prelude::*;

/// One instance of the module.
pub struct User {
    host: Host,
}

impl User {
    fn identity(&self) -> Result<Identity, Fault> {
        Ok(self.host.identity()?)
    }
}

/// An operation that has nothing to say but that it was done.
#[derive(Debug, Default, Serialize, JsonSchema)]
struct Done {}

impl Module for User {
    const NAME: &'static str = "user";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    type Settings = NoSettings;

    fn describe(module: &mut Description<Self>) {
        module
            .summary("Logging in and out, registering, recovering and keeping an account.")
            .service(service::IDENTITY)
            .faults(faults::TABLE);
        session::describe(module);
        registration::describe(module);
        recovery::describe(module);
        profile::describe(module);
    }

    fn start(host: Host, _settings: NoSettings) -> Result<Self, StartError> {
        Ok(Self { host })
    }
}

loggia_module!(User);
