//! Articles.

use std::collections::HashMap;

use diesel::BoxableExpression;
use diesel::expression::expression_types::NotSelectable;
use diesel::prelude::*;
use loggia_sdk::prelude::{Deserialize, Fault, Serialize};
use loggia_site::records::document;
use loggia_sql::{Backend, Connection, JsonText};

use super::IDS;
use super::condition::{self, Condition};
use super::schema::content_article;
use crate::sight::{PUBLISHED, Sight};

/// An article.
#[derive(Clone, Debug, Serialize, Deserialize, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = content_article, check_for_backend(Backend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub(crate) struct ArticleRow {
    pub(crate) id: i64,
    pub(crate) category_id: i64,
    pub(crate) title: String,
    pub(crate) alias: String,
    pub(crate) introduction: String,
    pub(crate) full_text: String,
    pub(crate) featured: bool,
    pub(crate) position: i64,
    pub(crate) hits: i64,
    pub(crate) created_ms: i64,
    pub(crate) created_by: i64,
    pub(crate) author_name: String,
    pub(crate) author_alias: String,
    pub(crate) publish_up_ms: Option<i64>,
    pub(crate) publish_down_ms: Option<i64>,
    pub(crate) metadesc: String,
    pub(crate) metakey: String,
    #[serde(with = "document")]
    pub(crate) metadata: JsonText,
    #[serde(with = "document")]
    pub(crate) images: JsonText,
    pub(crate) language: String,
    pub(crate) state: i64,
    pub(crate) view_level_id: i64,
    /// Counts its changes.
    #[serde(default = "first")]
    pub(crate) version: i64,
    #[serde(default)]
    pub(crate) modified_ms: i64,
    #[serde(default)]
    pub(crate) modified_by: i64,
}

fn first() -> i64 {
    1
}

impl ArticleRow {
    /// The name shown as the author's.
    pub(crate) fn shown_author(&self) -> &str {
        if self.author_alias.is_empty() {
            &self.author_name
        } else {
            &self.author_alias
        }
    }
}

/// What a list is ordered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Column {
    Id,
    Title,
    Alias,
    Category,
    State,
    Created,
    CreatedBy,
    Position,
    Hits,
}

/// An order; where it leaves two articles equal, their ids decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Order {
    pub(crate) column: Column,
    pub(crate) descending: bool,
}

type Ordered = Box<dyn BoxableExpression<content_article::table, Backend, SqlType = NotSelectable>>;

/// The published among some articles, whoever asks.
pub(crate) fn published(connection: &mut Connection, ids: &[i64]) -> QueryResult<Vec<ArticleRow>> {
    content_article::table
        .filter(content_article::id.eq_any(ids.to_vec()))
        .filter(content_article::state.eq(PUBLISHED))
        .select(ArticleRow::as_select())
        .load(connection)
}

/// The published articles behind an id, whoever asks.
pub(crate) fn published_after(
    connection: &mut Connection,
    after: i64,
    limit: i64,
) -> QueryResult<Vec<ArticleRow>> {
    content_article::table
        .filter(content_article::id.gt(after))
        .filter(content_article::state.eq(PUBLISHED))
        .order(content_article::id)
        .limit(limit)
        .select(ArticleRow::as_select())
        .load(connection)
}

/// An article by its place and alias, whoever asks.
pub(crate) fn by_alias(
    connection: &mut Connection,
    category: i64,
    alias: &str,
) -> QueryResult<Option<ArticleRow>> {
    content_article::table
        .filter(content_article::category_id.eq(category))
        .filter(content_article::alias.eq(alias))
        .select(ArticleRow::as_select())
        .first(connection)
        .optional()
}

/// An article, where the caller may see it.
pub(crate) fn visible(
    connection: &mut Connection,
    sight: &Sight,
    id: i64,
) -> QueryResult<Option<ArticleRow>> {
    content_article::table
        .filter(content_article::id.eq(id))
        .filter(condition::articles(sight))
        .select(ArticleRow::as_select())
        .first(connection)
        .optional()
}

/// How many articles meet a condition.
pub(crate) fn count(
    connection: &mut Connection,
    condition: Condition<content_article::table>,
) -> QueryResult<i64> {
    content_article::table
        .filter(condition)
        .count()
        .get_result(connection)
}

/// Where an article stands in an order: the order, its value there, and its id.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Place(Order, Key, i64);

/// The value by which an article has its place.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged)]
enum Key {
    Number(i64),
    Text(String),
}

impl Place {
    /// The article.
    pub(crate) fn id(&self) -> i64 {
        self.2
    }
}

impl Order {
    /// Where an article stands.
    pub(crate) fn place_of(self, row: &ArticleRow) -> Place {
        let key = match self.column {
            Column::Id => Key::Number(row.id),
            Column::Title => Key::Text(row.title.clone()),
            Column::Alias => Key::Text(row.alias.clone()),
            Column::Category => Key::Number(row.category_id),
            Column::State => Key::Number(row.state),
            Column::Created => Key::Number(row.created_ms),
            Column::CreatedBy => Key::Number(row.created_by),
            Column::Position => Key::Number(row.position),
            Column::Hits => Key::Number(row.hits),
        };
        Place(self, key, row.id)
    }
}

/// The ids of the articles that meet a condition, in an order.
pub(crate) fn ids(
    connection: &mut Connection,
    condition: Condition<content_article::table>,
    order: Order,
) -> QueryResult<Vec<i64>> {
    let by_id = Order {
        column: Column::Id,
        ..order
    };
    content_article::table
        .filter(condition)
        .select(content_article::id)
        .order(ordered(order))
        .then_order_by(ordered(by_id))
        .load(connection)
}

/// Those of some articles that meet a condition, in the order of their ids in the list.
pub(crate) fn among(
    connection: &mut Connection,
    condition: Condition<content_article::table>,
    ids: &[i64],
) -> QueryResult<Vec<ArticleRow>> {
    let mut rows = Vec::with_capacity(ids.len());
    if ids.is_empty() {
        return Ok(rows);
    }
    if ids.len() > IDS {
        // Nobody pages here: one statement is less than many.
        rows = content_article::table
            .filter(condition)
            .select(ArticleRow::as_select())
            .load(connection)?;
    } else {
        rows.extend(
            content_article::table
                .filter(content_article::id.eq_any(ids.to_vec()))
                .filter(condition)
                .select(ArticleRow::as_select())
                .load::<ArticleRow>(connection)?,
        );
    }
    let places: HashMap<i64, usize> = ids.iter().copied().zip(0..).collect();
    rows.retain(|row| places.contains_key(&row.id));
    rows.sort_unstable_by_key(|row| places[&row.id]);
    Ok(rows)
}

/// When the next article appears or disappears by itself, after a time.
pub(crate) fn next_time(connection: &mut Connection, now_ms: i64) -> QueryResult<Option<i64>> {
    let up: Option<i64> = content_article::table
        .filter(content_article::publish_up_ms.gt(now_ms))
        .select(diesel::dsl::min(content_article::publish_up_ms))
        .first(connection)?;
    let down: Option<i64> = content_article::table
        .filter(content_article::publish_down_ms.gt(now_ms))
        .select(diesel::dsl::min(content_article::publish_down_ms))
        .first(connection)?;
    Ok(up.into_iter().chain(down).min())
}

/// The articles behind a place.
pub(crate) fn behind(
    order: Order,
    place: &Place,
) -> Result<Condition<content_article::table>, Fault> {
    let Place(of, key, id) = place.clone();
    let other = || Fault::parameter("cursor", "was given by a list in another order");
    if of != order {
        return Err(other());
    }
    let ids: Condition<content_article::table> = if order.descending {
        Box::new(content_article::id.lt(id))
    } else {
        Box::new(content_article::id.gt(id))
    };
    macro_rules! by {
        ($column:ident, $key:expr) => {{
            let same = content_article::$column.eq($key.clone()).and(ids);
            if order.descending {
                Box::new(content_article::$column.lt($key).or(same)) as Condition<_>
            } else {
                Box::new(content_article::$column.gt($key).or(same)) as Condition<_>
            }
        }};
    }
    Ok(match (order.column, key) {
        (Column::Id, _) => ids,
        (Column::Title, Key::Text(key)) => by!(title, key),
        (Column::Alias, Key::Text(key)) => by!(alias, key),
        (Column::Category, Key::Number(key)) => by!(category_id, key),
        (Column::State, Key::Number(key)) => by!(state, key),
        (Column::Created, Key::Number(key)) => by!(created_ms, key),
        (Column::CreatedBy, Key::Number(key)) => by!(created_by, key),
        (Column::Position, Key::Number(key)) => by!(position, key),
        (Column::Hits, Key::Number(key)) => by!(hits, key),
        _ => return Err(other()),
    })
}

fn ordered(order: Order) -> Ordered {
    macro_rules! by {
        ($column:ident) => {
            if order.descending {
                Box::new(content_article::$column.desc()) as Ordered
            } else {
                Box::new(content_article::$column.asc()) as Ordered
            }
        };
    }
    match order.column {
        Column::Id => by!(id),
        Column::Title => by!(title),
        Column::Alias => by!(alias),
        Column::Category => by!(category_id),
        Column::State => by!(state),
        Column::Created => by!(created_ms),
        Column::CreatedBy => by!(created_by),
        Column::Position => by!(position),
        Column::Hits => by!(hits),
    }
}

/// Adds an article and gives its id.
pub(crate) fn add(connection: &mut Connection, row: &ArticleRow) -> QueryResult<i64> {
    diesel::insert_into(content_article::table)
        .values((
            (
                content_article::category_id.eq(row.category_id),
                content_article::title.eq(&row.title),
                content_article::alias.eq(&row.alias),
                content_article::introduction.eq(&row.introduction),
                content_article::full_text.eq(&row.full_text),
                content_article::featured.eq(row.featured),
                content_article::position.eq(row.position),
                content_article::hits.eq(row.hits),
                content_article::created_ms.eq(row.created_ms),
                content_article::created_by.eq(row.created_by),
                content_article::author_name.eq(&row.author_name),
            ),
            (
                content_article::author_alias.eq(&row.author_alias),
                content_article::publish_up_ms.eq(row.publish_up_ms),
                content_article::publish_down_ms.eq(row.publish_down_ms),
                content_article::metadesc.eq(&row.metadesc),
                content_article::metakey.eq(&row.metakey),
                content_article::metadata.eq(&row.metadata),
                content_article::images.eq(&row.images),
                content_article::language.eq(&row.language),
                content_article::state.eq(row.state),
                content_article::view_level_id.eq(row.view_level_id),
                content_article::version.eq(row.version),
                content_article::modified_ms.eq(row.modified_ms),
                content_article::modified_by.eq(row.modified_by),
            ),
        ))
        .returning(content_article::id)
        .get_result(connection)
}

/// Changes everything of an article that is of this version; false where it is of another by now.
pub(crate) fn save(
    connection: &mut Connection,
    row: &ArticleRow,
    version: i64,
) -> QueryResult<bool> {
    let unchanged = content_article::table
        .find(row.id)
        .filter(content_article::version.eq(version));
    let changed = diesel::update(unchanged).set(row).execute(connection)?;
    Ok(changed == 1)
}

/// Deletes an article for ever.
pub(crate) fn delete(connection: &mut Connection, id: i64) -> QueryResult<()> {
    diesel::delete(content_article::table.find(id))
        .execute(connection)
        .map(drop)
}

/// All articles of an account, oldest first.
pub(crate) fn of_person(connection: &mut Connection, user: i64) -> QueryResult<Vec<ArticleRow>> {
    content_article::table
        .filter(content_article::created_by.eq(user))
        .order(content_article::id)
        .select(ArticleRow::as_select())
        .load(connection)
}

/// The ids of all articles of an account.
pub(crate) fn ids_of_person(connection: &mut Connection, user: i64) -> QueryResult<Vec<i64>> {
    content_article::table
        .filter(content_article::created_by.eq(user))
        .select(content_article::id)
        .load(connection)
}

/// Takes an account's id and names from its articles, which stay; how many they were.
pub(crate) fn forget_person(connection: &mut Connection, user: i64) -> QueryResult<usize> {
    diesel::update(content_article::table.filter(content_article::created_by.eq(user)))
        .set((
            content_article::created_by.eq(0),
            content_article::author_name.eq(""),
            content_article::author_alias.eq(""),
        ))
        .execute(connection)
}
