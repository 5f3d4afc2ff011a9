//! jBackend's keys, with their quotas and statistics.

use serde_json::json;

use super::feed::Feed;
use super::made::{Made, batch};
use super::object::record;
use super::site::Site;
use crate::moving::Outcome;
use crate::moving::keeper::CORE;
use crate::moving::merge::Batch;
use crate::moving::source::Row;
use crate::store::keys::{DAY_MS, legacy_secret};

/// The feeds of this part.
pub(super) const FEEDS: [Feed; 2] = [
    Feed::new(CORE, "api_key", "jbackend_keys", keys),
    Feed::new(CORE, "api_key_secret", "jbackend_keys", secrets),
];

fn keys(site: &mut Site, after: i64) -> Outcome<Batch> {
    let rows = site.page("jbackend_keys", "id", after, "1 = 1")?;
    batch(rows, "id", |row| {
        let made = record(json!({
            "id": row.number("id"),
            "user_id": row.number("user_id"),
            "endpoints": null,
            // Before version 3 every key worked on the default request.
            "default_request": row.get("on_default").is_none_or(|on| on != "0"),
            "modules": [],
            "operations": [],
            "scopes": [],
            "daily_requests": row.number("daily_requests").max(0),
            "expires_ms": row.time_ms("expiration_date"),
            "comment": row.text("comment"),
            "state": row.number("published"),
            "created_ms": 0,
            "usage": {
                "hits": row.number("hits"),
                "last_visit_ms": row.time_ms("last_visit").unwrap_or(0),
                "current_day": row.time_ms("current_day").unwrap_or(0).div_euclid(DAY_MS),
                "current_hits": row.number("current_hits"),
            },
        }));
        Ok(match selected_endpoints(row) {
            Some(note) => Made::Noted(made, note),
            None => Made::Record(made),
        })
    })
}

/// jBackend names endpoints by the ids of menu items, which are none here.
fn selected_endpoints(row: &Row) -> Option<String> {
    let is_selected = row.get("enabled_endpoints").is_some_and(|all| all == "0");
    is_selected.then(|| {
        "it was for selected endpoints only and works on all here: see `loggia key change --endpoint`".to_owned()
    })
}

fn secrets(site: &mut Site, after: i64) -> Outcome<Batch> {
    let rows = site.page("jbackend_keys", "id", after, "1 = 1")?;
    batch(rows, "id", |row| {
        let id = row.number("id");
        let Some(secret) = legacy_secret(&row.text("key")) else {
            let why = "a key has 1 to 255 characters, and not the form of those that are made here";
            return Ok(Made::Skipped(why.to_owned()));
        };
        let made = record(json!({ "id": id, "secrets": [{
            "digest": secret.digest, "prefix": secret.prefix, "legacy": true, "created_ms": 0, "expires_ms": null,
        }] }));
        Ok(if secret.is_guessable {
            Made::Noted(
                made,
                "short or simple enough to be guessed: rotate it soon".to_owned(),
            )
        } else {
            Made::Record(made)
        })
    })
}
