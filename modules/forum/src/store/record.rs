//! Whole rows, for moving in and out: read by their ids, written with them.
//!
//! What is counted is not taken from records, but counted: of a topic its messages, of a category its topics.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use diesel::prelude::*;
use loggia_sdk::abi::Value;
use loggia_sdk::abi::value::kind;
use loggia_sdk::prelude::{Deserialize, Serialize};
use loggia_site::records::{Unwritten, delete_lowest_first};
use loggia_sql::{Backend, Connection, lock_rows, sum_i64};

use super::category::{Category, CategoryRow};
use super::message::MessageRow;
use super::schema::{
    forum_attachment, forum_category, forum_category_ancestor, forum_message, forum_moderator,
    forum_subscription, forum_thanks, forum_topic,
};
use super::topic::{Topic, TopicRow};
use super::{SHOWN, category, tally};

/// How many topics one statement counts.
const COUNTED: usize = 100;

/// Who moderates a category; 0 is every one.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, AsChangeset, Serialize, Deserialize)]
#[diesel(table_name = forum_moderator, check_for_backend(Backend))]
pub(crate) struct ModeratorRecord {
    pub(crate) id: i64,
    category_id: i64,
    user_id: i64,
}

/// Somebody's thanks for a message.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, AsChangeset, Serialize, Deserialize)]
#[diesel(table_name = forum_thanks, check_for_backend(Backend))]
pub(crate) struct ThanksRecord {
    pub(crate) id: i64,
    message_id: i64,
    user_id: i64,
    name: String,
    time_ms: i64,
}

/// A file of a message.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, AsChangeset, Serialize, Deserialize)]
#[diesel(table_name = forum_attachment, check_for_backend(Backend))]
pub(crate) struct AttachmentRecord {
    pub(crate) id: i64,
    pub(crate) message_id: i64,
    user_id: i64,
    filename: String,
    media_type: String,
    size: i64,
    #[serde(default)]
    hash: String,
    path: String,
    #[serde(default)]
    comment: String,
}

/// What somebody wants mail of.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, AsChangeset, Serialize, Deserialize)]
#[diesel(table_name = forum_subscription, check_for_backend(Backend))]
pub(crate) struct SubscriptionRecord {
    pub(crate) id: i64,
    category_id: i64,
    topic_id: i64,
    user_id: i64,
}

/// The reading, writing and deleting of the rows of one table.
macro_rules! rows {
    ($table:ident, $row:ty, $after:ident, $put:ident, $delete:ident) => {
        pub(crate) fn $after(
            connection: &mut Connection,
            after: i64,
            limit: i64,
        ) -> QueryResult<Vec<$row>> {
            $table::table
                .filter($table::id.gt(after))
                .order($table::id)
                .limit(limit)
                .select(<$row>::as_select())
                .load(connection)
        }

        pub(crate) fn $put(connection: &mut Connection, row: &$row) -> Result<(), Unwritten> {
            diesel::insert_into($table::table)
                .values(row)
                .on_conflict($table::id)
                .do_update()
                .set(row)
                .execute(connection)?;
            Ok(())
        }

        pub(crate) fn $delete(connection: &mut Connection, ids: &[i64]) -> QueryResult<usize> {
            diesel::delete($table::table.filter($table::id.eq_any(ids.to_vec())))
                .execute(connection)
        }
    };
}

rows!(
    forum_moderator,
    ModeratorRecord,
    moderators,
    put_moderator,
    delete_moderators
);
rows!(
    forum_thanks,
    ThanksRecord,
    thanks,
    put_thanks,
    delete_thanks
);
rows!(
    forum_attachment,
    AttachmentRecord,
    attachments,
    put_attachment,
    delete_attachments
);
rows!(
    forum_subscription,
    SubscriptionRecord,
    subscriptions,
    put_subscription,
    delete_subscriptions
);

/// The topics behind an id.
pub(crate) fn topics(
    connection: &mut Connection,
    after: i64,
    limit: i64,
) -> QueryResult<Vec<TopicRow>> {
    forum_topic::table
        .filter(forum_topic::id.gt(after))
        .order(forum_topic::id)
        .limit(limit)
        .select(TopicRow::as_select())
        .load(connection)
}

/// The messages behind an id.
pub(crate) fn messages(
    connection: &mut Connection,
    after: i64,
    limit: i64,
) -> QueryResult<Vec<MessageRow>> {
    forum_message::table
        .filter(forum_message::id.gt(after))
        .order(forum_message::id)
        .limit(limit)
        .select(MessageRow::as_select())
        .load(connection)
}

/// Locks topics, so that nobody counts anything of them until the transaction ends; gives those that there are.
pub(crate) fn lock_topics(
    connection: &mut Connection,
    ids: &[i64],
) -> QueryResult<HashMap<i64, TopicRow>> {
    let query = forum_topic::table
        .filter(forum_topic::id.eq_any(ids.to_vec()))
        .order(forum_topic::id)
        .select(TopicRow::as_select());
    let rows: Vec<TopicRow> = lock_rows(query).load(connection)?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// Locks categories likewise.
pub(crate) fn lock_categories(
    connection: &mut Connection,
    ids: &[i64],
) -> QueryResult<HashMap<i64, CategoryRow>> {
    let query = forum_category::table
        .filter(forum_category::id.eq_any(ids.to_vec()))
        .order(forum_category::id)
        .select(CategoryRow::as_select());
    let rows: Vec<CategoryRow> = lock_rows(query).load(connection)?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// A category with what is counted of it at present.
pub(crate) fn counted_category(row: CategoryRow, present: Option<&CategoryRow>) -> CategoryRow {
    let none = Category::new();
    let counted = present.map_or(&none, |present| &present.facts);
    CategoryRow {
        id: row.id,
        facts: Category {
            topics: counted.topics,
            posts: counted.posts,
            last_topic_id: counted.last_topic_id,
            last_post_id: counted.last_post_id,
            last_post_ms: counted.last_post_ms,
            ..row.facts
        },
    }
}

/// A topic with what is counted of it at present; a new one has nothing in it yet.
pub(crate) fn counted_topic(row: TopicRow, present: Option<&TopicRow>) -> TopicRow {
    let facts = match present.map(|present| &present.facts) {
        Some(counted) => Topic {
            posts: counted.posts,
            attachments: counted.attachments,
            first_post_id: counted.first_post_id,
            first_post_ms: counted.first_post_ms,
            first_post_user_id: counted.first_post_user_id,
            last_post_id: counted.last_post_id,
            last_post_ms: counted.last_post_ms,
            last_post_user_id: counted.last_post_user_id,
            ..row.facts
        },
        None => Topic {
            posts: 0,
            attachments: 0,
            ..row.facts
        },
    };
    TopicRow { id: row.id, facts }
}

/// The writing of rows whose facts are a structure of their own.
macro_rules! put_facts {
    ($table:ident, $row:ty, $put:ident) => {
        pub(crate) fn $put(connection: &mut Connection, row: &$row) -> Result<(), Unwritten> {
            diesel::insert_into($table::table)
                .values(row)
                .on_conflict($table::id)
                .do_update()
                .set(&row.facts)
                .execute(connection)?;
            Ok(())
        }
    };
}

put_facts!(forum_category, CategoryRow, put_category);
put_facts!(forum_topic, TopicRow, put_topic);
put_facts!(forum_message, MessageRow, put_message);

/// The topics of messages.
pub(crate) fn topics_of(connection: &mut Connection, messages: &[i64]) -> QueryResult<Vec<i64>> {
    forum_message::table
        .filter(forum_message::id.eq_any(messages.to_vec()))
        .select(forum_message::topic_id)
        .distinct()
        .load(connection)
}

/// What topics add to the counts of their categories: how many of them are shown, and their messages.
pub(crate) type Shares = BTreeMap<i64, (i64, i64)>;

/// The shares of topics, for [`settle`] once they are changed.
pub(crate) fn shares(connection: &mut Connection, topics: &[i64]) -> QueryResult<Shares> {
    let rows: Vec<(i64, i64, Option<i64>)> = forum_topic::table
        .filter(forum_topic::id.eq_any(topics.to_vec()))
        .filter(forum_topic::hold.eq(SHOWN))
        .group_by(forum_topic::category_id)
        .select((
            forum_topic::category_id,
            diesel::dsl::count_star(),
            sum_i64(forum_topic::posts),
        ))
        .load(connection)?;
    let shares = rows
        .into_iter()
        .map(|(category, topics, posts)| (category, (topics, posts.unwrap_or(0))));
    Ok(shares.collect())
}

/// Corrects the counts of categories by what topics add to them now, and added before.
pub(crate) fn settle(
    connection: &mut Connection,
    topics: &[i64],
    before: &Shares,
) -> QueryResult<()> {
    let after = shares(connection, topics)?;
    let categories: BTreeSet<i64> = before.keys().chain(after.keys()).copied().collect();
    for id in categories {
        let of = |shares: &Shares| shares.get(&id).copied().unwrap_or_default();
        let (lost, gained) = (of(before), of(&after));
        category::add_counts(connection, id, gained.0 - lost.0, gained.1 - lost.1)?;
        tally::note_last(connection, id)?;
    }
    Ok(())
}

/// Counts the messages and files of topics. Messages that are shown go before others.
pub(crate) fn count(connection: &mut Connection, topics: &[i64]) -> QueryResult<()> {
    const END: [(&str, &str); 2] = [("first", ""), ("last", " DESC")];
    const COLUMNS: [(&str, &str); 3] = [("id", "id"), ("ms", "time_ms"), ("user_id", "user_id")];
    let mut sets = vec![
        r#""posts" = (SELECT COUNT(*) FROM "forum_message" AS "m"
 WHERE "m"."topic_id" = "forum_topic"."id" AND "m"."hold" = 0)"#
            .to_owned(),
        r#""attachments" = (SELECT COUNT(*) FROM "forum_attachment" AS "a" WHERE "a"."message_id" IN
 (SELECT "m"."id" FROM "forum_message" AS "m" WHERE "m"."topic_id" = "forum_topic"."id"))"#
            .to_owned(),
    ];
    for (end, direction) in END {
        for (name, column) in COLUMNS {
            sets.push(format!(
                r#""{end}_post_{name}" = COALESCE((SELECT "m"."{column}" FROM "forum_message" AS "m"
 WHERE "m"."topic_id" = "forum_topic"."id" ORDER BY CASE WHEN "m"."hold" = 0 THEN 0 ELSE 1 END,
 "m"."time_ms"{direction}, "m"."id"{direction} LIMIT 1), "{end}_post_{name}")"#
            ));
        }
    }
    let places: Vec<String> = (1..=COUNTED).map(|place| format!("${place}")).collect();
    let sql = format!(
        r#"UPDATE "forum_topic" SET {} WHERE "id" IN ({})"#,
        sets.join(", "),
        places.join(", ")
    );
    for some in topics.chunks(COUNTED) {
        // Always as many places, so that it is always the same statement.
        let last = some.last().copied().unwrap_or(0);
        let ids = some.iter().copied().chain(std::iter::repeat(last));
        let values: Vec<Value<'_>> = ids
            .take(COUNTED)
            .map(|id| Value::integer(kind::I64, id))
            .collect();
        connection.execute_values(&sql, &values)?;
    }
    Ok(())
}

/// Deletes messages.
pub(crate) fn delete_messages(connection: &mut Connection, ids: &[i64]) -> QueryResult<usize> {
    diesel::delete(forum_message::table.filter(forum_message::id.eq_any(ids.to_vec())))
        .execute(connection)
}

/// Deletes topics with their messages.
pub(crate) fn delete_topics(connection: &mut Connection, ids: &[i64]) -> QueryResult<usize> {
    let subscriptions = forum_subscription::table
        .filter(forum_subscription::topic_id.eq_any(ids.to_vec()))
        .filter(forum_subscription::topic_id.ne(0));
    diesel::delete(subscriptions).execute(connection)?;
    diesel::delete(forum_topic::table.filter(forum_topic::id.eq_any(ids.to_vec())))
        .execute(connection)
}

/// Deletes categories; those with topics or categories in them stay.
pub(crate) fn delete_categories(connection: &mut Connection, ids: &[i64]) -> QueryResult<usize> {
    let full = forum_topic::table
        .filter(forum_topic::category_id.eq_any(ids.to_vec()))
        .select(forum_topic::category_id);
    let above = forum_category_ancestor::table
        .filter(forum_category_ancestor::distance.gt(0))
        .select(forum_category_ancestor::ancestor_id);
    let empty = forum_category::table
        .filter(forum_category::id.eq_any(ids.to_vec()))
        .filter(forum_category::id.ne_all(full))
        .filter(forum_category::id.ne_all(above));
    delete_lowest_first(|| diesel::delete(empty.clone()).execute(connection))
}

/// All messages of topics.
pub(crate) fn messages_of(connection: &mut Connection, topics: &[i64]) -> QueryResult<Vec<i64>> {
    forum_message::table
        .filter(forum_message::topic_id.eq_any(topics.to_vec()))
        .order(forum_message::id)
        .select(forum_message::id)
        .load(connection)
}

/// The messages that files are attached to.
pub(crate) fn messages_with(connection: &mut Connection, files: &[i64]) -> QueryResult<Vec<i64>> {
    forum_attachment::table
        .filter(forum_attachment::id.eq_any(files.to_vec()))
        .select(forum_attachment::message_id)
        .load(connection)
}
