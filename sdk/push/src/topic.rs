//! Topics: names that devices subscribe to, within their application.

use std::collections::HashMap;

use diesel::prelude::*;
use loggia_sql::Connection;

use crate::schema::push_subscription;

/// Subscribes a device to topics; those that it has stay.
pub fn subscribe(
    connection: &mut Connection,
    device: (i64, i64),
    topics: &[&str],
    now_ms: i64,
) -> QueryResult<usize> {
    let (application_id, device_id) = device;
    let rows: Vec<_> = topics
        .iter()
        .map(|&topic| {
            (
                push_subscription::topic.eq(topic),
                push_subscription::application_id.eq(application_id),
                push_subscription::device_id.eq(device_id),
                push_subscription::created_ms.eq(now_ms),
            )
        })
        .collect();
    if rows.is_empty() {
        return Ok(0);
    }
    diesel::insert_into(push_subscription::table)
        .values(rows)
        .on_conflict_do_nothing()
        .execute(connection)
}

/// Ends a device's subscriptions to topics.
pub fn unsubscribe(
    connection: &mut Connection,
    device_id: i64,
    topics: &[&str],
) -> QueryResult<usize> {
    let those = push_subscription::table
        .filter(push_subscription::device_id.eq(device_id))
        .filter(push_subscription::topic.eq_any(topics.iter().copied()));
    diesel::delete(those).execute(connection)
}

/// Lets a device be subscribed to these topics and to no others.
pub fn replace(
    connection: &mut Connection,
    device: (i64, i64),
    topics: &[&str],
    now_ms: i64,
) -> QueryResult<()> {
    let others = push_subscription::table
        .filter(push_subscription::device_id.eq(device.1))
        .filter(push_subscription::topic.ne_all(topics.iter().copied()));
    diesel::delete(others).execute(connection)?;
    subscribe(connection, device, topics, now_ms)?;
    Ok(())
}

/// The topics of devices, as pairs of device and topic in this order.
pub fn of_devices(connection: &mut Connection, devices: &[i64]) -> QueryResult<Vec<(i64, String)>> {
    push_subscription::table
        .filter(push_subscription::device_id.eq_any(devices.iter().copied()))
        .order((push_subscription::device_id, push_subscription::topic))
        .select((push_subscription::device_id, push_subscription::topic))
        .load(connection)
}

/// The topics of devices, by their numbers.
pub fn by_device(
    connection: &mut Connection,
    devices: &[i64],
) -> QueryResult<HashMap<i64, Vec<String>>> {
    let mut found: HashMap<i64, Vec<String>> = HashMap::new();
    for (device, topic) in of_devices(connection, devices)? {
        found.entry(device).or_default().push(topic);
    }
    Ok(found)
}

/// The topics of an application with how many devices each has, behind a name and in the order of names.
pub fn list(
    connection: &mut Connection,
    application_id: i64,
    after: &str,
    limit: i64,
) -> QueryResult<Vec<(String, i64)>> {
    push_subscription::table
        .filter(push_subscription::application_id.eq(application_id))
        .filter(push_subscription::topic.gt(after))
        .group_by(push_subscription::topic)
        .order(push_subscription::topic)
        .limit(limit)
        .select((push_subscription::topic, diesel::dsl::count_star()))
        .load(connection)
}
