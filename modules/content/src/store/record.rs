//! Whole rows, for moving in and out: read by their ids, written with them.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use loggia_sdk::prelude::{Deserialize, Serialize};
use loggia_site::records::{Unwritten, delete_lowest_first};
use loggia_sql::Connection;

use super::article::ArticleRow;
use super::category::CategoryRow;
use super::schema::{
    content_article, content_article_tag, content_category, content_category_ancestor, content_tag,
};
use super::tag::{self, TagRow};

/// An article with its tags.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct TaggedArticle {
    #[serde(flatten)]
    pub(crate) article: ArticleRow,
    /// The ids of its tags, ascending.
    pub(crate) tags: Vec<i64>,
}

/// The tags behind an id.
pub(crate) fn tags(
    connection: &mut Connection,
    after: i64,
    limit: i64,
) -> QueryResult<Vec<TagRow>> {
    content_tag::table
        .filter(content_tag::id.gt(after))
        .order(content_tag::id)
        .limit(limit)
        .select(TagRow::as_select())
        .load(connection)
}

/// The articles behind an id, with their tags.
pub(crate) fn articles(
    connection: &mut Connection,
    after: i64,
    limit: i64,
) -> QueryResult<Vec<TaggedArticle>> {
    let articles: Vec<ArticleRow> = content_article::table
        .filter(content_article::id.gt(after))
        .order(content_article::id)
        .limit(limit)
        .select(ArticleRow::as_select())
        .load(connection)?;
    let ids: Vec<i64> = articles.iter().map(|article| article.id).collect();
    let carried: Vec<(i64, i64)> = content_article_tag::table
        .filter(content_article_tag::article_id.eq_any(ids))
        .order(content_article_tag::tag_id)
        .select((content_article_tag::article_id, content_article_tag::tag_id))
        .load(connection)?;
    let mut tags: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    for (article, tag) in carried {
        tags.entry(article).or_default().push(tag);
    }
    let tagged = articles.into_iter().map(|article| TaggedArticle {
        tags: tags.remove(&article.id).unwrap_or_default(),
        article,
    });
    Ok(tagged.collect())
}

/// Adds or replaces a category; the tree is grown afterwards.
pub(crate) fn put_category(
    connection: &mut Connection,
    record: &CategoryRow,
) -> Result<(), Unwritten> {
    diesel::insert_into(content_category::table)
        .values(record)
        .on_conflict(content_category::id)
        .do_update()
        .set(record)
        .execute(connection)?;
    Ok(())
}

/// Adds or replaces a tag.
pub(crate) fn put_tag(connection: &mut Connection, record: &TagRow) -> Result<(), Unwritten> {
    diesel::insert_into(content_tag::table)
        .values(record)
        .on_conflict(content_tag::id)
        .do_update()
        .set(record)
        .execute(connection)?;
    Ok(())
}

/// Adds or replaces an article with its tags.
pub(crate) fn put_article(
    connection: &mut Connection,
    record: &TaggedArticle,
) -> Result<(), Unwritten> {
    let TaggedArticle { article, tags } = record;
    diesel::insert_into(content_article::table)
        .values(article)
        .on_conflict(content_article::id)
        .do_update()
        .set(article)
        .execute(connection)?;
    let tags: BTreeSet<i64> = tags.iter().copied().collect();
    let tags: Vec<i64> = tags.into_iter().collect();
    if tag::among(connection, None, &tags)?.len() != tags.len() {
        return Err(Unwritten::Rule("one of its tags is not there".to_owned()));
    }
    Ok(tag::save_of_article(connection, article.id, &tags)?)
}

/// Deletes categories; those with articles or categories in them stay.
pub(crate) fn delete_categories(connection: &mut Connection, ids: &[i64]) -> QueryResult<usize> {
    let full = content_article::table
        .filter(content_article::category_id.eq_any(ids.to_vec()))
        .select(content_article::category_id);
    let above = content_category_ancestor::table
        .filter(content_category_ancestor::distance.gt(0))
        .select(content_category_ancestor::ancestor_id);
    let empty = content_category::table
        .filter(content_category::id.eq_any(ids.to_vec()))
        .filter(content_category::id.ne_all(full))
        .filter(content_category::id.ne_all(above));
    delete_lowest_first(|| diesel::delete(empty.clone()).execute(connection))
}

/// Deletes tags.
pub(crate) fn delete_tags(connection: &mut Connection, ids: &[i64]) -> QueryResult<usize> {
    diesel::delete(content_tag::table.filter(content_tag::id.eq_any(ids.to_vec())))
        .execute(connection)
}

/// Deletes articles.
pub(crate) fn delete_articles(connection: &mut Connection, ids: &[i64]) -> QueryResult<usize> {
    diesel::delete(content_article::table.filter(content_article::id.eq_any(ids.to_vec())))
        .execute(connection)
}
