//! What topics and categories know of their messages: how many are shown, the first and the last. Everything here is
//! done while the topic is locked, and the topic is locked before its category.

use diesel::prelude::*;
use loggia_sql::Connection;

use super::topic::{Topic, TopicRow};
use super::{SHOWN, category, message, topic};

/// What a topic adds to the counts of its category: topics and messages.
fn share(topic: &Topic) -> (i64, i64) {
    if topic.hold == SHOWN {
        (1, topic.posts)
    } else {
        (0, 0)
    }
}

/// Counts the messages of a topic anew, after some of them are shown that were not, or the other way round.
pub(crate) fn recount(connection: &mut Connection, row: &mut TopicRow) -> QueryResult<()> {
    let facts = &mut row.facts;
    facts.posts = message::count_shown(connection, row.id)?;
    let only_shown = facts.posts > 0;
    if let Some(first) = message::end_of(connection, row.id, false, only_shown)? {
        (
            facts.first_post_id,
            facts.first_post_ms,
            facts.first_post_user_id,
        ) = first;
    }
    if let Some(last) = message::end_of(connection, row.id, true, only_shown)? {
        (
            facts.last_post_id,
            facts.last_post_ms,
            facts.last_post_user_id,
        ) = last;
    }
    Ok(())
}

/// Saves a topic, and what that changes in the counts of its category, or of both where it was moved.
pub(crate) fn save(connection: &mut Connection, before: &Topic, row: &TopicRow) -> QueryResult<()> {
    topic::save(connection, row)?;
    let after = &row.facts;
    let (lost, gained) = (share(before), share(after));
    if before.category_id == after.category_id {
        let (topics, posts) = (gained.0 - lost.0, gained.1 - lost.1);
        if (topics, posts) != (0, 0) {
            category::add_counts(connection, after.category_id, topics, posts)?;
            note_last(connection, after.category_id)?;
        }
        return Ok(());
    }
    let mut changes = [
        (before.category_id, -lost.0, -lost.1),
        (after.category_id, gained.0, gained.1),
    ];
    // Two topics that change places wait for each other, but never both.
    changes.sort_unstable();
    for (id, topics, posts) in changes {
        category::add_counts(connection, id, topics, posts)?;
    }
    for (id, _, _) in changes {
        note_last(connection, id)?;
    }
    Ok(())
}

/// Writes down which message of a category is the last.
pub(crate) fn note_last(connection: &mut Connection, id: i64) -> QueryResult<()> {
    let last = topic::last_of(connection, id)?.map(|row| {
        let facts = row.facts;
        (row.id, facts.last_post_id, facts.last_post_ms)
    });
    category::save_last(connection, id, last.unwrap_or_default())
}
