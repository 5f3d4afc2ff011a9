//! Messages of topics.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool};
use loggia_sql::{Backend, Connection};
use serde::{Deserialize, Serialize};

use super::condition::{self, Condition};
use super::schema::{forum_message, forum_topic};
use super::{HELD, IDS, SHOWN};
use crate::sight::Sight;

/// A message.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, Serialize, Deserialize)]
#[diesel(table_name = forum_message, check_for_backend(Backend))]
pub(crate) struct MessageRow {
    pub(crate) id: i64,
    #[diesel(embed)]
    #[serde(flatten)]
    pub(crate) facts: Message,
}

/// Everything of a message but its id.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, AsChangeset, Serialize, Deserialize)]
#[diesel(table_name = forum_message, check_for_backend(Backend), treat_none_as_null = true)]
pub(crate) struct Message {
    pub(crate) topic_id: i64,
    pub(crate) parent_id: i64,
    pub(crate) user_id: i64,
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) email: String,
    #[serde(default)]
    pub(crate) ip: String,
    pub(crate) subject: String,
    pub(crate) text: String,
    pub(crate) markup: String,
    pub(crate) time_ms: i64,
    #[serde(default)]
    pub(crate) emoticon: i64,
    #[serde(default)]
    pub(crate) locked: bool,
    pub(crate) hold: i64,
    #[serde(default)]
    pub(crate) hits: i64,
    #[serde(default)]
    pub(crate) modified_by: i64,
    #[serde(default)]
    pub(crate) modified_ms: Option<i64>,
    #[serde(default)]
    pub(crate) modified_reason: String,
    #[serde(default)]
    pub(crate) deleted_by: i64,
    #[serde(default = "crate::store::first_version")]
    pub(crate) version: i64,
}

/// The text of a message and the name of who wrote it.
#[derive(Clone, Debug, Default, Queryable, Selectable)]
#[diesel(table_name = forum_message, check_for_backend(Backend))]
pub(crate) struct Excerpt {
    pub(crate) id: i64,
    pub(crate) user_id: i64,
    pub(crate) name: String,
    pub(crate) text: String,
    pub(crate) markup: String,
}

/// The texts of messages.
pub(crate) fn excerpts(connection: &mut Connection, ids: &[i64]) -> QueryResult<Vec<Excerpt>> {
    let mut excerpts = Vec::with_capacity(ids.len());
    for ids in ids.chunks(IDS) {
        let some: Vec<Excerpt> = forum_message::table
            .filter(forum_message::id.eq_any(ids.to_vec()))
            .select(Excerpt::as_select())
            .load(connection)?;
        excerpts.extend(some);
    }
    Ok(excerpts)
}

/// The messages of a topic that meet a condition, first ones first.
pub(crate) fn of_topic(
    connection: &mut Connection,
    topic: i64,
    condition: Condition<forum_message::table>,
    limit: i64,
    offset: i64,
) -> QueryResult<Vec<MessageRow>> {
    forum_message::table
        .filter(forum_message::topic_id.eq(topic))
        .filter(condition)
        .order((forum_message::time_ms, forum_message::id))
        .select(MessageRow::as_select())
        .limit(limit)
        .offset(offset)
        .load(connection)
}

/// The same, behind a time and id.
pub(crate) fn behind(
    connection: &mut Connection,
    topic: i64,
    condition: Condition<forum_message::table>,
    after: Option<(i64, i64)>,
    limit: i64,
) -> QueryResult<Vec<MessageRow>> {
    let mut query = forum_message::table
        .filter(forum_message::topic_id.eq(topic))
        .filter(condition)
        .order((forum_message::time_ms, forum_message::id))
        .select(MessageRow::as_select())
        .limit(limit)
        .into_boxed();
    if let Some((time_ms, id)) = after {
        // A comparison of rows is one step into the index, which one of columns is not.
        let later = sql::<Bool>(r#"("forum_message"."time_ms", "forum_message"."id") > ("#)
            .bind::<BigInt, _>(time_ms)
            .sql(", ")
            .bind::<BigInt, _>(id)
            .sql(")");
        query = query.filter(later);
    }
    query.load(connection)
}

/// A message, whoever asks.
pub(crate) fn by_id(connection: &mut Connection, id: i64) -> QueryResult<Option<MessageRow>> {
    forum_message::table
        .find(id)
        .select(MessageRow::as_select())
        .first(connection)
        .optional()
}

/// Adds a message and gives its id.
pub(crate) fn add(connection: &mut Connection, facts: &Message) -> QueryResult<i64> {
    diesel::insert_into(forum_message::table)
        .values(facts)
        .returning(forum_message::id)
        .get_result(connection)
}

/// Changes everything of a message whose topic is locked.
pub(crate) fn save(connection: &mut Connection, row: &MessageRow) -> QueryResult<()> {
    diesel::update(forum_message::table.find(row.id))
        .set(&row.facts)
        .execute(connection)
        .map(drop)
}

/// How many messages of a topic are shown.
pub(crate) fn count_shown(connection: &mut Connection, topic: i64) -> QueryResult<i64> {
    forum_message::table
        .filter(forum_message::topic_id.eq(topic))
        .filter(forum_message::hold.eq(SHOWN))
        .count()
        .get_result(connection)
}

/// The first or the last message of a topic: of those that are shown, or of all where none is. Its id, time and
/// account.
pub(crate) fn end_of(
    connection: &mut Connection,
    topic: i64,
    last: bool,
    only_shown: bool,
) -> QueryResult<Option<(i64, i64, i64)>> {
    let mut query = forum_message::table
        .filter(forum_message::topic_id.eq(topic))
        .select((
            forum_message::id,
            forum_message::time_ms,
            forum_message::user_id,
        ))
        .into_boxed();
    if only_shown {
        query = query.filter(forum_message::hold.eq(SHOWN));
    }
    if last {
        query = query.order((forum_message::time_ms.desc(), forum_message::id.desc()));
    } else {
        query = query.order((forum_message::time_ms, forum_message::id));
    }
    query.first(connection).optional()
}

/// How many messages of a topic are somebody else's.
pub(crate) fn count_of_others(
    connection: &mut Connection,
    topic: i64,
    user: i64,
) -> QueryResult<i64> {
    forum_message::table
        .filter(forum_message::topic_id.eq(topic))
        .filter(forum_message::hold.eq(SHOWN))
        .filter(forum_message::user_id.ne(user))
        .count()
        .get_result(connection)
}

impl Message {
    /// A message without a text.
    pub(crate) fn new() -> Message {
        Message {
            topic_id: 0,
            parent_id: 0,
            user_id: 0,
            name: String::new(),
            email: String::new(),
            ip: String::new(),
            subject: String::new(),
            text: String::new(),
            markup: String::new(),
            time_ms: 0,
            emoticon: 0,
            locked: false,
            hold: SHOWN,
            hits: 0,
            modified_by: 0,
            modified_ms: None,
            modified_reason: String::new(),
            deleted_by: 0,
            version: 1,
        }
    }
}

/// A message, where it meets a condition.
pub(crate) fn seen(
    connection: &mut Connection,
    id: i64,
    condition: Condition<forum_message::table>,
) -> QueryResult<Option<MessageRow>> {
    forum_message::table
        .filter(forum_message::id.eq(id))
        .filter(condition)
        .select(MessageRow::as_select())
        .first(connection)
        .optional()
}

/// How many messages that are shown stand before one in its topic.
pub(crate) fn count_before(connection: &mut Connection, row: &MessageRow) -> QueryResult<i64> {
    let facts = &row.facts;
    let earlier = forum_message::time_ms
        .lt(facts.time_ms)
        .or(forum_message::time_ms
            .eq(facts.time_ms)
            .and(forum_message::id.lt(row.id)));
    forum_message::table
        .filter(forum_message::topic_id.eq(facts.topic_id))
        .filter(forum_message::hold.eq(SHOWN))
        .filter(earlier)
        .count()
        .get_result(connection)
}

/// The messages behind an id that await the approval of the caller, with their categories: those of shown topics, and
/// the first ones of topics that await it themselves. Each kind has an index of its own, so each has a statement.
pub(crate) fn held(
    connection: &mut Connection,
    sight: &Sight,
    category: Option<i64>,
    after: i64,
    limit: i64,
) -> QueryResult<Vec<(MessageRow, i64)>> {
    let mut rows: Vec<(MessageRow, i64)> = Vec::new();
    for is_answer in [true, false] {
        let mut query = forum_message::table
            .inner_join(forum_topic::table)
            .filter(forum_message::id.gt(after))
            .filter(forum_topic::category_id.eq_any(condition::ids_of_categories(sight)))
            .order(forum_message::id)
            .select((MessageRow::as_select(), forum_topic::category_id))
            .limit(limit)
            .into_boxed();
        query = if is_answer {
            query
                .filter(forum_message::hold.eq(HELD))
                .filter(forum_topic::hold.eq(SHOWN))
        } else {
            query
                .filter(forum_topic::hold.eq(HELD))
                .filter(forum_topic::first_post_id.eq(forum_message::id))
        };
        if !sight.manages {
            query = query.filter(forum_topic::category_id.eq_any(sight.moderated.clone()));
        }
        if let Some(category) = category {
            query = query.filter(forum_topic::category_id.eq(category));
        }
        rows.extend(query.load::<(MessageRow, i64)>(connection)?);
    }
    rows.sort_by_key(|(row, _)| row.id);
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(rows)
}

/// Of these messages those that everybody sees who sees their categories.
pub(crate) fn shown(connection: &mut Connection, ids: &[i64]) -> QueryResult<Vec<MessageRow>> {
    forum_message::table
        .inner_join(forum_topic::table)
        .filter(forum_message::id.eq_any(ids.to_vec()))
        .filter(forum_message::hold.eq(SHOWN))
        .filter(forum_topic::hold.eq(SHOWN))
        .select(MessageRow::as_select())
        .load(connection)
}

/// All such messages behind an id.
pub(crate) fn shown_after(
    connection: &mut Connection,
    after: i64,
    limit: i64,
) -> QueryResult<Vec<MessageRow>> {
    forum_message::table
        .inner_join(forum_topic::table)
        .filter(forum_message::id.gt(after))
        .filter(forum_message::hold.eq(SHOWN))
        .filter(forum_topic::hold.eq(SHOWN))
        .order(forum_message::id)
        .limit(limit)
        .select(MessageRow::as_select())
        .load(connection)
}

/// The messages of topics, behind an id.
pub(crate) fn ids_of_topics(
    connection: &mut Connection,
    topics: &[i64],
    after: i64,
    limit: i64,
) -> QueryResult<Vec<i64>> {
    forum_message::table
        .filter(forum_message::topic_id.eq_any(topics.to_vec()))
        .filter(forum_message::id.gt(after))
        .order(forum_message::id)
        .select(forum_message::id)
        .limit(limit)
        .load(connection)
}

/// When an account wrote last.
pub(crate) fn last_of_person(connection: &mut Connection, user: i64) -> QueryResult<Option<i64>> {
    forum_message::table
        .filter(forum_message::user_id.eq(user))
        .order(forum_message::id.desc())
        .select(forum_message::time_ms)
        .first(connection)
        .optional()
}
