//! What applications with a webhook are told, entered in the transaction of what it tells of. Where none has one,
//! nothing of this runs.

use std::collections::HashSet;

use diesel::QueryResult;
use loggia_push::Notification;
use loggia_push::claim::{self, Claim, Verdict};
use loggia_push::event::{self, Happened, Kind};
use loggia_push::settle::Settled;
use loggia_push::source::Target;
use loggia_sql::Connection;

/// Claims as [`claim::claim`] does, and enters what came to its end by that.
pub(super) fn claim(
    connection: &mut Connection,
    key: (i64, i64),
    limit: i64,
    now_ms: i64,
    say: &mut dyn FnMut(&Notification, &Target) -> Verdict,
) -> QueryResult<Option<Claim>> {
    connection.transaction(|connection| {
        let Some(claim) = claim::claim(connection, key, limit, now_ms, say)? else {
            return Ok(None);
        };
        let ended = claim.ended.iter().filter_map(|one| {
            Some(Happened {
                reason: one.reason,
                ..Happened::plain(one.device_id, Kind::of_state(one.state)?)
            })
        });
        let ended: Vec<_> = ended.collect();
        event::enter(connection, claim.notification.id, &ended, now_ms)?;
        Ok(Some(claim))
    })
}

/// Enters what came of devices that were still this node's.
pub(super) fn enter(
    connection: &mut Connection,
    notification_id: i64,
    rows: &[Settled<'_>],
    held: &HashSet<i64>,
    now_ms: i64,
) -> QueryResult<()> {
    let rows = rows.iter().filter(|row| held.contains(&row.device_id));
    let happened = rows.filter_map(|row| {
        Some(Happened {
            device_id: row.device_id,
            kind: Kind::of_state(row.state)?,
            reason: row.reason,
            vendor_id: row.vendor_id,
        })
    });
    let happened: Vec<_> = happened.collect();
    event::enter(connection, notification_id, &happened, now_ms)
}
