//! Adding and changing items.

use loggia_sdk::prelude::*;
use serde_json::{Map, Value};

use super::categories::Metadata;
use super::draft::Draft;
use super::saved::Saved;
use crate::Catalog;

/// Parameters of `put/items` and `post/items`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct PutItem {
    /// The item to be changed; without it, it is the one with this application and alias, which is added where
    /// there is none. Not for `post`, which always adds.
    pub(crate) id: Option<i64>,
    /// The id of the application. It is set when the item is added.
    pub(crate) app: Option<i64>,
    /// The identifier of its type. It is set when the item is added.
    #[schemars(length(max = 100))]
    pub(crate) r#type: Option<String>,
    /// What stands for the name in addresses; made of the name at first.
    #[schemars(length(max = 400))]
    pub(crate) alias: Option<String>,
    /// The name.
    #[schemars(length(min = 1, max = 255))]
    pub(crate) name: Option<String>,
    /// The ids of all its categories.
    pub(crate) categories: Option<Vec<i64>>,
    /// The id of the category that it belongs to first; at first the first of its categories.
    #[schemars(range(min = 0))]
    pub(crate) primary_category: Option<i64>,
    /// Values of its elements, by their identifiers or the slugs of their names; `null` clears one. A plain value
    /// stands for what answers show as `data`.
    pub(crate) elements: Option<Map<String, Value>>,
    /// 1 published, 0 unpublished, 2 archived, -2 trashed. New ones of those who may not publish are unpublished.
    #[schemars(range(min = -2, max = 2))]
    pub(crate) state: Option<i64>,
    /// The id of the view level of those who see it; 1, everybody, at first.
    #[schemars(range(min = 1))]
    pub(crate) access: Option<i64>,
    /// From when it is shown, such as `2027-01-31 12:00:00` (UTC); `null` for always.
    #[serde(default)]
    pub(crate) publish_up: Change<String>,
    /// Until when it is shown; `null` for ever.
    #[serde(default)]
    pub(crate) publish_down: Change<String>,
    /// The highest are first in lists; 0 at first.
    pub(crate) priority: Option<i64>,
    /// Whether searches find it; they do at first.
    pub(crate) searchable: Option<bool>,
    /// Whether it may be commented.
    pub(crate) enable_comments: Option<bool>,
    /// The id of the account that wrote it; at first the caller's.
    #[schemars(range(min = 1))]
    pub(crate) created_by: Option<i64>,
    /// The name shown as the author's instead of the account's.
    #[schemars(length(max = 255))]
    pub(crate) created_by_alias: Option<String>,
    /// Facts for search engines, all of them.
    pub(crate) metadata: Option<Metadata>,
}

/// Adds an item; the same request with the same `Idempotency-Key` adds one.
pub(crate) fn post(
    catalog: &Catalog,
    call: &Call<'_>,
    parameters: PutItem,
) -> Result<Versioned<Saved>, Fault> {
    if parameters.id.is_some() {
        return Err(Fault::parameter("id", "is given when the item is added"));
    }
    let draft = Draft::of(catalog, call, parameters)?;
    let saved = catalog
        .memory
        .write_once(call, "catalog_once", "post/items", |connection| {
            draft.add(connection)
        });
    Ok(saved?.versioned(1))
}

/// Adds an item, or changes the members that are given.
pub(crate) fn put(
    catalog: &Catalog,
    call: &Call<'_>,
    parameters: PutItem,
) -> Result<Versioned<Saved>, Fault> {
    let draft = Draft::of(catalog, call, parameters)?;
    catalog
        .memory
        .write(call, |connection| match draft.find(connection)? {
            Some(before) => draft.change(connection, before),
            None => Ok(draft.add(connection)?.versioned(1)),
        })
}
