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
use crate::store::tree;
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
        macro_rules! write {
            ($row:ty, $put:path, $table:literal) => {{
                let rows = taken.read::<$row>(records);
                taken.write(connection, &rows, |row| row.id, $put)?;
                follow_ids(connection, $table)?;
                rows
            }};
        }
        match parameters.kind.as_str() {
            "category" => {
                let rows = write!(CategoryRow, record::put_category, "forum_category");
                tree::grow(connection)?;
                let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
                searchable::categories_changed(call, connection, &ids)?;
            }
            "moderator" => {
                write!(ModeratorRecord, record::put_moderator, "forum_moderator");
            }
            "topic" => {
                let ids = ids_of(&records, "id");
                let before = record::shares(connection, &ids)?;
                write!(TopicRow, record::put_topic, "forum_topic");
                record::settle(connection, &ids, &before)?;
                searchable::topics_changed(forum, call, connection, &ids)?;
            }
            "message" => {
                let ids = ids_of(&records, "id");
                let mut topics = ids_of(&records, "topic_id");
                topics.extend(record::topics_of(connection, &ids)?);
                let before = record::shares(connection, &distinct(&mut topics))?;
                write!(MessageRow, record::put_message, "forum_message");
                record::count(connection, &topics)?;
                record::settle(connection, &topics, &before)?;
                searchable::messages_changed(forum, call, connection, &ids)?;
            }
            "thanks" => {
                write!(ThanksRecord, record::put_thanks, "forum_thanks");
            }
            "attachment" => {
                let mut messages = ids_of(&records, "message_id");
                let rows = write!(AttachmentRecord, record::put_attachment, "forum_attachment");
                messages.extend(rows.iter().map(|row| row.message_id));
                let topics = record::topics_of(connection, &distinct(&mut messages))?;
                record::count(connection, &topics)?;
            }
            "subscription" => {
                write!(
                    SubscriptionRecord,
                    record::put_subscription,
                    "forum_subscription"
                );
            }
            _ => return Err(unknown_kind(&KINDS)),
        }
        Ok(taken)
    })
}

/// Numbers that records name.
fn ids_of(records: &[Value], member: &str) -> Vec<i64> {
    let ids: BTreeSet<i64> = records
        .iter()
        .filter_map(|record| record[member].as_i64())
        .collect();
    ids.into_iter().collect()
}

fn distinct(ids: &mut Vec<i64>) -> Vec<i64> {
    ids.sort_unstable();
    ids.dedup();
    ids.clone()
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
            "attachment" => record::delete_attachments(connection, ids)?,
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
    let before = record::shares(connection, &topics)?;
    let deleted = record::delete_messages(connection, ids)?;
    record::count(connection, &topics)?;
    record::settle(connection, &topics, &before)?;
    searchable::messages_changed(forum, call, connection, ids)?;
    Ok(deleted)
}
