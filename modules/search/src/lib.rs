//! One search over what all modules offer, as jBackend's `search` shows it.

mod settings;
mod site;

use loggia_sdk::prelude::*;

pub use crate::settings::Settings;

/// One instance of the module.
pub struct Search {
    settings: Settings,
}

impl Module for Search {
    const NAME: &'static str = "search";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    type Settings = Settings;

    fn describe(module: &mut Description<Self>) {
        module
            .summary("One search over what all modules offer.")
            .service(service::SEARCH)
            .faults(&[
                fault("SRH_WNS", "Search word not specified", 400),
                fault("SRH_WTS", "Search word too short", 400),
            ]);
        module
            .operation("get", "site", site::get)
            .summary("Finds what the caller may see, a page at a time.")
            .contract()
            .raises(&["SRH_WNS", "SRH_WTS"]);
    }

    fn start(_host: Host, settings: Settings) -> Result<Self, StartError> {
        Ok(Search { settings })
    }
}

loggia_module!(Search);
