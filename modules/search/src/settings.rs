//! The operator's settings, `[module.search]` in `endpoints.toml`.

use schemars::JsonSchema;
use serde::Deserialize;

/// How the search module behaves.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// How many letters and digits a search has at least.
    #[schemars(range(min = 1, max = 20))]
    pub shortest: usize,
    /// How many results a page has where the request does not say.
    #[schemars(range(min = 1, max = 1000))]
    pub limit: i64,
    /// How many results a page has at most.
    #[schemars(range(min = 1, max = 1000))]
    pub most: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            shortest: 3,
            limit: 20,
            most: 1000,
        }
    }
}
