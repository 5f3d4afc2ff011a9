//! Moving in and out: everything the forum keeps, as records.

use std::collections::BTreeSet;

use loggia_sdk::prelude::*;
use loggia_site::records::{
    DeleteRecords, Deleted, GetRecords, MOST, PutRecords, Records, Taken, follow_ids, unknown_kind,
};
use loggia_sql::Connection;
use serde_json::Value;

use crate::store::category::{self, CategoryRow};
use crate::store::message::MessageRow;
use crate::store::record::{
    self, AttachmentRecord, ModeratorRecord, SubscriptionRecord, ThanksRecord,
};
use crate::store::topic::TopicRow;
use crate::{Forum, searchable};

/// Each behind those that it names.
const KINDS: [&str; 7] = [
    "category",
    "moderator",
    "topic",
    "message",
    "thanks",
    "attachment",
    "subscription",
];

/// Gives a page of records.
pub(crate) fn get(
    _forum: &Forum,
    call: &Call<'_>,
    parameters: GetRecords,
) -> Result<Records, Fault> {
    let Some(kind) = parameters.kind else {
        return Ok(Records::kinds(&KINDS));
    };
    let after = parameters.after.unwrap_or(0);
    let limit = parameters.limit.unwrap_or(MOST);
    let connection = &mut call.database()?;
    macro_rules! page {
        ($rows:path) => {{
            let rows = $rows(connection, after, limit)?;
            Records::page(&KINDS, &rows, limit, |row| row.id)
        }};
    }
    match kind.as_str() {
        "category" => page!(category::after),
        "moderator" => page!(record::moderators),
        "topic" => page!(record::topics),
        "message" => page!(record::messages),
        "thanks" => page!(record::thanks),
        "attachment" => page!(record::attachments),
        "subscription" => page!(record::subscriptions),
        _ => Err(unknown_kind(&KINDS)),
    }
}

/// Adds or replaces records.
pub(crate) fn put(forum: &Forum, call: &Call<'_>, parameters: PutRecords) -> Result<Taken, Fault> {
    let mut taken = Taken::default();
    let connection = &mut call.database_for_writing()?;
    connection.transaction(|connection| {
        let records = parameters.records;
        macro_rules! put {
            ($row:ty, $put:path, $table:literal) => {{
                let rows = taken.read::<$row>(records);
                taken.write(connection, &rows, |row| row.id, $put)?;
                follow_ids(connection, $table)?;
            }};
        }
        match parameters.kind.as_str() {
            "category" => put_categories(call, connection, records, &mut taken)?,
            "moderator" => put!(ModeratorRecord, record::put_moderator, "forum_moderator"),
            "topic" => put_topics(forum, call, connection, records, &mut taken)?,
            "message" => put_messages(forum, call, connection, records, &mut taken)?,
            "thanks" => put!(ThanksRecord, record::put_thanks, "forum_thanks"),
            "attachment" => {
                let ids = ids_of(&records, "id");
                let mut messages = ids_of(&records, "message_id");
                messages.extend(record::messages_with(connection, &ids)?);
                put!(AttachmentRecord, record::put_attachment, "forum_attachment");
                count_topics_of(connection, &messages)?;
            }
            "subscription" => put!(
                SubscriptionRecord,
                record::put_subscription,
                "forum_subscription"
            ),
            _ => return Err(unknown_kind(&KINDS)),
        }
        Ok(taken)
    })
}

fn put_categories(
    call: &Call<'_>,
    connection: &mut Connection,
    records: Vec<Value>,
    taken: &mut Taken,
) -> Result<(), Fault> {
    let ids = ids_of(&records, "id");
    let present = record::lock_categories(connection, &ids)?;
    let rows = taken.read::<CategoryRow>(records).into_iter();
    let rows: Vec<CategoryRow> = rows
        .map(|row| {
            let present = present.get(&row.id);
            record::counted_category(row, present)
        })
        .collect();
    taken.write(connection, &rows, |row| row.id, record::put_category)?;
    category::TREE.grow(connection)?;
    follow_ids(connection, "forum_category")?;
    searchable::categories_changed(call, connection, &ids)
}

fn put_topics(
    forum: &Forum,
    call: &Call<'_>,
    connection: &mut Connection,
    records: Vec<Value>,
    taken: &mut Taken,
) -> Result<(), Fault> {
    let ids = ids_of(&records, "id");
    let present = record::lock_topics(connection, &ids)?;
    let before = record::shares(connection, &ids)?;
    let categories = category::by_ids(connection, &ids_of(&records, "category_id"))?;
    let categories: BTreeSet<i64> = categories.iter().map(|row| row.id).collect();
    let mut rows = Vec::new();
    for row in taken.read::<TopicRow>(records) {
        if categories.contains(&row.facts.category_id) {
            let present = present.get(&row.id);
            rows.push(record::counted_topic(row, present));
        } else {
            taken.refuse(row.id, "its category is not there");
        }
    }
    taken.write(connection, &rows, |row| row.id, record::put_topic)?;
    record::settle(connection, &ids, &before)?;
    follow_ids(connection, "forum_topic")?;
    searchable::topics_changed(forum, call, connection, &ids)
}

fn put_messages(
    forum: &Forum,
    call: &Call<'_>,
    connection: &mut Connection,
    records: Vec<Value>,
    taken: &mut Taken,
) -> Result<(), Fault> {
    let ids = ids_of(&records, "id");
    let mut topics = ids_of(&records, "topic_id");
    topics.extend(record::topics_of(connection, &ids)?);
    topics.sort_unstable();
    topics.dedup();
    let present = record::lock_topics(connection, &topics)?;
    let before = record::shares(connection, &topics)?;
    let mut rows = taken.read::<MessageRow>(records);
    rows.retain(|row| {
        let is_there = present.contains_key(&row.facts.topic_id);
        if !is_there {
            taken.refuse(row.id, "its topic is not there");
        }
        is_there
    });
    taken.write(connection, &rows, |row| row.id, record::put_message)?;
    record::count(connection, &topics)?;
    record::settle(connection, &topics, &before)?;
    follow_ids(connection, "forum_message")?;
    searchable::messages_changed(forum, call, connection, &ids)
}

/// Counts the topics of messages anew.
fn count_topics_of(connection: &mut Connection, messages: &[i64]) -> Result<(), Fault> {
    let topics = record::topics_of(connection, messages)?;
    record::lock_topics(connection, &topics)?;
    Ok(record::count(connection, &topics)?)
}

/// Numbers that records name.
fn ids_of(records: &[Value], member: &str) -> Vec<i64> {
    let ids: BTreeSet<i64> = records
        .iter()
        .filter_map(|record| record[member].as_i64())
        .collect();
    ids.into_iter().collect()
}

/// Deletes records. A category with something in it stays; a topic goes with its messages.
pub(crate) fn delete(
    forum: &Forum,
    call: &Call<'_>,
    parameters: DeleteRecords,
) -> Result<Deleted, Fault> {
    let ids = &parameters.ids;
    let connection = &mut call.database_for_writing()?;
    connection.transaction(|connection| {
        let deleted = match parameters.kind.as_str() {
            "category" => {
                let deleted = record::delete_categories(connection, ids)?;
                searchable::categories_changed(call, connection, ids)?;
                deleted
            }
            "moderator" => record::delete_moderators(connection, ids)?,
            "topic" => delete_topics(forum, call, connection, ids)?,
            "message" => delete_messages(forum, call, connection, ids)?,
            "thanks" => record::delete_thanks(connection, ids)?,
            "attachment" => {
                let messages = record::messages_with(connection, ids)?;
                let deleted = record::delete_attachments(connection, ids)?;
                count_topics_of(connection, &messages)?;
                deleted
            }
            "subscription" => record::delete_subscriptions(connection, ids)?,
            _ => return Err(unknown_kind(&KINDS)),
        };
        Ok(Deleted { deleted })
    })
}

fn delete_topics(
    forum: &Forum,
    call: &Call<'_>,
    connection: &mut Connection,
    ids: &[i64],
) -> Result<usize, Fault> {
    record::lock_topics(connection, ids)?;
    let before = record::shares(connection, ids)?;
    let messages = record::messages_of(connection, ids)?;
    let deleted = record::delete_topics(connection, ids)?;
    record::settle(connection, ids, &before)?;
    searchable::messages_changed(forum, call, connection, &messages)?;
    Ok(deleted)
}

fn delete_messages(
    forum: &Forum,
    call: &Call<'_>,
    connection: &mut Connection,
    ids: &[i64],
) -> Result<usize, Fault> {
    let topics = record::topics_of(connection, ids)?;
    record::lock_topics(connection, &topics)?;
    let before = record::shares(connection, &topics)?;
    let deleted = record::delete_messages(connection, ids)?;
    record::count(connection, &topics)?;
    record::settle(connection, &topics, &before)?;
    searchable::messages_changed(forum, call, connection, ids)?;
    Ok(deleted)
}
