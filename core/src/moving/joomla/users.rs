//! Groups, view levels, accounts and their passwords.

use std::collections::{HashMap, HashSet};

use serde_json::json;

use super::feed::Feed;
use super::made::{Made, batch};
use super::object::{object, record, text_of};
use super::site::{Site, keys};
use crate::moving::Outcome;
use crate::moving::keeper::CORE;
use crate::moving::merge::Batch;
use crate::moving::source::Row;
use crate::service::password;

/// The feeds of this part.
pub(super) const FEEDS: [Feed; 4] = [
    Feed::new(CORE, "group", "usergroups", groups),
    Feed::new(CORE, "view_level", "viewlevels", view_levels),
    Feed::new(CORE, "account", "users", accounts),
    Feed::new(CORE, "password", "users", passwords),
];

/// Titles are unique here and not there: one that another group has before gets its id.
fn groups(site: &mut Site, after: i64) -> Outcome<Batch> {
    let all = site.rows(&format!(
        "SELECT \"id\", \"title\" FROM {} ORDER BY \"id\" DESC",
        site.table("usergroups")
    ))?;
    let first: HashMap<String, i64> = all
        .iter()
        .map(|row| (row.text("title"), row.number("id")))
        .collect();
    let rows = site.page("usergroups", "id", after, "1 = 1")?;
    batch(rows, "id", |row| {
        let (id, title) = (row.number("id"), row.text("title"));
        let parent = Some(row.number("parent_id")).filter(|parent| *parent != 0);
        let is_twice = first.get(&title) != Some(&id);
        let title = if is_twice {
            format!("{title} ({id})")
        } else {
            title
        };
        let made = record(json!({ "id": id, "parent_id": parent, "title": title }));
        Ok(if is_twice {
            Made::Noted(
                made,
                "another group has the same title, so the id was added".to_owned(),
            )
        } else {
            Made::Record(made)
        })
    })
}

fn view_levels(site: &mut Site, after: i64) -> Outcome<Batch> {
    let known = site.rows(&format!("SELECT \"id\" FROM {}", site.table("usergroups")))?;
    let known: HashSet<i64> = keys(&known, "id").into_iter().collect();
    let rows = site.page("viewlevels", "id", after, "1 = 1")?;
    batch(rows, "id", |row| {
        let mut groups: Vec<i64> =
            serde_json::from_str(row.get("rules").unwrap_or_default()).unwrap_or_default();
        groups.retain(|group| known.contains(group));
        groups.sort_unstable();
        groups.dedup();
        Ok(Made::Record(record(json!({
            "id": row.number("id"), "title": row.text("title"), "position": row.number("ordering"),
            "groups": groups,
        }))))
    })
}

fn accounts(site: &mut Site, after: i64) -> Outcome<Batch> {
    let rows = site.page("users", "id", after, "1 = 1")?;
    let ids = keys(&rows, "id");
    let groups = site.beside("user_usergroup_map", "user_id", &ids, "1 = 1")?;
    batch(rows, "id", |row| {
        let id = row.number("id");
        let mut groups: Vec<i64> = groups
            .get(&id)
            .map(|rows| keys(rows, "group_id"))
            .unwrap_or_default();
        groups.sort_unstable();
        groups.dedup();
        Ok(Made::Record(record(json!({
            "id": id,
            "username": row.text("username").trim(),
            "name": row.text("name"),
            "email": row.text("email").trim(),
            "blocked": row.number("block") != 0,
            "language": language(row),
            "created_ms": row.time_ms("registerDate").unwrap_or(0),
            "last_visit_ms": row.time_ms("lastvisitDate"),
            "groups": groups,
        }))))
    })
}

/// The language that an account has chosen for the site.
fn language(row: &Row) -> String {
    match text_of(&object(row, "params"), "language") {
        none if none.is_empty() => "*".to_owned(),
        tag => tag,
    }
}

fn passwords(site: &mut Site, after: i64) -> Outcome<Batch> {
    let rows = site.page("users", "id", after, "1 = 1")?;
    batch(rows, "id", |row| {
        let (id, hash) = (row.number("id"), row.text("password"));
        let made = record(json!({ "id": id, "password_hash": hash }));
        Ok(if hash.is_empty() || password::is_known(&hash) {
            Made::Record(made)
        } else {
            let note = "a hash of an unknown kind: the account needs a new password";
            Made::Noted(made, note.to_owned())
        })
    })
}
