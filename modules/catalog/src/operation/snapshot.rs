//! What an item is like at one version: kept as a revision, compared, and restored.

use loggia_sdk::prelude::*;
use serde_json::{Map, Value};

use super::categories::Metadata;
use super::saved::document;
use crate::store::item::ItemFacts;

/// Everything of an item that its editors change.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct Snapshot {
    /// The name.
    pub(crate) name: String,
    /// What stands for the name in addresses.
    pub(crate) alias: String,
    /// 1 published, 0 unpublished, 2 archived, -2 trashed.
    pub(crate) state: i64,
    /// The id of the view level of those who see it.
    pub(crate) access: i64,
    /// From when it is shown, in UTC milliseconds.
    pub(crate) publish_up_ms: Option<i64>,
    /// Until when it is shown, in UTC milliseconds.
    pub(crate) publish_down_ms: Option<i64>,
    /// Its priority.
    pub(crate) priority: i64,
    /// Whether searches find it.
    pub(crate) searchable: bool,
    /// Whether it may be commented.
    pub(crate) enable_comments: bool,
    /// The id of the category that it belongs to first, or 0.
    pub(crate) primary_category: i64,
    /// The ids of its categories.
    pub(crate) categories: Vec<i64>,
    /// The data of its elements.
    pub(crate) elements: Map<String, Value>,
    /// Facts for search engines.
    pub(crate) metadata: Metadata,
}

impl Snapshot {
    /// Of an item with its categories.
    pub(crate) fn of(item: &ItemFacts, categories: &[i64]) -> Result<Self, Fault> {
        Ok(Snapshot {
            name: item.name.clone(),
            alias: item.alias.clone(),
            state: item.state,
            access: item.view_level_id,
            publish_up_ms: item.publish_up_ms,
            publish_down_ms: item.publish_down_ms,
            priority: item.priority,
            searchable: item.searchable,
            enable_comments: item.comments_enabled,
            primary_category: item.primary_category_id,
            categories: categories.to_vec(),
            elements: document(&item.elements)?,
            metadata: document(&item.metadata)?,
        })
    }
}
