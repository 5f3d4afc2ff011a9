//! Kunena: categories with their moderators, topics, messages with thanks and attachments, subscriptions.

use serde_json::json;

use super::feed::Feed;
use super::levels::NOBODY;
use super::made::{Made, batch, batch_of_pairs, noted};
use super::object::record;
use super::pair::Pair;
use super::site::{Site, keys};
use super::tree::Tree;
use crate::moving::Outcome;
use crate::moving::merge::Batch;
use crate::moving::source::Row;

const MODULE: &str = "forum";

/// The feeds of this part.
pub(super) const FEEDS: [Feed; 7] = [
    Feed::new(MODULE, "category", "kunena_categories", categories),
    Feed::new(MODULE, "moderator", "kunena_user_categories", moderators),
    Feed::new(MODULE, "topic", "kunena_topics", topics),
    Feed::new(MODULE, "message", "kunena_messages", messages),
    Feed::new(MODULE, "thanks", "kunena_thankyou", thanks),
    Feed::new(MODULE, "attachment", "kunena_attachments", attachments),
    Feed::new(MODULE, "subscription", "kunena_user_topics", subscriptions),
];

/// The view level of everybody.
const PUBLIC: i64 = 1;
/// What is deleted; Kunena has more words for it.
const DELETED: i64 = 2;
/// The subscriptions to categories have their ids behind those to topics.
const CATEGORIES_BEGIN: i64 = 1 << 52;

const USER_CATEGORY: (&str, &str) = ("category_id", "user_id");
const USER_TOPIC: (&str, &str) = ("topic_id", "user_id");
const THANKS: (&str, &str) = ("postid", "userid");

fn categories(site: &mut Site, after: i64) -> Outcome<Batch> {
    let tree = Tree::read(site, "kunena_categories", "parent_id", "1 = 1")?;
    let rows = site.page("kunena_categories", "id", after, "1 = 1")?;
    batch(rows, "id", |row| {
        let id = row.number("id");
        let (place, mut notes) = (tree.place(id), Vec::new());
        let readers = Readers::of(row);
        if readers == Readers::Unknown {
            notes.push(format!(
                "nothing here knows the access type {}: nobody but its moderators sees it",
                row.text("accesstype")
            ));
        }
        let alias = match row.text("alias") {
            none if none.is_empty() => id.to_string(),
            alias => alias,
        };
        let made = record(json!({
            "id": id,
            "parent_id": place.parent(),
            "level": 0,
            "position": row.number("ordering"),
            "name": row.text("name"),
            "alias": alias,
            "description": row.text("description"),
            "icon": row.text("icon"),
            "icon_id": row.number("icon_id"),
            "state": place.state(row.number("published"), &mut notes),
            "locked": row.number("locked") != 0,
            "by_group": readers == Readers::Group,
            "view_level_id": readers.level(),
            "group_id": row.number("pub_access"),
            "group_recurse": row.number("pub_recurse") != 0,
            "review": row.number("review") != 0,
            "allow_anonymous": row.number("allow_anonymous") != 0,
            "post_anonymous": row.number("post_anonymous") != 0,
            "allow_polls": row.number("allow_polls") != 0,
            "topic_ordering": row.text("topic_ordering"),
            "topics": row.number("numTopics"),
            "posts": row.number("numPosts"),
            "hits": row.number("hits"),
            "last_topic_id": row.number("last_topic_id"),
            "last_post_id": row.number("last_post_id"),
            "last_post_ms": row.seconds_ms("last_post_time").unwrap_or(0),
            "version": 1,
        }));
        Ok(noted(made, &notes))
    })
}

/// Who may read a category.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Readers {
    /// Who has a view level.
    Level(i64),
    /// A user group.
    Group,
    /// Whoever another component says: its numbers are no view levels.
    Unknown,
}

impl Readers {
    /// Those of a category.
    pub(super) fn of(row: &Row) -> Self {
        match row.get("accesstype") {
            None | Some("joomla.level") => Self::Level(row.number("access")),
            Some("joomla.group") => Self::Group,
            Some(_) => Self::Unknown,
        }
    }

    fn level(self) -> i64 {
        match self {
            Self::Level(level) => level,
            Self::Group => PUBLIC,
            Self::Unknown => NOBODY,
        }
    }
}

fn moderators(site: &mut Site, after: i64) -> Outcome<Batch> {
    let after = Pair::of_id(after);
    let rows = site.page_of_pairs(
        "kunena_user_categories",
        USER_CATEGORY,
        after,
        "t.\"role\" = 1",
    )?;
    batch_of_pairs(rows, USER_CATEGORY, |id, row| {
        Ok(Made::Record(record(json!({
            "id": id, "category_id": row.number("category_id"), "user_id": row.number("user_id"),
        }))))
    })
}

fn topics(site: &mut Site, after: i64) -> Outcome<Batch> {
    let rows = site.page("kunena_topics", "id", after, "1 = 1")?;
    batch(rows, "id", |row| {
        if row.number("moved_id") != 0 {
            return Ok(Made::Skipped(
                "it only says where a topic was moved".to_owned(),
            ));
        }
        Ok(Made::Record(record(json!({
            "id": row.number("id"),
            "category_id": row.number("category_id"),
            "subject": row.text("subject"),
            "icon_id": row.number("icon_id"),
            "locked": row.number("locked") != 0,
            "hold": row.number("hold").clamp(0, DELETED),
            "sticky": row.number("ordering") != 0,
            "posts": row.number("posts"),
            "hits": row.number("hits"),
            "attachments": row.number("attachments"),
            "first_post_id": row.number("first_post_id"),
            "first_post_ms": row.seconds_ms("first_post_time").unwrap_or(0),
            "first_post_user_id": row.number("first_post_userid"),
            "last_post_id": row.number("last_post_id"),
            "last_post_ms": row.seconds_ms("last_post_time").unwrap_or(0),
            "last_post_user_id": row.number("last_post_userid"),
            "deleted_by": 0,
            "version": 1,
        }))))
    })
}

fn messages(site: &mut Site, after: i64) -> Outcome<Batch> {
    let rows = site.page("kunena_messages", "id", after, "1 = 1")?;
    let texts = site.beside("kunena_messages_text", "mesid", &keys(&rows, "id"), "1 = 1")?;
    batch(rows, "id", |row| {
        let id = row.number("id");
        if row.number("moved") != 0 {
            return Ok(Made::Skipped(
                "it only says where a topic was moved".to_owned(),
            ));
        }
        let text = texts.get(&id).and_then(|rows| rows.first());
        Ok(Made::Record(record(json!({
            "id": id,
            "topic_id": row.number("thread"),
            "parent_id": row.number("parent"),
            "user_id": row.number("userid"),
            "name": row.text("name"),
            "email": row.text("email"),
            "ip": row.text("ip"),
            "subject": row.text("subject"),
            "text": text.map_or_else(String::new, |row| row.text("message")),
            "markup": "bbcode",
            "time_ms": row.seconds_ms("time").unwrap_or(0),
            "emoticon": row.number("topic_emoticon"),
            "locked": row.number("locked") != 0,
            "hold": row.number("hold").clamp(0, DELETED),
            "hits": row.number("hits"),
            "modified_by": row.number("modified_by"),
            "modified_ms": row.seconds_ms("modified_time"),
            "modified_reason": row.text("modified_reason"),
            "deleted_by": 0,
            "version": 1,
        }))))
    })
}

fn thanks(site: &mut Site, after: i64) -> Outcome<Batch> {
    let rows = site.page_of_pairs("kunena_thankyou", THANKS, Pair::of_id(after), "1 = 1")?;
    let names = site.beside("users", "id", &keys(&rows, "userid"), "1 = 1")?;
    batch_of_pairs(rows, THANKS, |id, row| {
        let user = row.number("userid");
        let name = names.get(&user).and_then(|rows| rows.first());
        Ok(Made::Record(record(json!({
            "id": id, "message_id": row.number("postid"), "user_id": user,
            "name": name.map_or_else(String::new, |row| row.text("username")),
            "time_ms": row.time_ms("time").unwrap_or(0),
        }))))
    })
}

fn attachments(site: &mut Site, after: i64) -> Outcome<Batch> {
    let rows = site.page("kunena_attachments", "id", after, "1 = 1")?;
    batch(rows, "id", |row| {
        let shown = match row.text("filename_real") {
            none if none.is_empty() => row.text("filename"),
            shown => shown,
        };
        let (mut path, mut notes) = (path_of(row), Vec::new());
        site.attached.name_path("path", &mut path, &mut notes);
        let made = record(json!({
            "id": row.number("id"), "message_id": row.number("mesid"), "user_id": row.number("userid"),
            "filename": shown, "media_type": row.text("filetype"), "size": row.number("size"),
            "hash": row.text("hash"), "comment": row.text("caption"),
            "path": path,
        }));
        Ok(noted(made, &notes))
    })
}

/// Where the file of an attachment lies.
pub(super) fn path_of(row: &Row) -> String {
    let folder = row.text("folder");
    format!("{}/{}", folder.trim_end_matches('/'), row.text("filename"))
}

/// Subscriptions to topics, and behind them those to categories.
fn subscriptions(site: &mut Site, after: i64) -> Outcome<Batch> {
    let mut first = Batch::default();
    if after < CATEGORIES_BEGIN {
        let place = Pair::of_id(after);
        let rows = site.page_of_pairs(
            "kunena_user_topics",
            USER_TOPIC,
            place,
            "t.\"subscribed\" = 1",
        )?;
        first = batch_of_pairs(rows, USER_TOPIC, |id, row| {
            Ok(Made::Record(record(json!({
                "id": id, "category_id": 0, "topic_id": row.number("topic_id"), "user_id": row.number("user_id"),
            }))))
        })?;
        if first.next.is_some() || !site.has("kunena_user_categories")? {
            return Ok(first);
        }
    }
    let place = Pair::of_id(after.saturating_sub(CATEGORIES_BEGIN));
    let condition = "t.\"subscribed\" = 1 AND t.\"category_id\" > 0";
    let rows = site.page_of_pairs("kunena_user_categories", USER_CATEGORY, place, condition)?;
    let mut second = batch_of_pairs(rows, USER_CATEGORY, |id, row| {
        Ok(Made::Record(record(json!({
            "id": CATEGORIES_BEGIN + id, "category_id": row.number("category_id"), "topic_id": 0,
            "user_id": row.number("user_id"),
        }))))
    })?;
    first.records.append(&mut second.records);
    first.skipped.append(&mut second.skipped);
    first.next = second.next.map(|next| CATEGORIES_BEGIN + next);
    Ok(first)
}
