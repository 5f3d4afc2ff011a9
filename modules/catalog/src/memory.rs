//! What the module remembers of its tables.

use std::sync::Arc;

use loggia_sdk::Fault;
use loggia_site::memory::{Found, Now};
use loggia_sql::Connection;

use crate::Catalog;
use crate::sight::Sight;
use crate::store::item;
use crate::store::selection::Selection;

/// Counts the changes of the tables. Hits of items and votes are none: nothing is ordered by them.
pub(crate) const CHANGES: &str = "catalog_change";

impl Catalog {
    /// The ids of all items of a choice, in their order.
    pub(crate) fn ids(
        &self,
        connection: &mut Connection,
        now: Now,
        selection: &Selection,
    ) -> Result<Arc<Vec<i64>>, Fault> {
        self.memory.recall_or(selection.key(), now, || {
            let value = item::ids(connection, selection.condition())?;
            Ok(Found {
                weight: value.len() * size_of::<i64>(),
                until_ms: self.until(connection, now, &selection.sight)?,
                value,
            })
        })
    }

    /// When the next item appears or disappears by itself.
    pub(crate) fn until(
        &self,
        connection: &mut Connection,
        now: Now,
        sight: &Sight,
    ) -> Result<i64, Fault> {
        (self.memory).until(now, sight.now_ms, |now_ms| {
            item::next_time(connection, now_ms)
        })
    }
}
