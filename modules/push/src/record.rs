//! Whole rows, for moving in and out: read by their ids, written with them.

use diesel::prelude::*;
use loggia_push::schema::{push_application, push_device, push_notification};
use loggia_push::{Platform, application, device, identity, topic};
use loggia_sdk::prelude::{Deserialize, Serialize};
use loggia_site::records::Unwritten;
use loggia_sql::Connection;

/// An application, without what it proves itself with.
#[derive(Debug, Serialize, Deserialize, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = push_application, check_for_backend(loggia_sql::Backend), treat_none_as_null = true)]
pub(crate) struct ApplicationRecord {
    pub(crate) id: i64,
    pub(crate) code: String,
    #[serde(default = "identity::public_id")]
    pub(crate) public_id: String,
    #[serde(default)]
    pub(crate) token_digest: Option<String>,
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) description: String,
    pub(crate) status: String,
    #[serde(default = "object")]
    pub(crate) details: String,
    #[serde(default = "first")]
    pub(crate) version: i64,
    pub(crate) created_ms: i64,
    pub(crate) modified_ms: i64,
}

/// A device with its topics.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct DeviceRecord {
    #[serde(flatten)]
    pub(crate) row: DeviceRow,
    #[serde(default)]
    pub(crate) topics: Vec<String>,
}

/// A device.
#[derive(Debug, Serialize, Deserialize, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = push_device, check_for_backend(loggia_sql::Backend), treat_none_as_null = true)]
pub(crate) struct DeviceRow {
    pub(crate) id: i64,
    #[serde(default = "identity::public_id")]
    pub(crate) public_id: String,
    pub(crate) application_id: i64,
    pub(crate) platform: String,
    pub(crate) token: String,
    pub(crate) user_id: Option<i64>,
    pub(crate) user_ref: Option<String>,
    pub(crate) status: String,
    pub(crate) retired_ms: Option<i64>,
    pub(crate) retired_reason: Option<String>,
    pub(crate) language: Option<String>,
    pub(crate) time_zone: Option<String>,
    pub(crate) app_version: Option<String>,
    pub(crate) badge: Option<i64>,
    pub(crate) ios_alert: bool,
    pub(crate) ios_badge: bool,
    pub(crate) ios_sound: bool,
    pub(crate) preferences: Option<String>,
    #[serde(default = "object")]
    pub(crate) details: String,
    pub(crate) hits: i64,
    pub(crate) last_request_ms: i64,
    pub(crate) push_hits: i64,
    pub(crate) last_push_ms: Option<i64>,
    pub(crate) created_ms: i64,
    pub(crate) modified_ms: i64,
}

/// A notification and how far it was. What was under way when it moved out is not known where it moves in, so its
/// counters stay behind.
#[derive(Debug, Serialize, Deserialize, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = push_notification, check_for_backend(loggia_sql::Backend), treat_none_as_null = true)]
pub(crate) struct NotificationRecord {
    pub(crate) id: i64,
    #[serde(default = "identity::public_id")]
    pub(crate) public_id: String,
    pub(crate) application_id: Option<i64>,
    pub(crate) platform: Option<String>,
    pub(crate) audience: String,
    pub(crate) message: String,
    pub(crate) topic: Option<String>,
    pub(crate) context: Option<String>,
    #[serde(default = "object")]
    pub(crate) details: String,
    pub(crate) unknown_policy: String,
    #[serde(default)]
    pub(crate) urgent: bool,
    pub(crate) status: i64,
    pub(crate) scheduled_ms: i64,
    pub(crate) expires_ms: Option<i64>,
    #[serde(default)]
    pub(crate) due_ms: Option<i64>,
    pub(crate) last_device_id: i64,
    pub(crate) last_run_ms: Option<i64>,
    #[serde(default = "first")]
    pub(crate) version: i64,
    pub(crate) created_ms: i64,
    pub(crate) modified_ms: i64,
}

fn object() -> String {
    "{}".to_owned()
}

fn first() -> i64 {
    1
}

/// The applications behind an id.
pub(crate) fn applications(
    connection: &mut Connection,
    after: i64,
    limit: i64,
) -> QueryResult<Vec<ApplicationRecord>> {
    push_application::table
        .filter(push_application::id.gt(after))
        .order(push_application::id)
        .limit(limit)
        .select(ApplicationRecord::as_select())
        .load(connection)
}

/// The devices behind an id, with their topics.
pub(crate) fn devices(
    connection: &mut Connection,
    after: i64,
    limit: i64,
) -> QueryResult<Vec<DeviceRecord>> {
    let rows: Vec<DeviceRow> = push_device::table
        .filter(push_device::id.gt(after))
        .order(push_device::id)
        .limit(limit)
        .select(DeviceRow::as_select())
        .load(connection)?;
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    let mut topics = topic::by_device(connection, &ids)?;
    let records = rows.into_iter().map(|row| DeviceRecord {
        topics: topics.remove(&row.id).unwrap_or_default(),
        row,
    });
    Ok(records.collect())
}

/// The notifications behind an id.
pub(crate) fn notifications(
    connection: &mut Connection,
    after: i64,
    limit: i64,
) -> QueryResult<Vec<NotificationRecord>> {
    push_notification::table
        .filter(push_notification::id.gt(after))
        .order(push_notification::id)
        .limit(limit)
        .select(NotificationRecord::as_select())
        .load(connection)
}

/// Adds or replaces an application. Its credentials stay where it has some.
pub(crate) fn put_application(
    connection: &mut Connection,
    record: &ApplicationRecord,
) -> Result<(), Unwritten> {
    if record.code != record.code.to_lowercase() {
        return Err(Unwritten::Rule("code: must be in lower case".to_owned()));
    }
    let new = (
        record,
        push_application::alarms.eq("{}"),
        push_application::platforms.eq("[]"),
    );
    diesel::insert_into(push_application::table)
        .values(new)
        .on_conflict(push_application::id)
        .do_update()
        .set(record)
        .execute(connection)?;
    Ok(())
}

/// Adds or replaces a device.
pub(crate) fn put_device(
    connection: &mut Connection,
    record: &DeviceRecord,
    now_ms: i64,
) -> Result<(), Unwritten> {
    let row = &record.row;
    let platform: Platform = row
        .platform
        .parse()
        .map_err(|rule| Unwritten::Rule(format!("platform: {rule}")))?;
    let digest = push_device::token_digest.eq(platform.digest(&row.token));
    diesel::insert_into(push_device::table)
        .values((row, digest.clone()))
        .on_conflict(push_device::id)
        .do_update()
        .set((row, digest))
        .execute(connection)?;
    let topics: Vec<&str> = record.topics.iter().map(String::as_str).collect();
    topic::replace(connection, (row.application_id, row.id), &topics, now_ms)?;
    Ok(())
}

/// Adds or replaces a notification.
pub(crate) fn put_notification(
    connection: &mut Connection,
    record: &NotificationRecord,
) -> Result<(), Unwritten> {
    let audience = loggia_push::Audience::read(&record.audience)
        .ok_or_else(|| Unwritten::Rule("audience: is none".to_owned()))?;
    audience
        .check()
        .map_err(|fault| Unwritten::Rule(format!("audience: {fault}")))?;
    let zero = (
        push_notification::queued.eq(0),
        push_notification::sent.eq(0),
        push_notification::accepted.eq(0),
        push_notification::refused.eq(0),
        push_notification::gone.eq(0),
        push_notification::expired.eq(0),
        push_notification::skipped.eq(0),
        push_notification::unknown.eq(0),
        push_notification::attempts.eq(0),
        push_notification::unknowns.eq(0),
        push_notification::opened.eq(0),
        push_notification::clicked.eq(0),
    );
    diesel::insert_into(push_notification::table)
        .values((record, zero))
        .on_conflict(push_notification::id)
        .do_update()
        .set(record)
        .execute(connection)?;
    Ok(())
}

/// Deletes applications that have no devices.
pub(crate) fn delete_applications(connection: &mut Connection, ids: &[i64]) -> QueryResult<usize> {
    let mut deleted = 0;
    for &id in ids {
        if device::ids_of_application(connection, id, 1)?.is_empty() {
            deleted += application::delete(connection, id)?;
        }
    }
    Ok(deleted)
}
