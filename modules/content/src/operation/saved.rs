//! What operations that write answer.

use loggia_sdk::prelude::*;
pub(crate) use loggia_site::saved::Saved;

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
    loggia_site::saved::taken("CNT_AAX", error)
}
