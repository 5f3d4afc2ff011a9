//! The operator's settings, `[module.profiles]` in `endpoints.toml`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

/// The group of those who manage the whole site; its members are never changed here.
pub(crate) const SUPER_USERS: i64 = 8;

/// How the profiles module behaves.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The names of the fields that are shown and may be changed; where it is empty, all that are published.
    pub fields: Vec<String>,
    /// The same for single endpoints, by their names; what stands here counts there instead of `fields`.
    pub endpoint_fields: BTreeMap<String, Vec<String>>,
    /// Whether the list of users shows the fields of each.
    pub fields_in_lists: bool,
    /// Whether accounts that are blocked are shown and can be changed.
    pub show_blocked: bool,
    /// Ids of the user groups whose members are never changed here, besides the super users.
    pub administrator_groups: Vec<i64>,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            fields: Vec::new(),
            endpoint_fields: BTreeMap::new(),
            fields_in_lists: false,
            show_blocked: false,
            administrator_groups: vec![7, SUPER_USERS],
        }
    }
}

impl Settings {
    /// Whether a field may be searched: where every endpoint lets it through.
    pub(crate) fn is_searched(&self, field: &str) -> bool {
        let holds = |names: &[String]| names.iter().any(|name| name == field);
        let is_shown = self.fields.is_empty() || holds(&self.fields);
        is_shown && self.endpoint_fields.values().all(|names| holds(names))
    }

    /// Whether a member of these groups, which hold those above them too, is an administrator.
    pub(crate) fn is_administrator(&self, groups: &[i64]) -> bool {
        groups
            .iter()
            .any(|group| *group == SUPER_USERS || self.administrator_groups.contains(group))
    }
}
