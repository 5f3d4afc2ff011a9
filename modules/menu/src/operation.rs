//! The module's operations, a file a subject.

pub(crate) mod items;
pub(crate) mod menus;
pub(crate) mod put_item;
pub(crate) mod put_menu;
pub(crate) mod records;

use loggia_sdk::prelude::*;

/// Which way a list is ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Direction {
    Asc,
    Desc,
}

/// What was added or changed.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Saved {
    /// Its id.
    id: String,
    /// Whether it is new.
    added: bool,
}

impl Saved {
    fn new(id: i64, added: bool) -> Self {
        Saved {
            id: id.to_string(),
            added,
        }
    }
}

/// The fault of a row that cannot be saved: its alias belongs to another one.
fn taken(error: diesel::result::Error) -> Fault {
    if loggia_sql::is_unique(&error) {
        Fault::new("MNU_AAX")
    } else {
        error.into()
    }
}
