//! The facts of an item that every answer about it shows.

use loggia_sdk::prelude::*;
use loggia_site::clock;

use crate::store::item::ItemEntry;

/// What stands for no time.
const NEVER: &str = "0000-00-00 00:00:00";

/// What lists and single items show alike.
#[derive(Clone, Serialize, JsonSchema)]
pub(crate) struct Facts {
    /// The id.
    id: String,
    /// The name.
    name: String,
    /// What stands for the name in addresses.
    alias: String,
    /// The id of the account that wrote it, or 0.
    created_by: String,
    /// The id of the account that changed it last, or 0.
    modified_by: String,
    /// From when it is shown, in UTC.
    publish_up: String,
    /// Until when it is shown, in UTC; `0000-00-00 00:00:00` for ever.
    publish_down: String,
    /// When it was made, in UTC.
    created: String,
    /// When it was changed last, in UTC.
    modified: String,
}

impl Facts {
    /// Of an item's row.
    pub(super) fn of(row: ItemEntry) -> Self {
        Facts {
            id: row.id.to_string(),
            name: row.name,
            alias: row.alias,
            created_by: row.created_by.to_string(),
            modified_by: row.modified_by.to_string(),
            publish_up: clock::written(row.publish_up_ms.unwrap_or(row.created_ms)),
            publish_down: row
                .publish_down_ms
                .map_or_else(|| NEVER.to_owned(), clock::written),
            created: clock::written(row.created_ms),
            modified: clock::written(row.modified_ms),
        }
    }
}
