//! Notifications to pages.

use diesel::prelude::*;
use loggia_push::notification::{self, NewNotification, Notification, status};
use loggia_push::schema::push_notification;
use loggia_push::{Platform, page};
use loggia_sql::Connection;
use serde_json::{Value, json};

/// Enters a notification and its deliveries; the caller publishes it.
pub(crate) fn create(
    connection: &mut Connection,
    application: i64,
    (content, users, devices): (&Value, &[String], &[i64]),
    now_ms: i64,
) -> QueryResult<i64> {
    let audience = json!({ "people": users }).to_string();
    let message = json!({ "data": { "content": content } }).to_string();
    let new = NewNotification {
        platform: Some(Platform::Page),
        status: status::PAUSED,
        ..NewNotification::new(Some(application), &audience, &message, now_ms)
    };
    let made = notification::create(connection, &new, now_ms)?;
    page::enter(connection, made.id, devices, now_ms)?;
    Ok(made.id)
}

/// The content in a notification's message.
pub(crate) fn content(row: &Notification) -> Value {
    let message: Value = serde_json::from_str(&row.message).unwrap_or_default();
    message["data"]["content"].clone()
}

/// The notifications of an application before a number, newest first.
pub(crate) fn list(
    connection: &mut Connection,
    application: i64,
    before: i64,
    limit: i64,
) -> QueryResult<Vec<Notification>> {
    push_notification::table
        .filter(push_notification::application_id.eq(application))
        .filter(push_notification::id.lt(before))
        .order(push_notification::id.desc())
        .limit(limit)
        .select(Notification::as_select())
        .load(connection)
}
