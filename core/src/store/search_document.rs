//! What an entry of the search says: a document or a category, kept as JSON.

use serde::{Deserialize, Serialize};

/// What can be found; every member is told in `docs/abi.md`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Document {
    /// The area.
    pub area: String,
    /// The id in the area.
    pub id: i64,
    /// The category in the area.
    pub category_id: Option<i64>,
    /// The title.
    pub title: String,
    /// The text, plain.
    pub text: String,
    /// What stands for the title in addresses.
    pub alias: String,
    /// The description for search engines.
    pub metadesc: String,
    /// The key words for search engines.
    pub metakey: String,
    /// The language tag, or `*`.
    pub language: String,
    /// The author's name.
    pub author: String,
    /// When it was made.
    pub created_ms: i64,
    /// When it was last changed.
    pub modified_ms: i64,
    /// What makes it popular.
    pub popularity: i64,
    /// From when it is found.
    pub publish_up_ms: Option<i64>,
    /// Until when it is found.
    pub publish_down_ms: Option<i64>,
    /// The view levels that one must have, all of them.
    pub view_levels: Vec<i64>,
    /// Whether only private endpoints find it.
    pub private: bool,
    /// Where it is read.
    pub href: String,
}

/// What documents lie in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Category {
    /// The area.
    pub area: String,
    /// The id in the area.
    pub id: i64,
    /// The category above.
    pub parent_id: Option<i64>,
    /// The title.
    pub title: String,
    /// What stands for the title in addresses.
    pub alias: String,
    /// Whether it is published.
    pub is_published: bool,
    /// The view levels that one must have, all of them.
    pub view_levels: Vec<i64>,
}
