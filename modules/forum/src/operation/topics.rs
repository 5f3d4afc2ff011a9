//! The topics of a category, or one topic with its messages.

use std::collections::HashMap;

use loggia_sdk::Counted;
use loggia_sdk::prelude::*;
use loggia_site::page::last_of_full;
use loggia_site::{Entries, Page, cursor};
use loggia_sql::Connection;

use super::message::{self, Format, Shown, Texts};
use super::written;
use crate::Forum;
use crate::sight::Sight;
use crate::store::condition;
use crate::store::message::Excerpt;
use crate::store::topic::{self, Column, Order, Part, Place, TopicRow};
use crate::store::{category, message as messages};

/// How many topics a page has where nothing is said.
const PAGE: i64 = 20;
/// The most topics of a page.
const MOST: i64 = 1000;

/// Parameters of `get/topics`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Topics {
    /// One topic with its messages; without it a list is shown.
    id: Option<i64>,
    /// The category whose topics are listed.
    catid: Option<i64>,
    /// How many topics a page has, 20 where nothing is said and at most 1000; of one topic how many messages.
    limit: Option<i64>,
    /// The first one shown.
    offset: Option<i64>,
    /// Where the page begins, instead of `offset`: empty at first, then what `next` was.
    cursor: Option<String>,
    /// The members of each topic that are shown, separated by commas.
    fields: Option<Vec<String>>,
    /// `desc`, or `asc` for the other way round.
    #[schemars(extend("x-fallback" = true))]
    orderdir: Option<Direction>,
    /// Whether moderators are shown what was deleted, too.
    #[serde(default)]
    deleted: bool,
    /// Whether texts are shown as they were written, or as HTML that does no harm.
    #[schemars(extend("x-fallback" = true))]
    format: Option<Format>,
    /// Whether each message of one topic names its attachments, its version and more.
    #[serde(default)]
    details: bool,
}

/// Which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Direction {
    Asc,
    Desc,
}

/// A list, or one.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum Answered {
    /// Some topics.
    List(List),
    /// The topic that was asked for.
    One(Box<One>),
}

/// A page of topics.
#[derive(Serialize, JsonSchema)]
pub(crate) struct List {
    /// How many there are on all pages.
    total: String,
    /// How many a page has.
    limit: i64,
    /// The first one shown.
    offset: i64,
    /// The cursor of the next page, where the request had one; empty at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
    /// The topics.
    topics: Entries<Entry>,
}

/// A topic in a list.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Entry {
    /// The id.
    id: String,
    /// Everything else.
    #[serde(flatten)]
    members: Members,
}

/// A topic with its messages.
#[derive(Serialize, JsonSchema)]
pub(crate) struct One {
    /// The id.
    id: i64,
    /// Everything else.
    #[serde(flatten)]
    members: Members,
    /// The cursor of the next messages, where the request had one; empty at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
    /// Its messages, first ones first.
    messages: Vec<Shown>,
}

/// What is shown of a topic.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Members {
    /// Its category.
    category_id: String,
    /// What it is about.
    subject: String,
    /// `1` where only moderators write.
    locked: String,
    /// `0` shown, `1` awaits approval, `2` deleted.
    hold: String,
    /// How many messages it has that are shown.
    posts: String,
    /// How often it was seen.
    hits: String,
    /// How many files are attached to its messages.
    attachments: String,
    /// Its first message.
    first_post_id: String,
    /// When that was written, in seconds since 1970 (UTC).
    first_post_time: String,
    /// The account that wrote it; `0` for none.
    first_post_userid: String,
    /// Its text.
    first_post_message: String,
    /// The name of who wrote it.
    first_post_guest_name: String,
    /// Its last message.
    last_post_id: String,
    /// When that was written.
    last_post_time: String,
    /// The account that wrote it.
    last_post_userid: String,
    /// Its text.
    last_post_message: String,
    /// The name of who wrote it.
    last_post_guest_name: String,
}

/// Shows topics that the caller may see.
pub(crate) fn get(
    forum: &Forum,
    call: &Call<'_>,
    parameters: Topics,
) -> Result<Counted<Answered>, Fault> {
    let versioned = match parameters.id {
        Some(id) => one(forum, call, &parameters, id)?,
        None => Versioned {
            version: None,
            members: Answered::List(list(forum, call, &parameters)?),
        },
    };
    Ok(Counted {
        versioned,
        count: "hits",
    })
}

fn list(forum: &Forum, call: &Call<'_>, parameters: &Topics) -> Result<List, Fault> {
    let id = parameters.catid.ok_or(Fault::new("KUN_CNS"))?;
    let mut connection = call.database()?;
    let sight = Sight::of(forum, call, &mut connection)?;
    let category = category::visible(&mut connection, &sight, id)?;
    let category = category.ok_or(Fault::new("KUN_CNF"))?.facts;
    let deleted = parameters.deleted;
    let on_hold = if sight.user == 0 {
        0
    } else {
        topic::count_on_hold(&mut connection, &sight, id, deleted)?
    };
    let total = category.topics + on_hold;
    let limit = parameters.limit.filter(|&limit| limit > 0);
    let limit = limit.unwrap_or(PAGE).min(MOST);
    let page = Page::of(total, Some(limit), parameters.offset);
    let order = Order {
        column: Column::of(&category.topic_ordering),
        descending: parameters.orderdir != Some(Direction::Asc),
    };
    // Where the caller sees no others, the index alone knows what everybody sees.
    let shown = if on_hold == 0 {
        condition::shown_topics()
    } else {
        condition::topics_by_hold(&sight, deleted)
    };
    let mut offset = page.offset.unwrap_or(0);
    let (rows, next) = if let Some(place) = &parameters.cursor {
        offset = 0;
        let place = match place.as_str() {
            "" => None,
            place => Some(cursor::read::<Place>(place)?),
        };
        let rows = topic::behind(&mut connection, id, shown, order, place, limit)?;
        let last = last_of_full(&rows, limit);
        let next = last.map(|last| cursor::write(&order.place_of(last)));
        (rows, Some(next.transpose()?.unwrap_or_default()))
    } else {
        let part = Part {
            order,
            limit,
            offset,
        };
        let rows = topic::part(&mut connection, id, shown, part, total)?;
        (rows, None)
    };
    let texts = Texts::new(forum, &sight, id, parameters.format);
    let topics = entries(forum, &mut connection, rows, texts)?;
    Ok(List {
        total: total.to_string(),
        limit,
        offset,
        next,
        topics: Entries::of(topics, parameters.fields.as_deref())?,
    })
}

fn one(
    forum: &Forum,
    call: &Call<'_>,
    parameters: &Topics,
    id: i64,
) -> Result<Versioned<Answered>, Fault> {
    let (version, members) = {
        let mut connection = call.database()?;
        let sight = Sight::of(forum, call, &mut connection)?;
        let row = topic::visible(&mut connection, &sight, id)?;
        let row = row.ok_or(Fault::new("KUN_TNF"))?;
        let texts = Texts::new(forum, &sight, row.facts.category_id, parameters.format);
        let asked = message::Asked {
            limit: parameters.limit.filter(|&limit| limit > 0),
            offset: parameters.offset.unwrap_or(0).max(0),
            cursor: parameters.cursor.as_deref(),
            deleted: parameters.deleted,
            texts,
            details: parameters.details,
        };
        let (messages, next) = message::of_topic(call, &mut connection, &sight, &row, asked)?;
        let version = row.facts.version;
        let mut entries = entries(forum, &mut connection, vec![row], texts)?;
        let entry = entries.pop().ok_or(Fault::new("KUN_TNF"))?;
        let one = One {
            id,
            members: entry.members,
            next,
            messages,
        };
        (version, one)
    };
    forum.views.count(call, id)?;
    Ok(Versioned {
        version: Some(version),
        members: Answered::One(Box::new(members)),
    })
}

/// Makes the entries of topics, with one statement for all their first and last messages.
fn entries(
    forum: &Forum,
    connection: &mut Connection,
    rows: Vec<TopicRow>,
    texts: Texts<'_>,
) -> Result<Vec<Entry>, Fault> {
    let mut ids: Vec<i64> = rows
        .iter()
        .flat_map(|row| [row.facts.first_post_id, row.facts.last_post_id])
        .collect();
    ids.sort_unstable();
    ids.dedup();
    let excerpts: HashMap<i64, Excerpt> = messages::excerpts(connection, &ids)?
        .into_iter()
        .map(|excerpt| (excerpt.id, excerpt))
        .collect();
    let none = Excerpt::default();
    let entry = |row: TopicRow| {
        let of = |id| excerpts.get(&id).unwrap_or(&none);
        let hits = row.facts.hits + forum.views.pending(row.id);
        let ends = (of(row.facts.first_post_id), of(row.facts.last_post_id));
        Entry {
            id: row.id.to_string(),
            members: members(row, hits, ends, texts),
        }
    };
    Ok(rows.into_iter().map(entry).collect())
}

fn members(
    row: TopicRow,
    hits: i64,
    (first, last): (&Excerpt, &Excerpt),
    texts: Texts<'_>,
) -> Members {
    let facts = row.facts;
    Members {
        category_id: facts.category_id.to_string(),
        subject: facts.subject,
        locked: written::flag(facts.locked),
        hold: facts.hold.to_string(),
        posts: facts.posts.to_string(),
        hits: hits.to_string(),
        attachments: facts.attachments.to_string(),
        first_post_id: facts.first_post_id.to_string(),
        first_post_time: written::time(facts.first_post_ms),
        first_post_userid: facts.first_post_user_id.to_string(),
        first_post_message: texts.of(&first.text, &first.markup, first.user_id),
        first_post_guest_name: first.name.clone(),
        last_post_id: facts.last_post_id.to_string(),
        last_post_time: written::time(facts.last_post_ms),
        last_post_userid: facts.last_post_user_id.to_string(),
        last_post_message: texts.of(&last.text, &last.markup, last.user_id),
        last_post_guest_name: last.name.clone(),
    }
}
