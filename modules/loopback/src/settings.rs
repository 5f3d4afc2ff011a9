//! The operator's settings, `[module.loopback]` in `endpoints.toml`.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

/// How LoopBack's interface behaves.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Whose word is taken for the user of an installation.
    pub user_ids: UserIds,
    /// What `POST /notify/ID` sends where the request has no body: the members of a notification.
    pub notify: Map<String, Value>,
}

/// Whose word is taken for the user of an installation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum UserIds {
    /// That of the account that is logged in, of itself, and that of keys with the scope `push.devices`.
    #[default]
    Entitled,
    /// Everybody's, as LoopBack does. Whoever registers can have the notifications of anybody then.
    Any,
}
