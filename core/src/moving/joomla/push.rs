//! jBackend's applications, devices and notifications. What an application proves itself with is of no use any more:
//! vendors want other credentials today.

use serde_json::{Value, json};

use super::feed::Feed;
use super::made::{Made, batch};
use super::object::{object, record};
use super::site::Site;
use crate::moving::Outcome;
use crate::moving::merge::Batch;
use crate::moving::source::Row;

/// The tables with the two prefixes that versions of jBackend gave them.
const APPS: [&str; 2] = ["jbackend_push_apps", "jbackend_apps"];
const DEVICES: [&str; 2] = ["jbackend_push_devices", "jbackend_devices"];
const NOTIFICATIONS: [&str; 2] = ["jbackend_push_notifications", "jbackend_notifications"];

/// The feeds of this part.
pub(super) const FEEDS: [Feed; 6] = [
    Feed::new("push", "application", APPS[0], |site, after| {
        apps(site, APPS[0], after)
    }),
    Feed::new("push", "application", APPS[1], |site, after| {
        apps(site, APPS[1], after)
    }),
    Feed::new("push", "device", DEVICES[0], |site, after| {
        devices(site, DEVICES[0], after)
    }),
    Feed::new("push", "device", DEVICES[1], |site, after| {
        devices(site, DEVICES[1], after)
    }),
    Feed::new("push", "notification", NOTIFICATIONS[0], |site, after| {
        notifications(site, NOTIFICATIONS[0], after)
    }),
    Feed::new("push", "notification", NOTIFICATIONS[1], |site, after| {
        notifications(site, NOTIFICATIONS[1], after)
    }),
];

const PAUSED: i64 = -1;

/// The id for the outside is made of the id there, so that a second import finds it again.
fn public_id(kind: &str, row: &Row) -> String {
    format!("joomla-{kind}-{}", row.number("id"))
}

fn apps(site: &mut Site, table: &str, after: i64) -> Outcome<Batch> {
    let rows = site.page(table, "id", after, "1 = 1")?;
    batch(rows, "id", |row| {
        let code = row.text("code").to_lowercase();
        let name = Some(row.text("name")).filter(|name| !name.is_empty());
        let made = record(json!({
            "id": row.number("id"),
            "public_id": public_id("app", row),
            "code": code,
            "name": name.unwrap_or_else(|| code.clone()),
            "description": row.text("description"),
            "status": "production",
            "details": "{}",
            "version": 1,
            "created_ms": 0,
            "modified_ms": 0,
        }));
        let note = "vendors want other credentials today: see `loggia push credentials`";
        Ok(Made::Noted(made, note.to_owned()))
    })
}

fn devices(site: &mut Site, table: &str, after: i64) -> Outcome<Batch> {
    let rows = site.page(table, "id", after, "1 = 1")?;
    batch(rows, "id", |row| {
        let Some(platform) = platform(row) else {
            return Ok(Made::Skipped("its platform is unknown".to_owned()));
        };
        let user = Some(row.number("user_id")).filter(|&user| user > 0);
        let last_request_ms = row.time_ms("last_request").unwrap_or(0);
        let wants = |column: &str| row.get(column).is_none_or(|wants| wants != "0");
        Ok(Made::Record(record(json!({
            "id": row.number("id"),
            "public_id": public_id("device", row),
            "application_id": row.number("app_id"),
            "platform": platform,
            "token": row.text("token"),
            "user_id": user,
            "user_ref": user.map(|user| user.to_string()),
            "status": "active",
            "ios_alert": wants("ios_alert"),
            "ios_badge": wants("ios_badge"),
            "ios_sound": wants("ios_sound"),
            "details": "{}",
            "hits": row.number("hits"),
            "last_request_ms": last_request_ms,
            "push_hits": row.number("push_hits"),
            "last_push_ms": row.time_ms("last_push"),
            "created_ms": last_request_ms,
            "modified_ms": last_request_ms,
            "topics": [],
        }))))
    })
}

fn notifications(site: &mut Site, table: &str, after: i64) -> Outcome<Batch> {
    let rows = site.page(table, "id", after, "1 = 1")?;
    batch(rows, "id", |row| {
        let Some(audience) = audience(row) else {
            return Ok(Made::Skipped("it names nobody who is told".to_owned()));
        };
        let status = row.number("status");
        // Two sites that send one notification would send it twice.
        let is_open = (0..=1).contains(&status);
        let scheduled_ms = row.time_ms("scheduled_time").unwrap_or(0);
        let application = Some(row.number("app_id")).filter(|&id| id > 0);
        let made = record(json!({
            "id": row.number("id"),
            "public_id": public_id("notification", row),
            "application_id": application,
            "platform": platform(row),
            "audience": audience.to_string(),
            "message": message(row).to_string(),
            "context": Some(row.text("context")).filter(|text| !text.is_empty()),
            "details": "{}",
            "unknown_policy": "hold",
            "status": if is_open { PAUSED } else { status.clamp(-2, 2) },
            "scheduled_ms": scheduled_ms,
            "last_device_id": row.number("last_device_id"),
            "last_run_ms": row.time_ms("last_run"),
            "version": 1,
            "created_ms": scheduled_ms,
            "modified_ms": scheduled_ms,
        }));
        Ok(if is_open {
            let note = "it was to be sent there and is paused here: see `loggia push schedule`";
            Made::Noted(made, note.to_owned())
        } else {
            Made::Record(made)
        })
    })
}

/// The platform of a row, which is a number or a word there.
fn platform(row: &Row) -> Option<&'static str> {
    match row.text("platform").to_lowercase().as_str() {
        "0" | "generic" => Some("generic"),
        "1" | "android" => Some("android"),
        "2" | "ios" => Some("ios"),
        _ => None,
    }
}

/// Who is told: all, where older versions have no target.
fn audience(row: &Row) -> Option<Value> {
    let named = |column: &str| {
        let text = row.text(column);
        let words = text.split(|sign: char| !sign.is_ascii_digit());
        let ids: Vec<i64> = words.filter_map(|word| word.parse().ok()).collect();
        (!ids.is_empty()).then_some(ids)
    };
    match row.text("target").to_lowercase().as_str() {
        "" | "0" | "all" => Some(json!("all")),
        "1" | "users" => Some(json!({ "users": named("users")? })),
        "2" | "groups" => Some(json!({ "groups": named("groups")? })),
        "3" | "devices" => Some(json!({ "devices": named("devices")? })),
        _ => None,
    }
}

/// The message in the form in which jBackend's clients look for it.
fn message(row: &Row) -> Value {
    let (title, text) = (row.text("title"), row.text("message"));
    let payload = object(row, "payload");
    json!({
        "title": title, "body": text, "sound": "default", "data": { "data": payload },
        "platforms": { "android": {
            "title": null, "body": null, "sound": null,
            "data": { "title": title, "message": text, "icon": "icon", "data": payload },
        } },
    })
}
