//! Topics.

use diesel::BoxableExpression;
use diesel::dsl::sql;
use diesel::expression::expression_types::NotSelectable;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text};
use loggia_sdk::Fault;
use loggia_sql::{Backend, Connection, lock_rows};
use serde::{Deserialize, Serialize};

use super::condition::{self, Condition};
use super::schema::forum_topic;
use super::{IDS, SHOWN};
use crate::sight::Sight;

/// A topic.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, Serialize, Deserialize)]
#[diesel(table_name = forum_topic, check_for_backend(Backend))]
pub(crate) struct TopicRow {
    pub(crate) id: i64,
    #[diesel(embed)]
    #[serde(flatten)]
    pub(crate) facts: Topic,
}

/// Everything of a topic but its id. Its posts are those that everybody sees who sees it.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, AsChangeset, Serialize, Deserialize)]
#[diesel(table_name = forum_topic, check_for_backend(Backend))]
pub(crate) struct Topic {
    pub(crate) category_id: i64,
    pub(crate) subject: String,
    #[serde(default)]
    pub(crate) icon_id: i64,
    pub(crate) locked: bool,
    pub(crate) hold: i64,
    pub(crate) sticky: bool,
    #[serde(default)]
    pub(crate) posts: i64,
    #[serde(default)]
    pub(crate) hits: i64,
    #[serde(default)]
    pub(crate) attachments: i64,
    #[serde(default)]
    pub(crate) first_post_id: i64,
    #[serde(default)]
    pub(crate) first_post_ms: i64,
    #[serde(default)]
    pub(crate) first_post_user_id: i64,
    #[serde(default)]
    pub(crate) last_post_id: i64,
    #[serde(default)]
    pub(crate) last_post_ms: i64,
    #[serde(default)]
    pub(crate) last_post_user_id: i64,
    #[serde(default)]
    pub(crate) deleted_by: i64,
    #[serde(default = "crate::store::first_version")]
    pub(crate) version: i64,
}

/// What a list of topics is ordered by; sticky ones stand before the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Column {
    LastPost,
    FirstPost,
    Subject,
}

impl Column {
    /// By the word of a category's `topic_ordering`.
    pub(crate) fn of(topic_ordering: &str) -> Column {
        match topic_ordering {
            "creation" => Column::FirstPost,
            "alpha" => Column::Subject,
            _ => Column::LastPost,
        }
    }
}

/// An order of topics; where it leaves two equal, their ids decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Order {
    pub(crate) column: Column,
    pub(crate) descending: bool,
}

/// Where a topic stood in an order, for cursors.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Place {
    sticky: bool,
    key: Key,
    id: i64,
}

/// What a topic is ordered by.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged)]
enum Key {
    Number(i64),
    Text(String),
}

impl Order {
    /// Where a topic stands.
    pub(crate) fn place_of(self, row: &TopicRow) -> Place {
        let facts = &row.facts;
        let key = match self.column {
            Column::LastPost => Key::Number(facts.last_post_ms),
            Column::FirstPost => Key::Number(facts.first_post_ms),
            Column::Subject => Key::Text(facts.subject.clone()),
        };
        Place {
            sticky: facts.sticky,
            key,
            id: row.id,
        }
    }

    /// What stands behind a place. A comparison of rows is one step into the index, which one of columns is not.
    fn behind(self, place: Place) -> Result<Condition<forum_topic::table>, Fault> {
        let column = match self.column {
            Column::LastPost => "last_post_ms",
            Column::FirstPost => "first_post_ms",
            Column::Subject => "subject",
        };
        let sign = if self.descending { '<' } else { '>' };
        let start = format!(
            r#"("forum_topic"."sticky", "forum_topic"."{column}", "forum_topic"."id") {sign} ("#
        );
        let start = sql::<Bool>(&start).bind::<Bool, _>(place.sticky).sql(", ");
        match (self.column, place.key) {
            (Column::Subject, Key::Text(key)) => {
                let key = start.bind::<Text, _>(key).sql(", ");
                Ok(Box::new(key.bind::<BigInt, _>(place.id).sql(")")))
            }
            (Column::LastPost | Column::FirstPost, Key::Number(key)) => {
                let key = start.bind::<BigInt, _>(key).sql(", ");
                Ok(Box::new(key.bind::<BigInt, _>(place.id).sql(")")))
            }
            _ => Err(Fault::parameter(
                "cursor",
                "was given by a list in another order",
            )),
        }
    }
}

/// A part of a list.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part {
    pub(crate) order: Order,
    pub(crate) limit: i64,
    pub(crate) offset: i64,
}

type Ordered = Box<dyn BoxableExpression<forum_topic::table, Backend, SqlType = NotSelectable>>;

/// A topic, where the caller may see it.
pub(crate) fn visible(
    connection: &mut Connection,
    sight: &Sight,
    id: i64,
) -> QueryResult<Option<TopicRow>> {
    forum_topic::table
        .filter(forum_topic::id.eq(id))
        .filter(condition::topics(sight, true))
        .select(TopicRow::as_select())
        .first(connection)
        .optional()
}

/// A topic, whoever asks.
pub(crate) fn by_id(connection: &mut Connection, id: i64) -> QueryResult<Option<TopicRow>> {
    forum_topic::table
        .find(id)
        .select(TopicRow::as_select())
        .first(connection)
        .optional()
}

/// A topic that nobody else changes until the transaction ends, whoever asks. Whether the caller may see it is asked
/// afterwards: a condition beside the lock would be judged by the row as it was before another has moved it.
pub(crate) fn lock(connection: &mut Connection, id: i64) -> QueryResult<Option<TopicRow>> {
    let query = forum_topic::table
        .filter(forum_topic::id.eq(id))
        .select(TopicRow::as_select());
    lock_rows(query).get_result(connection).optional()
}

/// Adds a topic and gives its id.
pub(crate) fn add(connection: &mut Connection, facts: &Topic) -> QueryResult<i64> {
    diesel::insert_into(forum_topic::table)
        .values(facts)
        .returning(forum_topic::id)
        .get_result(connection)
}

/// Changes everything of a topic that is locked, but the views, which are counted without the lock.
pub(crate) fn save(connection: &mut Connection, row: &TopicRow) -> QueryResult<()> {
    let facts = &row.facts;
    diesel::update(forum_topic::table.find(row.id))
        .set((
            (
                forum_topic::category_id.eq(facts.category_id),
                forum_topic::subject.eq(&facts.subject),
                forum_topic::icon_id.eq(facts.icon_id),
                forum_topic::locked.eq(facts.locked),
                forum_topic::hold.eq(facts.hold),
                forum_topic::sticky.eq(facts.sticky),
                forum_topic::posts.eq(facts.posts),
                forum_topic::attachments.eq(facts.attachments),
                forum_topic::deleted_by.eq(facts.deleted_by),
            ),
            (
                forum_topic::first_post_id.eq(facts.first_post_id),
                forum_topic::first_post_ms.eq(facts.first_post_ms),
                forum_topic::first_post_user_id.eq(facts.first_post_user_id),
                forum_topic::last_post_id.eq(facts.last_post_id),
                forum_topic::last_post_ms.eq(facts.last_post_ms),
                forum_topic::last_post_user_id.eq(facts.last_post_user_id),
                forum_topic::version.eq(facts.version),
            ),
        ))
        .execute(connection)
        .map(drop)
}

/// The topic of a category, of those that everybody sees, in which somebody wrote last.
pub(crate) fn last_of(connection: &mut Connection, category: i64) -> QueryResult<Option<TopicRow>> {
    let mut last: Option<TopicRow> = None;
    for sticky in [true, false] {
        let found: Option<TopicRow> = forum_topic::table
            .filter(forum_topic::category_id.eq(category))
            .filter(forum_topic::sticky.eq(sticky))
            .filter(forum_topic::hold.eq(SHOWN))
            .order((forum_topic::last_post_ms.desc(), forum_topic::id.desc()))
            .select(TopicRow::as_select())
            .first(connection)
            .optional()?;
        last = last
            .into_iter()
            .chain(found)
            .max_by_key(|row| row.facts.last_post_ms);
    }
    Ok(last)
}

/// How many topics of a category, of those that not everybody sees, the caller sees.
pub(crate) fn count_on_hold(
    connection: &mut Connection,
    sight: &Sight,
    category: i64,
    deleted: bool,
) -> QueryResult<i64> {
    forum_topic::table
        .filter(forum_topic::category_id.eq(category))
        .filter(condition::topics_on_hold(sight, deleted))
        .count()
        .get_result(connection)
}

/// The topics of a category that meet a condition, of which there are `total`. The part is looked for from the
/// nearer end, so that the last page costs no more than the first.
pub(crate) fn part(
    connection: &mut Connection,
    category: i64,
    condition: Condition<forum_topic::table>,
    part: Part,
    total: i64,
) -> QueryResult<Vec<TopicRow>> {
    let limit = part.limit.min(total - part.offset).max(0);
    let behind = (total - part.offset - limit).max(0);
    let from_end = part.offset > behind;
    let descending = part.order.descending != from_end;
    let mut ids: Vec<i64> = forum_topic::table
        .filter(forum_topic::category_id.eq(category))
        .filter(condition)
        .order(sticky(descending))
        .then_order_by(ordered(Some(part.order.column), descending))
        .then_order_by(ordered(None, descending))
        .select(forum_topic::id)
        .limit(limit)
        .offset(if from_end { behind } else { part.offset })
        .load(connection)?;
    if from_end {
        ids.reverse();
    }
    by_ids(connection, &ids)
}

/// The topics of a category that meet a condition, behind a place, or the first ones.
pub(crate) fn behind(
    connection: &mut Connection,
    category: i64,
    condition: Condition<forum_topic::table>,
    order: Order,
    place: Option<Place>,
    limit: i64,
) -> Result<Vec<TopicRow>, Fault> {
    let mut query = forum_topic::table
        .filter(forum_topic::category_id.eq(category))
        .filter(condition)
        .order(sticky(order.descending))
        .then_order_by(ordered(Some(order.column), order.descending))
        .then_order_by(ordered(None, order.descending))
        .select(forum_topic::id)
        .limit(limit)
        .into_boxed();
    if let Some(place) = place {
        query = query.filter(order.behind(place)?);
    }
    let ids: Vec<i64> = query.load(connection)?;
    Ok(by_ids(connection, &ids)?)
}

/// Topics by their ids, in the order of these.
pub(crate) fn by_ids(connection: &mut Connection, ids: &[i64]) -> QueryResult<Vec<TopicRow>> {
    let mut rows: Vec<TopicRow> = Vec::with_capacity(ids.len());
    for some in ids.chunks(IDS) {
        let some: Vec<TopicRow> = forum_topic::table
            .filter(forum_topic::id.eq_any(some.to_vec()))
            .select(TopicRow::as_select())
            .load(connection)?;
        rows.extend(some);
    }
    let place: std::collections::HashMap<i64, usize> = ids
        .iter()
        .enumerate()
        .map(|(place, &id)| (id, place))
        .collect();
    rows.sort_by_key(|row| place.get(&row.id).copied());
    Ok(rows)
}

fn sticky(descending: bool) -> Ordered {
    if descending {
        Box::new(forum_topic::sticky.desc())
    } else {
        Box::new(forum_topic::sticky.asc())
    }
}

/// By a column, or by the id where none is named.
fn ordered(column: Option<Column>, descending: bool) -> Ordered {
    macro_rules! by {
        ($column:ident) => {
            if descending {
                Box::new(forum_topic::$column.desc()) as Ordered
            } else {
                Box::new(forum_topic::$column.asc()) as Ordered
            }
        };
    }
    match column {
        Some(Column::LastPost) => by!(last_post_ms),
        Some(Column::FirstPost) => by!(first_post_ms),
        Some(Column::Subject) => by!(subject),
        None => by!(id),
    }
}

/// Counts views: each topic of `ids` was seen `times` times more.
pub(crate) fn add_hits(connection: &mut Connection, ids: &[i64], times: i64) -> QueryResult<()> {
    diesel::update(forum_topic::table.filter(forum_topic::id.eq_any(ids.to_vec())))
        .set(forum_topic::hits.eq(forum_topic::hits + times))
        .execute(connection)
        .map(drop)
}

impl Topic {
    /// A topic without messages.
    pub(crate) fn new() -> Topic {
        Topic {
            category_id: 0,
            subject: String::new(),
            icon_id: 0,
            locked: false,
            hold: SHOWN,
            sticky: false,
            posts: 0,
            hits: 0,
            attachments: 0,
            first_post_id: 0,
            first_post_ms: 0,
            first_post_user_id: 0,
            last_post_id: 0,
            last_post_ms: 0,
            last_post_user_id: 0,
            deleted_by: 0,
            version: 1,
        }
    }
}
