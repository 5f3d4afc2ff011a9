//! Deliveries to pages. Nobody is asked whether he takes them: a page that is connected is handed the message, and one
//! that comes back within the time that messages are kept gets it then.

use std::collections::BTreeMap;

use diesel::prelude::*;
use loggia_sql::{Connection, lock_rows};

use crate::event::{self, Happened, Kind};
use crate::notification::status;
use crate::schema::{push_delivery, push_notification};

/// How the channels of all pages begin, whatever module publishes on them.
pub const CHANNELS: &str = "device.";

/// How the channels of all pages of an application begin. The full stop at the end keeps 1 and 11 apart.
pub fn channels(application_id: i64) -> String {
    format!("{CHANNELS}{application_id}.")
}

/// The channel of a page, on which is published what is for it.
pub fn channel(application_id: i64, device_id: i64) -> String {
    format!("{}{device_id}", channels(application_id))
}

/// How many rows one statement takes; few sizes keep the statements few.
const SIZES: [usize; 3] = [400, 40, 1];

/// The words of the column `state` that a page's delivery may have.
mod state {
    pub(super) const QUEUED: &str = "queued";
    pub(super) const ACCEPTED: &str = "accepted";
    pub(super) const EXPIRED: &str = "expired";
}

/// How a page's delivery ends, and as what it counts.
struct End {
    state: &'static str,
    kind: Kind,
    accepted: i64,
    expired: i64,
}

const TAKEN: End = End {
    state: state::ACCEPTED,
    kind: Kind::Accepted,
    accepted: 1,
    expired: 0,
};

const EXPIRED: End = End {
    state: state::EXPIRED,
    kind: Kind::Expired,
    accepted: 0,
    expired: 1,
};

/// Enters the deliveries of a notification that was published to pages. The engine has nothing to do with it any more.
pub fn enter(
    connection: &mut Connection,
    notification_id: i64,
    devices: &[i64],
    now_ms: i64,
) -> QueryResult<()> {
    for some in parts(devices) {
        let row = |device: &i64| {
            (
                push_delivery::notification_id.eq(notification_id),
                push_delivery::device_id.eq(*device),
                push_delivery::state.eq(state::QUEUED),
                push_delivery::attempts.eq(0),
                push_delivery::created_ms.eq(now_ms),
                push_delivery::updated_ms.eq(now_ms),
            )
        };
        diesel::insert_into(push_delivery::table)
            .values(some.iter().map(row).collect::<Vec<_>>())
            .execute(connection)?;
    }
    let queued = i64::try_from(devices.len()).unwrap_or(i64::MAX);
    diesel::update(push_notification::table.find(notification_id))
        .set((
            push_notification::queued.eq(push_notification::queued + queued),
            push_notification::status.eq(status::COMPLETED),
            push_notification::due_ms.eq(None::<i64>),
            push_notification::last_device_id.eq(devices.iter().copied().max().unwrap_or(0)),
            push_notification::last_run_ms.eq(now_ms),
        ))
        .execute(connection)?;
    Ok(())
}

/// Settles deliveries (notification, device) whose message was handed to a page; those that are settled stay as they
/// are.
pub fn accept(
    connection: &mut Connection,
    deliveries: &[(i64, i64)],
    now_ms: i64,
) -> QueryResult<()> {
    settle_all(connection, deliveries, &TAKEN, now_ms)
}

/// Settles deliveries whose message is not kept any more.
pub fn expire(
    connection: &mut Connection,
    deliveries: &[(i64, i64)],
    now_ms: i64,
) -> QueryResult<()> {
    settle_all(connection, deliveries, &EXPIRED, now_ms)
}

fn settle_all(
    connection: &mut Connection,
    deliveries: &[(i64, i64)],
    end: &End,
    now_ms: i64,
) -> QueryResult<()> {
    for (notification, devices) in by_notification(deliveries) {
        connection.transaction(|connection| {
            lock(connection, notification)?;
            let settled = settle(connection, (notification, &devices), end, now_ms)?;
            tell(connection, notification, &settled, end.kind, now_ms)?;
            let settled = count(&settled);
            let (accepted, expired) = (settled * end.accepted, settled * end.expired);
            diesel::update(push_notification::table.find(notification))
                .set((
                    push_notification::queued.eq(push_notification::queued - settled),
                    push_notification::accepted.eq(push_notification::accepted + accepted),
                    push_notification::expired.eq(push_notification::expired + expired),
                    push_notification::attempts.eq(push_notification::attempts + accepted),
                ))
                .execute(connection)?;
            come_to_end(connection, notification, now_ms)
        })?;
    }
    Ok(())
}

/// Locks a notification before its rows, as the engine does.
fn lock(connection: &mut Connection, notification: i64) -> QueryResult<()> {
    let row = push_notification::table.find(notification);
    // One that was deleted has no rows either.
    lock_rows(row.select(push_notification::id))
        .get_result::<i64>(connection)
        .optional()
        .map(drop)
}

/// Has the engine look at a notification of its own of which nothing waits any more.
fn come_to_end(connection: &mut Connection, notification: i64, now_ms: i64) -> QueryResult<()> {
    let done = push_notification::table
        .filter(push_notification::id.eq(notification))
        .filter(push_notification::queued.eq(0))
        .filter(push_notification::sent.eq(0))
        .filter(push_notification::status.eq(status::RUNNING))
        .filter(push_notification::due_ms.is_null());
    diesel::update(done)
        .set(push_notification::due_ms.eq(now_ms))
        .execute(connection)?;
    Ok(())
}

/// In the order of the notifications, so that two nodes do not wait for each other.
fn by_notification(deliveries: &[(i64, i64)]) -> BTreeMap<i64, Vec<i64>> {
    let mut grouped: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    for (notification, device) in deliveries {
        grouped.entry(*notification).or_default().push(*device);
    }
    for devices in grouped.values_mut() {
        devices.sort_unstable();
        devices.dedup();
    }
    grouped
}

/// Settles what waits; which devices those were.
fn settle(
    connection: &mut Connection,
    (notification, devices): (i64, &[i64]),
    end: &End,
    now_ms: i64,
) -> QueryResult<Vec<i64>> {
    let mut settled = Vec::new();
    for some in parts(devices) {
        let waiting = push_delivery::table
            .filter(push_delivery::notification_id.eq(notification))
            .filter(push_delivery::state.eq(state::QUEUED))
            .filter(push_delivery::device_id.eq_any(some.to_vec()));
        let changed = diesel::update(waiting)
            .set((
                push_delivery::state.eq(end.state),
                push_delivery::reason.eq(None::<String>),
                push_delivery::next_attempt_ms.eq(None::<i64>),
                push_delivery::attempts.eq(push_delivery::attempts + end.accepted),
                push_delivery::updated_ms.eq(now_ms),
            ))
            .returning(push_delivery::device_id);
        settled.extend(changed.get_results::<i64>(connection)?);
    }
    Ok(settled)
}

fn count(settled: &[i64]) -> i64 {
    i64::try_from(settled.len()).unwrap_or(i64::MAX)
}

fn tell(
    connection: &mut Connection,
    notification: i64,
    settled: &[i64],
    kind: Kind,
    now_ms: i64,
) -> QueryResult<()> {
    let happened = settled.iter().map(|device| Happened::plain(*device, kind));
    event::enter(
        connection,
        notification,
        &happened.collect::<Vec<_>>(),
        now_ms,
    )
}

/// The list in parts of few sizes.
fn parts(list: &[i64]) -> impl Iterator<Item = &[i64]> {
    let mut rest = list;
    std::iter::from_fn(move || {
        let size = SIZES.into_iter().find(|size| rest.len() >= *size)?;
        let (some, others) = rest.split_at(size);
        rest = others;
        Some(some)
    })
}
