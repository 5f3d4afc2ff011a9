//! Tags, and which articles carry them.

use diesel::prelude::*;
use loggia_sdk::prelude::{Deserialize, Serialize};
use loggia_sql::{Backend, Connection};

use super::IDS;
use super::schema::{content_article_tag, content_tag};
use crate::sight::PUBLISHED;

/// A tag.
#[derive(Clone, Debug, Serialize, Deserialize, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = content_tag, check_for_backend(Backend))]
pub(crate) struct TagRow {
    pub(crate) id: i64,
    pub(crate) title: String,
    pub(crate) alias: String,
    pub(crate) state: i64,
    pub(crate) view_level_id: i64,
}

/// A tag, whoever asks.
pub(crate) fn by_id(connection: &mut Connection, id: i64) -> QueryResult<Option<TagRow>> {
    content_tag::table
        .find(id)
        .select(TagRow::as_select())
        .first(connection)
        .optional()
}

/// A tag by its alias, whoever asks.
pub(crate) fn by_alias(connection: &mut Connection, alias: &str) -> QueryResult<Option<TagRow>> {
    content_tag::table
        .filter(content_tag::alias.eq(alias))
        .select(TagRow::as_select())
        .first(connection)
        .optional()
}

/// The tags of these articles that a caller may see, each with its article, by title.
pub(crate) fn of_articles(
    connection: &mut Connection,
    levels: Option<&[i64]>,
    articles: &[i64],
) -> QueryResult<Vec<(i64, TagRow)>> {
    let mut found = Vec::new();
    for articles in articles.chunks(IDS) {
        let mut query = content_article_tag::table
            .inner_join(content_tag::table)
            .filter(content_article_tag::article_id.eq_any(articles.to_vec()))
            .filter(content_tag::state.eq(PUBLISHED))
            .order((content_tag::title, content_tag::id))
            .select((content_article_tag::article_id, TagRow::as_select()))
            .into_boxed();
        if let Some(levels) = levels {
            query = query.filter(content_tag::view_level_id.eq_any(levels.to_vec()));
        }
        found.extend(query.load::<(i64, TagRow)>(connection)?);
    }
    Ok(found)
}

/// The ids of all tags of an article, ascending.
pub(crate) fn ids_of_article(connection: &mut Connection, article: i64) -> QueryResult<Vec<i64>> {
    content_article_tag::table
        .filter(content_article_tag::article_id.eq(article))
        .order(content_article_tag::tag_id)
        .select(content_article_tag::tag_id)
        .load(connection)
}

/// Deletes a tag.
pub(crate) fn delete(connection: &mut Connection, id: i64) -> QueryResult<()> {
    diesel::delete(content_tag::table.find(id))
        .execute(connection)
        .map(drop)
}

/// Those ids that are tags; of these view levels, where some are given.
pub(crate) fn among(
    connection: &mut Connection,
    levels: Option<&[i64]>,
    ids: &[i64],
) -> QueryResult<Vec<i64>> {
    let mut there = content_tag::table
        .filter(content_tag::id.eq_any(ids.to_vec()))
        .order(content_tag::id)
        .select(content_tag::id)
        .into_boxed();
    if let Some(levels) = levels {
        there = there.filter(content_tag::view_level_id.eq_any(levels.to_vec()));
    }
    there.load(connection)
}

/// Gives an article exactly these tags.
pub(crate) fn save_of_article(
    connection: &mut Connection,
    article: i64,
    tags: &[i64],
) -> QueryResult<()> {
    let carried = content_article_tag::table.filter(content_article_tag::article_id.eq(article));
    diesel::delete(carried).execute(connection)?;
    for tag in tags {
        diesel::insert_into(content_article_tag::table)
            .values((
                content_article_tag::article_id.eq(article),
                content_article_tag::tag_id.eq(tag),
            ))
            .execute(connection)?;
    }
    Ok(())
}

/// Adds a tag and gives its id.
pub(crate) fn add(connection: &mut Connection, row: &TagRow) -> QueryResult<i64> {
    diesel::insert_into(content_tag::table)
        .values((
            content_tag::title.eq(&row.title),
            content_tag::alias.eq(&row.alias),
            content_tag::state.eq(row.state),
            content_tag::view_level_id.eq(row.view_level_id),
        ))
        .returning(content_tag::id)
        .get_result(connection)
}

/// Changes everything of a tag.
pub(crate) fn save(connection: &mut Connection, row: &TagRow) -> QueryResult<()> {
    diesel::update(content_tag::table.find(row.id))
        .set(row)
        .execute(connection)
        .map(drop)
}
