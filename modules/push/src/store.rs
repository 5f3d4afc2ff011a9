//! Statements that only this module has: lists and counts.

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;
use loggia_push::schema::{push_application, push_device, push_notification, push_subscription};
use loggia_push::{Device, Notification, device, notification};
use loggia_sql::{Connection, sum_i64};

/// How much there is of everything.
pub(crate) struct AllCounts {
    pub(crate) applications: i64,
    pub(crate) devices: i64,
    pub(crate) pending: i64,
    pub(crate) queued: i64,
    pub(crate) unknown: i64,
}

/// Counts everything.
pub(crate) fn counts(connection: &mut Connection) -> QueryResult<AllCounts> {
    let pending = push_notification::table.filter(push_notification::due_ms.is_not_null());
    let sums = push_notification::table.select((
        sum_i64(push_notification::queued),
        sum_i64(push_notification::unknown),
    ));
    let (queued, unknown): (Option<i64>, Option<i64>) = sums.first(connection)?;
    Ok(AllCounts {
        applications: push_application::table.count().get_result(connection)?,
        devices: push_device::table
            .filter(push_device::status.eq(device::status::ACTIVE))
            .count()
            .get_result(connection)?,
        pending: pending.count().get_result(connection)?,
        queued: queued.unwrap_or(0),
        unknown: unknown.unwrap_or(0),
    })
}

/// The codes of applications by their numbers.
pub(crate) fn codes(
    connection: &mut Connection,
    ids: impl IntoIterator<Item = i64>,
) -> QueryResult<HashMap<i64, String>> {
    let ids: Vec<i64> = ids.into_iter().collect();
    let found: Vec<(i64, String)> = push_application::table
        .filter(push_application::id.eq_any(ids))
        .select((push_application::id, push_application::code))
        .load(connection)?;
    Ok(found.into_iter().collect())
}

/// Which devices are listed.
#[derive(Default)]
pub(crate) struct DeviceFilter {
    pub(crate) application: Option<i64>,
    pub(crate) platform: Option<String>,
    pub(crate) status: Option<String>,
    pub(crate) user_id: Option<i64>,
    pub(crate) user_ref: Option<String>,
    pub(crate) topic: Option<String>,
    pub(crate) after: i64,
}

/// Devices behind a number, by their numbers, with how often something was sent to them.
pub(crate) fn devices(
    connection: &mut Connection,
    filter: &DeviceFilter,
    limit: i64,
) -> QueryResult<Vec<Device>> {
    let mut query = push_device::table
        .filter(push_device::id.gt(filter.after))
        .into_boxed();
    if let Some(application) = filter.application {
        query = query.filter(push_device::application_id.eq(application));
    }
    if let Some(platform) = &filter.platform {
        query = query.filter(push_device::platform.eq(platform.clone()));
    }
    if let Some(status) = &filter.status {
        query = query.filter(push_device::status.eq(status.clone()));
    }
    if let Some(user) = filter.user_id {
        query = query.filter(push_device::user_id.eq(user));
    }
    if let Some(user) = &filter.user_ref {
        query = query.filter(push_device::user_ref.eq(user.clone()));
    }
    if let Some(topic) = &filter.topic {
        let subscribed = push_subscription::table
            .filter(push_subscription::topic.eq(topic.clone()))
            .select(push_subscription::device_id);
        query = query.filter(push_device::id.eq_any(subscribed));
    }
    let mut found = query
        .order(push_device::id)
        .limit(limit)
        .select(Device::as_select())
        .load(connection)?;
    device::count_pushes(connection, &mut found)?;
    Ok(found)
}

/// Which of some numbers are those of devices.
pub(crate) fn known_devices(connection: &mut Connection, ids: &[i64]) -> QueryResult<HashSet<i64>> {
    /// So many are asked for with one statement.
    const BATCH: usize = 1_000;
    let mut known = HashSet::with_capacity(ids.len());
    for some in ids.chunks(BATCH) {
        let found: Vec<i64> = push_device::table
            .filter(push_device::id.eq_any(some.iter().copied()))
            .select(push_device::id)
            .load(connection)?;
        known.extend(found);
    }
    Ok(known)
}

/// Notifications before a number, newest first, of an application and in a status where they are given.
pub(crate) fn notifications(
    connection: &mut Connection,
    application: Option<i64>,
    status: Option<i64>,
    before: i64,
    limit: i64,
) -> QueryResult<Vec<Notification>> {
    let mut query = push_notification::table
        .filter(push_notification::id.lt(before))
        .into_boxed();
    if let Some(application) = application {
        let of = push_notification::application_id
            .eq(application)
            .or(push_notification::application_id.is_null());
        query = query.filter(of.assume_not_null());
    }
    if let Some(status) = status {
        query = query.filter(push_notification::status.eq(status));
    } else {
        query = query.filter(push_notification::status.ne(notification::status::ABORTED));
    }
    query
        .order(push_notification::id.desc())
        .limit(limit)
        .select(Notification::as_select())
        .load(connection)
}
