//! PushBack's protocol: a site registers its users and posts notifications, its pages receive them at once.
//!
//! An application is one of the push ledger, a registered user a device of the platform `page`, a notification to him
//! a delivery in the ledger. Pages are held by the host; this module publishes to its channels.

mod answer;
mod describe;
mod form;
mod input;
mod operation;
mod route;
mod store;
mod ticket;
mod token;

use loggia_sdk::prelude::*;

/// One instance of the module.
pub struct PushBack {
    settings: Settings,
}

/// `[module.pushback]`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// How many users one request may register or tell.
    #[schemars(range(min = 1, max = 100_000))]
    users_at_once: usize,
    /// How many missed messages a page is given at once that asks for them without a websocket.
    #[schemars(range(min = 1, max = 1_000))]
    messages_at_once: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            users_at_once: 10_000,
            messages_at_once: 100,
        }
    }
}

loggia_module!(PushBack);
