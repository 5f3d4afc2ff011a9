//! Articles.

use diesel::BoxableExpression;
use diesel::expression::expression_types::NotSelectable;
use diesel::prelude::*;
use loggia_sql::{Backend, Connection, JsonText};

use super::condition::{self, Condition};
use super::schema::content_article;
use crate::sight::{PUBLISHED, Sight};
use loggia_site::Page;

/// An article.
#[derive(Clone, Debug, Queryable, Selectable, AsChangeset)]
#[diesel(table_name = content_article, check_for_backend(Backend), treat_none_as_null = true)]
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
    pub(crate) metadata: JsonText,
    pub(crate) images: JsonText,
    pub(crate) language: String,
    pub(crate) state: i64,
    pub(crate) view_level_id: i64,
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
#[derive(Clone, Copy, Debug)]
pub(crate) struct Order {
    pub(crate) column: Column,
    pub(crate) descending: bool,
}

type Ordered = Box<dyn BoxableExpression<content_article::table, Backend, SqlType = NotSelectable>>;

/// An article, whoever asks.
pub(crate) fn by_id(connection: &mut Connection, id: i64) -> QueryResult<Option<ArticleRow>> {
    content_article::table
        .find(id)
        .select(ArticleRow::as_select())
        .first(connection)
        .optional()
}

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

/// The articles of a category and of so many levels below it.
pub(crate) fn in_category(category: i64, levels_below: i64) -> Condition<content_article::table> {
    let categories = condition::within(category, 0, levels_below);
    Box::new(content_article::category_id.eq_any(categories))
}

/// The featured articles, or the others.
pub(crate) fn featured(is_featured: bool) -> Condition<content_article::table> {
    Box::new(content_article::featured.eq(is_featured))
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

/// A page of the articles that meet a condition.
pub(crate) fn page(
    connection: &mut Connection,
    condition: Condition<content_article::table>,
    order: Order,
    page: Page,
) -> QueryResult<Vec<ArticleRow>> {
    let by_id = Order {
        column: Column::Id,
        ..order
    };
    let mut query = content_article::table
        .filter(condition)
        .select(ArticleRow::as_select())
        .order(ordered(order))
        .then_order_by(ordered(by_id))
        .into_boxed();
    if let Some(limit) = page.limit {
        query = query.limit(limit).offset(page.offset.unwrap_or(0));
    }
    query.load(connection)
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
            ),
        ))
        .returning(content_article::id)
        .get_result(connection)
}

/// Changes everything of an article.
pub(crate) fn save(connection: &mut Connection, row: &ArticleRow) -> QueryResult<()> {
    diesel::update(content_article::table.find(row.id))
        .set(row)
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
