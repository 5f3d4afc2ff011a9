//! Events: what became of notifications, as the applications' webhooks are told. They are entered in the transaction
//! of what they tell of, some hundred in one message, and stay until the receiver has taken them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, SecondsFormat};
use diesel::prelude::*;
use loggia_sql::Connection;
use serde::Serialize;

use crate::hook;
use crate::identity;
use crate::platform::Platform;
use crate::schema::{push_device, push_event, push_notification};

pub use crate::kind::Kind;

/// So many events are in one message at most.
const MOST: usize = 500;

/// What happened at one device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Happened<'a> {
    /// The device.
    pub device_id: i64,
    /// What.
    pub kind: Kind,
    /// Why.
    pub reason: Option<&'a str>,
    /// What the vendor calls it.
    pub vendor_id: Option<&'a str>,
}

impl Happened<'_> {
    /// Something that needs no further words.
    pub fn plain(device_id: i64, kind: Kind) -> Self {
        Happened {
            device_id,
            kind,
            reason: None,
            vendor_id: None,
        }
    }
}

/// An event as the receiver reads it.
#[derive(Serialize)]
struct Event<'a> {
    id: String,
    #[serde(rename = "type")]
    kind: Kind,
    time: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    notification: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    notification_id: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    device: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    device_id: Option<i64>,
    platform: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    vendor_id: Option<&'a str>,
}

/// What is known of a device for the outside.
struct Known {
    application_id: i64,
    public_id: String,
    platform: String,
}

/// Enters what happened to a notification, for those of its applications that want to be told. Costs one statement
/// where none does.
pub fn enter(
    connection: &mut Connection,
    notification_id: i64,
    happened: &[Happened<'_>],
    now_ms: i64,
) -> QueryResult<()> {
    if happened.is_empty() {
        return Ok(());
    }
    let wishes = hook::of_notification(connection, notification_id)?;
    let is_wanted = |kind: Kind| wishes.values().any(|kinds| kinds.contains(&kind));
    if !happened.iter().any(|one| is_wanted(one.kind)) {
        return Ok(());
    }
    let public_id: String = push_notification::table
        .find(notification_id)
        .select(push_notification::public_id)
        .first(connection)?;
    let time = written(now_ms);
    for some in happened.chunks(MOST) {
        let devices = devices(connection, some)?;
        let mut messages: BTreeMap<i64, Vec<Event<'_>>> = BTreeMap::new();
        for one in some {
            let Some(device) = devices.get(&one.device_id) else {
                continue;
            };
            let application = device.application_id;
            if wishes
                .get(&application)
                .is_some_and(|kinds| kinds.contains(&one.kind))
            {
                let events = messages.entry(application).or_default();
                events.push(Event {
                    id: String::new(),
                    kind: one.kind,
                    time: &time,
                    notification: Some(&public_id),
                    notification_id: Some(notification_id),
                    device: Some(&device.public_id),
                    device_id: Some(one.device_id),
                    platform: &device.platform,
                    reason: one.reason,
                    vendor_id: one.vendor_id,
                });
            }
        }
        for (application, events) in messages {
            insert(connection, application, events, now_ms)?;
        }
    }
    Ok(())
}

/// Enters that an application's sending was stopped on platforms, or goes on there.
pub(crate) fn enter_alarm(
    connection: &mut Connection,
    application_id: i64,
    kind: Kind,
    platforms: &[(Platform, Option<&str>)],
    now_ms: i64,
) -> QueryResult<()> {
    let wishes: BTreeSet<Kind> = match hook::of(connection, application_id)? {
        Some(hook) if hook.stopped_ms.is_none() => hook.kinds(),
        _ => return Ok(()),
    };
    if !wishes.contains(&kind) {
        return Ok(());
    }
    let time = written(now_ms);
    let event = |(platform, reason)| Event {
        id: String::new(),
        kind,
        time: &time,
        notification: None,
        notification_id: None,
        device: None,
        device_id: None,
        platform: Platform::word(platform),
        reason,
        vendor_id: None,
    };
    let events = platforms.iter().copied().map(event).collect();
    insert(connection, application_id, events, now_ms)
}

fn devices(
    connection: &mut Connection,
    happened: &[Happened<'_>],
) -> QueryResult<HashMap<i64, Known>> {
    let rows: Vec<(i64, i64, String, String)> = push_device::table
        .filter(push_device::id.eq_any(happened.iter().map(|one| one.device_id)))
        .select((
            push_device::id,
            push_device::application_id,
            push_device::public_id,
            push_device::platform,
        ))
        .load(connection)?;
    let known = rows
        .into_iter()
        .map(|(id, application_id, public_id, platform)| {
            let known = Known {
                application_id,
                public_id,
                platform,
            };
            (id, known)
        });
    Ok(known.collect())
}

/// Enters a message of events. Each has the message's id and its place there, by which a receiver knows it again.
fn insert(
    connection: &mut Connection,
    application_id: i64,
    mut events: Vec<Event<'_>>,
    now_ms: i64,
) -> QueryResult<()> {
    let public_id = identity::public_id();
    for (place, event) in events.iter_mut().enumerate() {
        event.id = format!("{public_id}-{place}");
    }
    let size = i64::try_from(events.len()).unwrap_or(i64::MAX);
    let content = serde_json::to_string(&events).unwrap_or_else(|_| "[]".to_owned());
    diesel::insert_into(push_event::table)
        .values((
            push_event::public_id.eq(public_id),
            push_event::application_id.eq(application_id),
            push_event::content.eq(content),
            push_event::size.eq(size),
            push_event::attempts.eq(0),
            push_event::next_attempt_ms.eq(now_ms),
            push_event::created_ms.eq(now_ms),
            push_event::updated_ms.eq(now_ms),
        ))
        .execute(connection)?;
    Ok(())
}

fn written(time_ms: i64) -> String {
    let time = DateTime::from_timestamp_millis(time_ms).unwrap_or_default();
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}
