//! What the module remembers of its tables.

use std::collections::HashMap;
use std::sync::Arc;

use loggia_sdk::Fault;
use loggia_site::memory::{Found, Now};
use loggia_sql::Connection;

use crate::Content;
use crate::sight::Sight;
use crate::store::article::{self, Order};
use crate::store::category;
use crate::store::selection::Selection;

/// Counts the changes of the tables.
pub(crate) const CHANGES: &str = "content_change";

impl Content {
    /// The ids of all articles of a choice, in their order.
    pub(crate) fn ids(
        &self,
        connection: &mut Connection,
        now: Now,
        selection: &Selection,
        order: Order,
    ) -> Result<Arc<Vec<i64>>, Fault> {
        let key = format!("ids {order:?} {}", selection.key());
        self.memory.recall_or(key, now, || {
            let value = article::ids(connection, selection.condition(), order)?;
            Ok(Found {
                weight: value.len() * size_of::<i64>(),
                until_ms: self.until(connection, now, &selection.sight)?,
                value,
            })
        })
    }

    /// How many articles that may be seen each category has.
    pub(crate) fn counts(
        &self,
        connection: &mut Connection,
        now: Now,
        sight: &Sight,
    ) -> Result<Arc<HashMap<i64, i64>>, Fault> {
        let key = format!("counts {:?}", sight.timeless());
        self.memory.recall_or(key, now, || {
            let value: HashMap<i64, i64> =
                category::counts(connection, sight)?.into_iter().collect();
            Ok(Found {
                weight: value.len() * size_of::<(i64, i64)>(),
                until_ms: self.until(connection, now, sight)?,
                value,
            })
        })
    }

    /// When the next article appears or disappears by itself.
    pub(crate) fn until(
        &self,
        connection: &mut Connection,
        now: Now,
        sight: &Sight,
    ) -> Result<i64, Fault> {
        (self.memory).until(now, sight.now_ms, |now_ms| {
            article::next_time(connection, now_ms)
        })
    }
}
