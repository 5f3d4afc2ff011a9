//! The operator's settings, `[module.menu]` in `endpoints.toml`.

use schemars::JsonSchema;
use serde::Deserialize;

/// How the menu module behaves.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Ids of the user groups that may edit: their members see items before and after their time, and how many
    /// unpublished and trashed ones a menu has.
    pub editor_groups: Vec<i64>,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            editor_groups: vec![4, 5, 6, 7, 8],
        }
    }
}
