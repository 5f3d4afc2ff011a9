//! What operations that write answer.

use loggia_sdk::prelude::*;

/// What was added or changed.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Saved {
    /// Its id.
    id: String,
    /// Whether it is new.
    added: bool,
}

impl Saved {
    /// Something new.
    pub(crate) fn added(id: i64) -> Self {
        Saved {
            id: id.to_string(),
            added: true,
        }
    }

    /// Something that was there.
    pub(crate) fn changed(id: i64) -> Self {
        Saved {
            id: id.to_string(),
            added: false,
        }
    }

    /// With the version that it has now.
    pub(crate) fn versioned(self, version: i64) -> Versioned<Saved> {
        Versioned {
            version: Some(version),
            members: self,
        }
    }
}

/// What was deleted for ever.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct Gone {
    /// The id that it had.
    id: String,
}

impl Gone {
    pub(crate) fn of(id: i64) -> Self {
        Gone { id: id.to_string() }
    }
}

/// The fault of a row that cannot be saved: its alias belongs to another one.
pub(crate) fn taken(error: diesel::result::Error) -> Fault {
    if loggia_sql::is_unique(&error) {
        Fault::new("CNT_AAX")
    } else {
        error.into()
    }
}
