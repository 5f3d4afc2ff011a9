//! The operator's settings, `[module.catalog]` in `endpoints.toml`.

use loggia_sdk::Call;
use schemars::JsonSchema;
use serde::Deserialize;

/// How the catalog behaves; the first four are jBackend's own.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Whether each read of an item is counted.
    pub update_hits: bool,
    /// Whether the elements of an item are a map by their identifiers; otherwise they are a list.
    pub identify_elements: bool,
    /// Whether lists show the elements of items too.
    pub include_elements: bool,
    /// Whether elements are identified by their names, in small letters without blanks.
    pub name_elements: bool,
    /// Ids of the user groups that may add items, and change their own.
    pub author_groups: Vec<i64>,
    /// Ids of the user groups that may edit: their members see items of every state, and before and after
    /// their time.
    pub editor_groups: Vec<i64>,
    /// Ids of the user groups that may say which items are shown, to whom, when, and how high in lists.
    pub publisher_groups: Vec<i64>,
    /// Ids of the user groups that may change categories, say who wrote an item, and erase items from the trash.
    pub manager_groups: Vec<i64>,
    /// Whether guests vote too, once from each address.
    pub guest_votes: bool,
    /// How many revisions of each item are kept.
    pub revisions: u16,
    /// How many bytes of what was shown, and of the order of lists, are remembered until something changes.
    pub memory_bytes: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            update_hits: true,
            identify_elements: false,
            include_elements: false,
            name_elements: false,
            author_groups: vec![3, 4, 5, 6, 7, 8],
            editor_groups: vec![4, 5, 6, 7, 8],
            publisher_groups: vec![5, 6, 7, 8],
            manager_groups: vec![6, 7, 8],
            guest_votes: false,
            revisions: 20,
            memory_bytes: 16 * 1024 * 1024,
        }
    }
}

impl Settings {
    /// Whether the caller is of a group that may edit.
    pub(crate) fn is_editor(&self, call: &Call<'_>) -> bool {
        let editors = &self.editor_groups;
        call.groups().iter().any(|group| editors.contains(group))
    }
}
