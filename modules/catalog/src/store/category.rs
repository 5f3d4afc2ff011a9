//! Categories. Each has a row for itself and for every category above it in `catalog_category_ancestor`.

use diesel::prelude::*;
use loggia_site::records::document;
use loggia_site::tree::Tree;
use loggia_sql::{Backend, Connection, JsonText};
use serde::{Deserialize, Serialize};

use super::condition;
use super::schema::{catalog_category, catalog_category_ancestor};
use crate::sight::Sight;

/// The tree of the categories.
pub(crate) const TREE: Tree = Tree {
    categories: "catalog_category",
    ancestors: "catalog_category_ancestor",
    top_level: None,
};

/// A category.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, Serialize, Deserialize)]
#[diesel(table_name = catalog_category, check_for_backend(Backend))]
pub(crate) struct CategoryRow {
    pub(crate) id: i64,
    #[diesel(embed)]
    #[serde(flatten)]
    pub(crate) facts: CategoryFacts,
}

/// What a category is beside its id. Its parent is 0 at the top.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, AsChangeset, Serialize, Deserialize)]
#[diesel(table_name = catalog_category, check_for_backend(Backend))]
pub(crate) struct CategoryFacts {
    pub(crate) application_id: i64,
    pub(crate) parent_id: i64,
    pub(crate) position: i64,
    pub(crate) name: String,
    pub(crate) alias: String,
    pub(crate) description: String,
    #[serde(with = "document")]
    pub(crate) content: JsonText,
    #[serde(with = "document")]
    pub(crate) metadata: JsonText,
    pub(crate) state: i64,
    pub(crate) view_level_id: i64,
    pub(crate) version: i64,
}

/// What the list shows of a category.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = catalog_category, check_for_backend(Backend))]
pub(crate) struct CategoryEntry {
    pub(crate) id: i64,
    pub(crate) parent_id: i64,
    pub(crate) name: String,
    pub(crate) alias: String,
    pub(crate) description: String,
}

/// A category, whoever asks.
pub(crate) fn by_id(connection: &mut Connection, id: i64) -> QueryResult<Option<CategoryRow>> {
    catalog_category::table
        .find(id)
        .select(CategoryRow::as_select())
        .first(connection)
        .optional()
}

/// A category by its place and alias, whoever asks.
pub(crate) fn by_alias(
    connection: &mut Connection,
    application: i64,
    parent: i64,
    alias: &str,
) -> QueryResult<Option<CategoryRow>> {
    catalog_category::table
        .filter(catalog_category::application_id.eq(application))
        .filter(catalog_category::parent_id.eq(parent))
        .filter(catalog_category::alias.eq(alias))
        .select(CategoryRow::as_select())
        .first(connection)
        .optional()
}

/// A category of an application, where the caller may see it.
pub(crate) fn visible(
    connection: &mut Connection,
    application: i64,
    sight: &Sight,
    id: i64,
) -> QueryResult<Option<CategoryRow>> {
    catalog_category::table
        .filter(catalog_category::id.eq(id))
        .filter(condition::categories(application, sight))
        .select(CategoryRow::as_select())
        .first(connection)
        .optional()
}

/// All categories of an application that the caller may see, siblings in their order.
pub(crate) fn all(
    connection: &mut Connection,
    application: i64,
    sight: &Sight,
) -> QueryResult<Vec<CategoryEntry>> {
    catalog_category::table
        .filter(condition::categories(application, sight))
        .order((
            catalog_category::position,
            catalog_category::name,
            catalog_category::id,
        ))
        .select(CategoryEntry::as_select())
        .load(connection)
}

/// Which of these categories an application has, as far as the caller may see them.
pub(crate) fn among(
    connection: &mut Connection,
    application: i64,
    sight: &Sight,
    ids: &[i64],
) -> QueryResult<Vec<i64>> {
    catalog_category::table
        .filter(catalog_category::id.eq_any(ids.to_vec()))
        .filter(condition::categories(application, sight))
        .select(catalog_category::id)
        .load(connection)
}

/// Adds a category below its parent and gives its id.
pub(crate) fn add(connection: &mut Connection, facts: &CategoryFacts) -> QueryResult<i64> {
    let id: i64 = diesel::insert_into(catalog_category::table)
        .values(facts)
        .returning(catalog_category::id)
        .get_result(connection)?;
    let mut above: Vec<(i64, i64, i64)> = above(connection, facts.parent_id)?
        .into_iter()
        .map(|(ancestor, distance)| (id, ancestor, distance + 1))
        .collect();
    above.push((id, id, 0));
    add_ancestors(connection, &above)?;
    Ok(id)
}

fn above(connection: &mut Connection, category: i64) -> QueryResult<Vec<(i64, i64)>> {
    catalog_category_ancestor::table
        .filter(catalog_category_ancestor::category_id.eq(category))
        .select((
            catalog_category_ancestor::ancestor_id,
            catalog_category_ancestor::distance,
        ))
        .load(connection)
}

fn add_ancestors(connection: &mut Connection, rows: &[(i64, i64, i64)]) -> QueryResult<()> {
    // Three values a row: as many rows as the databases take in one statement.
    for rows in rows.chunks(super::IDS / 3) {
        let rows: Vec<_> = rows
            .iter()
            .map(|&(category, ancestor, distance)| {
                (
                    catalog_category_ancestor::category_id.eq(category),
                    catalog_category_ancestor::ancestor_id.eq(ancestor),
                    catalog_category_ancestor::distance.eq(distance),
                )
            })
            .collect();
        diesel::insert_into(catalog_category_ancestor::table)
            .values(rows)
            .execute(connection)?;
    }
    Ok(())
}

/// Changes everything of a category. What lies above it is written by [`TREE`].
pub(crate) fn save(connection: &mut Connection, row: &CategoryRow) -> QueryResult<()> {
    diesel::update(catalog_category::table.find(row.id))
        .set(&row.facts)
        .execute(connection)
        .map(drop)
}

/// The categories of these ids.
pub(crate) fn by_ids(connection: &mut Connection, ids: &[i64]) -> QueryResult<Vec<CategoryRow>> {
    catalog_category::table
        .filter(catalog_category::id.eq_any(ids.to_vec()))
        .select(CategoryRow::as_select())
        .load(connection)
}

/// The categories behind an id, by their ids.
pub(crate) fn after(
    connection: &mut Connection,
    after: i64,
    limit: i64,
) -> QueryResult<Vec<CategoryRow>> {
    catalog_category::table
        .filter(catalog_category::id.gt(after))
        .order(catalog_category::id)
        .limit(limit)
        .select(CategoryRow::as_select())
        .load(connection)
}

/// Whether a category lies directly below this one.
pub(crate) fn has_children(connection: &mut Connection, id: i64) -> QueryResult<bool> {
    let child: Option<i64> = catalog_category::table
        .filter(catalog_category::parent_id.eq(id))
        .select(catalog_category::id)
        .first(connection)
        .optional()?;
    Ok(child.is_some())
}

/// Deletes a category; its items are no longer in it.
pub(crate) fn delete(connection: &mut Connection, id: i64) -> QueryResult<()> {
    diesel::delete(catalog_category::table.find(id))
        .execute(connection)
        .map(drop)
}
