//! The notifications of an application.

use loggia_sdk::prelude::*;
use serde_json::Value;

use super::{Page, owned};
use crate::PushBack;
use crate::store::notification;

/// Notifications.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Notifications {
    /// The newest first.
    notifications: Vec<Notification>,
    /// What `after` has to be for the next page; `null` at the end.
    next: Option<i64>,
}

/// A notification and what became of it.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Notification {
    /// Its number.
    id: i64,
    /// What was told.
    content: Value,
    /// When it came in, in milliseconds since 1970.
    received_ms: i64,
    /// For how many users it was.
    users: i64,
    /// To how many a page was handed it.
    accepted: i64,
    /// How many have not come yet.
    queued: i64,
    /// How many did not come in time.
    expired: i64,
}

/// Lists them.
pub(crate) fn list(
    _module: &PushBack,
    call: &Call<'_>,
    page: Page,
) -> Result<Notifications, Fault> {
    let mut connection = call.database()?;
    owned(call, &mut connection, page.id)?;
    let limit = page.limit();
    let before = page.after.unwrap_or(i64::MAX);
    let rows = notification::list(&mut connection, page.id, before, limit)?;
    let is_full = i64::try_from(rows.len()).is_ok_and(|count| count == limit);
    let next = rows.last().filter(|_| is_full).map(|row| row.id);
    let shown = rows.iter().map(|row| Notification {
        id: row.id,
        content: notification::content(row),
        received_ms: row.created_ms,
        users: row.queued + row.accepted + row.expired,
        accepted: row.accepted,
        queued: row.queued,
        expired: row.expired,
    });
    Ok(Notifications {
        notifications: shown.collect(),
        next,
    })
}
