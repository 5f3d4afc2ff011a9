//! Whole rows, for moving in and out: read by their ids, written with them.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use loggia_sdk::prelude::{Deserialize, Serialize};
use loggia_site::records::Unwritten;
use loggia_sql::Connection;

use super::article::ArticleRow;
use super::category::CategoryRow;
use super::schema::{
    content_article, content_article_tag, content_category, content_category_ancestor, content_tag,
};
use super::tag::{self, TagRow};

/// How many rows of the tree one statement writes.
const ROWS: usize = 200;

/// An article with its tags.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct TaggedArticle {
    #[serde(flatten)]
    pub(crate) article: ArticleRow,
    /// The ids of its tags, ascending.
    pub(crate) tags: Vec<i64>,
}

/// The categories behind an id.
pub(crate) fn categories(
    connection: &mut Connection,
    after: i64,
    limit: i64,
) -> QueryResult<Vec<CategoryRow>> {
    content_category::table
        .filter(content_category::id.gt(after))
        .order(content_category::id)
        .limit(limit)
        .select(CategoryRow::as_select())
        .load(connection)
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
    if usize::try_from(tag::count(connection, &tags)?) != Ok(tags.len()) {
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
    let mut gone = 0;
    // The lowest go first, and make way for those above them.
    loop {
        let some = diesel::delete(empty.clone()).execute(connection)?;
        gone += some;
        if some == 0 {
            return Ok(gone);
        }
    }
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

/// Writes levels and ancestors anew, by the parents. A category whose parent is not there, or that lies below itself,
/// stands at the top.
pub(crate) fn grow_tree(connection: &mut Connection) -> QueryResult<()> {
    let rows: Vec<(i64, i64, i64)> = content_category::table
        .order(content_category::id)
        .select((
            content_category::id,
            content_category::parent_id,
            content_category::level,
        ))
        .load(connection)?;
    let parents: BTreeMap<i64, i64> = rows.iter().map(|(id, parent, _)| (*id, *parent)).collect();
    let mut ancestors = Vec::new();
    for (id, _, level) in rows {
        let path = path_of(&parents, id);
        let right = i64::try_from(path.len()).unwrap_or(i64::MAX);
        if level != right {
            diesel::update(content_category::table.find(id))
                .set(content_category::level.eq(right))
                .execute(connection)?;
        }
        ancestors.extend((0_i64..).zip(path).map(|(distance, ancestor)| {
            (
                content_category_ancestor::category_id.eq(id),
                content_category_ancestor::ancestor_id.eq(ancestor),
                content_category_ancestor::distance.eq(distance),
            )
        }));
    }
    diesel::delete(content_category_ancestor::table).execute(connection)?;
    for some in ancestors.chunks(ROWS) {
        diesel::insert_into(content_category_ancestor::table)
            .values(some.to_vec())
            .execute(connection)?;
    }
    Ok(())
}

/// A category and those above it, itself first.
fn path_of(parents: &BTreeMap<i64, i64>, id: i64) -> Vec<i64> {
    let mut path = vec![id];
    let mut at = id;
    while let Some(parent) = parents.get(&at).copied()
        && parents.contains_key(&parent)
        && !path.contains(&parent)
    {
        path.push(parent);
        at = parent;
    }
    path
}
