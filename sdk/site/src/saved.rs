//! What operations answer that add or change something.

use loggia_sdk::prelude::*;

/// What was added or changed.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Saved {
    /// Its id.
    id: String,
    /// Whether it is new.
    added: bool,
}

impl Saved {
    /// Something with an id.
    pub fn new(id: i64, added: bool) -> Self {
        Saved {
            id: id.to_string(),
            added,
        }
    }

    /// Something new.
    pub fn added(id: i64) -> Self {
        Saved::new(id, true)
    }

    /// Something that was there.
    pub fn changed(id: i64) -> Self {
        Saved::new(id, false)
    }

    /// With the version that it has now.
    pub fn versioned(self, version: i64) -> Versioned<Saved> {
        Versioned {
            version: Some(version),
            members: self,
        }
    }
}

/// The fault of a row that cannot be saved: the one with this code where what must be its own belongs to another one.
pub fn taken(code: &'static str, error: diesel::result::Error) -> Fault {
    if loggia_sql::is_unique(&error) {
        Fault::new(code)
    } else {
        error.into()
    }
}
