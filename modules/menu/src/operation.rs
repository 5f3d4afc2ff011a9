//! The module's operations, a file a subject.

pub(crate) mod items;
pub(crate) mod menus;
pub(crate) mod put_item;
pub(crate) mod put_menu;
pub(crate) mod records;

use loggia_sdk::prelude::*;
use loggia_site::saved::Saved;

/// Which way a list is ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Direction {
    Asc,
    Desc,
}

/// The fault of a row that cannot be saved: its alias belongs to another one.
fn taken(error: diesel::result::Error) -> Fault {
    loggia_site::saved::taken("MNU_AAX", error)
}
