//! What owners of applications do with them.

pub(crate) mod application;
pub(crate) mod applications;
pub(crate) mod clients;
pub(crate) mod notifications;
pub(crate) mod person;

use loggia_sdk::prelude::*;
use loggia_sql::Connection;

use crate::store::application::{Known, by_id};

/// The application that a caller names, where it is his. The operator, and a key without an account, see all.
fn owned(call: &Call<'_>, connection: &mut Connection, id: i64) -> Result<Known, Fault> {
    let known = by_id(connection, id)?.ok_or(Fault::new("PBK_ANF"))?;
    if call.is_unbound() || (call.user().is_some() && known.details.owner == call.user()) {
        return Ok(known);
    }
    Err(Fault::new("PBK_NOT"))
}

/// Which page of a list.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Page {
    /// The application.
    id: i64,
    /// Only what comes behind this number.
    after: Option<i64>,
    /// How many there are at most.
    #[schemars(range(min = 1, max = 1000))]
    limit: Option<i64>,
}

impl Page {
    fn limit(&self) -> i64 {
        self.limit.unwrap_or(100)
    }
}
