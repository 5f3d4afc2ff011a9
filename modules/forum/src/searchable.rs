//! What the one search over all modules finds of this one: the messages that everybody sees who sees their category.
//!
//! Whoever has changed something names what he has changed, behind his own statements and in the same transaction; what
//! the tables say of it then is handed in. A category for a user group is not offered, because the search knows view
//! levels alone: so nothing of it is found by anybody.

use std::collections::{HashMap, HashSet};

use loggia_sdk::search::{Category, Document};
use loggia_sdk::{Call, Fault};
use loggia_site::searchables::{offer, offer_categories};
use loggia_sql::Connection;

use crate::Forum;
use crate::markup::{Insight, Markup};
use crate::store::category::{self, CategoryRow};
use crate::store::message::{self, MessageRow};
use crate::store::{IDS, topic};

/// The one area of this module.
const AREA: &str = <Forum as loggia_sdk::Module>::NAME;

/// How many messages of a topic are handed in at once.
const MESSAGES: i64 = 1000;

/// Hands in messages as they are now, and takes back those that are gone or on hold.
pub(crate) fn messages_changed(
    forum: &Forum,
    call: &Call<'_>,
    connection: &mut Connection,
    ids: &[i64],
) -> Result<(), Fault> {
    for ids in ids.chunks(IDS) {
        let rows = message::shown(connection, ids)?;
        let documents = documents(forum, connection, rows)?;
        offer(call, connection, (AREA, ids), &documents)?;
    }
    Ok(())
}

/// The same with all messages of topics whose hold, place or subject has changed.
pub(crate) fn topics_changed(
    forum: &Forum,
    call: &Call<'_>,
    connection: &mut Connection,
    ids: &[i64],
) -> Result<(), Fault> {
    for ids in ids.chunks(IDS) {
        let mut after = 0;
        loop {
            let messages = message::ids_of_topics(connection, ids, after, MESSAGES)?;
            messages_changed(forum, call, connection, &messages)?;
            match messages.last() {
                Some(&last) => after = last,
                None => break,
            }
        }
    }
    Ok(())
}

/// Hands in categories as they are now, and takes back those that are gone.
pub(crate) fn categories_changed(
    call: &Call<'_>,
    connection: &mut Connection,
    ids: &[i64],
) -> Result<(), Fault> {
    for ids in ids.chunks(IDS) {
        let rows = category::by_ids(connection, ids)?;
        let categories: Vec<Category> = rows.into_iter().map(offered_category).collect();
        offer_categories(call, connection, (AREA, ids), &categories)?;
    }
    Ok(())
}

/// Messages as they are found, with one statement for all their topics.
pub(crate) fn documents(
    forum: &Forum,
    connection: &mut Connection,
    rows: Vec<MessageRow>,
) -> Result<Vec<Document>, Fault> {
    let ids: HashSet<i64> = rows.iter().map(|row| row.facts.topic_id).collect();
    let ids: Vec<i64> = ids.into_iter().collect();
    let topics: HashMap<i64, topic::TopicRow> = topic::by_ids(connection, &ids)?
        .into_iter()
        .map(|row| (row.id, row))
        .collect();
    let document = |row: MessageRow| {
        let topic = &topics.get(&row.facts.topic_id)?.facts;
        let facts = row.facts;
        let markup = Markup::of(&facts.markup);
        let text = Insight::default().veil(&facts.text, markup);
        Some(Document {
            area: AREA.to_owned(),
            id: row.id,
            category_id: Some(topic.category_id),
            title: topic.subject.clone(),
            text: forum.renderer.plain(&text, markup),
            language: "*".to_owned(),
            author: facts.name,
            created_ms: facts.time_ms,
            modified_ms: facts.modified_ms.unwrap_or(facts.time_ms),
            popularity: topic.hits,
            href: format!("get/forum/topics/{}", facts.topic_id),
            ..Document::default()
        })
    };
    Ok(rows.into_iter().filter_map(document).collect())
}

/// A category as its messages are found by it.
pub(crate) fn offered_category(row: CategoryRow) -> Category {
    let facts = row.facts;
    Category {
        area: AREA.to_owned(),
        id: row.id,
        parent_id: (facts.parent_id != 0).then_some(facts.parent_id),
        title: facts.name,
        alias: facts.alias,
        is_published: facts.state == 1 && !facts.by_group,
        view_levels: vec![facts.view_level_id],
    }
}
