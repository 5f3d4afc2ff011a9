//! Categories. Each has a row for itself and for every category above it in `content_category_ancestor`.

use diesel::dsl::count_star;
use diesel::prelude::*;
use loggia_sdk::prelude::{Deserialize, Serialize};
use loggia_site::tree::Tree;
use loggia_sql::{Backend, Connection};

use super::IDS;
use super::condition::{self, Condition};
use super::schema::{content_article, content_category, content_category_ancestor};
use crate::sight::Sight;

/// The tree of the categories.
pub(crate) const TREE: Tree = Tree {
    categories: "content_category",
    ancestors: "content_category_ancestor",
    top_level: Some(1),
};

/// A category. Its parent is 0 at the top, where the level is 1.
#[derive(Clone, Debug, Serialize, Deserialize, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = content_category, check_for_backend(Backend))]
pub(crate) struct CategoryRow {
    pub(crate) id: i64,
    pub(crate) parent_id: i64,
    #[serde(default = "first")]
    pub(crate) level: i64,
    pub(crate) position: i64,
    pub(crate) title: String,
    pub(crate) alias: String,
    pub(crate) description: String,
    pub(crate) metadesc: String,
    pub(crate) metakey: String,
    pub(crate) page_title: String,
    pub(crate) author: String,
    pub(crate) robots: String,
    pub(crate) language: String,
    pub(crate) state: i64,
    pub(crate) view_level_id: i64,
    /// Counts its changes.
    #[serde(default = "first")]
    pub(crate) version: i64,
}

fn first() -> i64 {
    1
}

/// Which categories a list shows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Branch {
    /// Below which one; 0 is the top.
    pub(crate) root: i64,
    /// Whether the children of children are shown too.
    pub(crate) recursive: bool,
}

/// A category, whoever asks.
pub(crate) fn by_id(connection: &mut Connection, id: i64) -> QueryResult<Option<CategoryRow>> {
    content_category::table
        .find(id)
        .select(CategoryRow::as_select())
        .first(connection)
        .optional()
}

/// A category of these view levels, as all above it, where some are given; whatever its state.
pub(crate) fn of_levels(
    connection: &mut Connection,
    levels: Option<&[i64]>,
    id: i64,
) -> QueryResult<Option<CategoryRow>> {
    content_category::table
        .filter(content_category::id.eq(id))
        .filter(condition::categories_of(levels))
        .select(CategoryRow::as_select())
        .first(connection)
        .optional()
}

/// Some categories, whoever asks.
pub(crate) fn by_ids(connection: &mut Connection, ids: &[i64]) -> QueryResult<Vec<CategoryRow>> {
    content_category::table
        .filter(content_category::id.eq_any(ids.to_vec()))
        .select(CategoryRow::as_select())
        .load(connection)
}

/// The categories behind an id, whoever asks.
pub(crate) fn after(
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

/// A category by its place and alias, whoever asks.
pub(crate) fn by_alias(
    connection: &mut Connection,
    parent: i64,
    alias: &str,
) -> QueryResult<Option<CategoryRow>> {
    content_category::table
        .filter(content_category::parent_id.eq(parent))
        .filter(content_category::alias.eq(alias))
        .select(CategoryRow::as_select())
        .first(connection)
        .optional()
}

/// A category, where a caller of these view levels may see it.
pub(crate) fn visible(
    connection: &mut Connection,
    levels: &[i64],
    id: i64,
) -> QueryResult<Option<CategoryRow>> {
    content_category::table
        .filter(content_category::id.eq(id))
        .filter(condition::categories(levels))
        .select(CategoryRow::as_select())
        .first(connection)
        .optional()
}

/// The categories of a branch that a caller of these view levels may see, siblings in their order.
pub(crate) fn branch(
    connection: &mut Connection,
    levels: &[i64],
    branch: Branch,
) -> QueryResult<Vec<CategoryRow>> {
    let place: Condition<content_category::table> = match branch {
        Branch {
            root: 0,
            recursive: true,
        } => Box::new(content_category::id.is_not_null()),
        Branch {
            root,
            recursive: true,
        } => Box::new(content_category::id.eq_any(condition::within(root, 1, i64::MAX))),
        Branch {
            root,
            recursive: false,
        } => Box::new(content_category::parent_id.eq(root)),
    };
    content_category::table
        .filter(place)
        .filter(condition::categories(levels))
        .order((content_category::position, content_category::id))
        .select(CategoryRow::as_select())
        .load(connection)
}

/// How many articles that may be seen each category has; those without any are left out.
pub(crate) fn counts(connection: &mut Connection, sight: &Sight) -> QueryResult<Vec<(i64, i64)>> {
    content_article::table
        .filter(condition::articles(sight))
        .group_by(content_article::category_id)
        .select((content_article::category_id, count_star()))
        .load(connection)
}

/// The titles of categories.
pub(crate) fn titles(connection: &mut Connection, ids: &[i64]) -> QueryResult<Vec<(i64, String)>> {
    let mut titles = Vec::new();
    for ids in ids.chunks(IDS) {
        let some: Vec<(i64, String)> = content_category::table
            .filter(content_category::id.eq_any(ids.to_vec()))
            .select((content_category::id, content_category::title))
            .load(connection)?;
        titles.extend(some);
    }
    Ok(titles)
}

/// Whether a category, or one above it, is not published.
pub(crate) fn is_unpublished(connection: &mut Connection, id: i64) -> QueryResult<bool> {
    let found: Option<i64> = condition::unpublished()
        .filter(content_category_ancestor::category_id.eq(id))
        .first(connection)
        .optional()?;
    Ok(found.is_some())
}

/// Adds a category below its parent and gives its id.
pub(crate) fn add(connection: &mut Connection, row: &CategoryRow) -> QueryResult<i64> {
    let id: i64 = diesel::insert_into(content_category::table)
        .values((
            content_category::parent_id.eq(row.parent_id),
            content_category::level.eq(row.level),
            content_category::position.eq(row.position),
            content_category::title.eq(&row.title),
            content_category::alias.eq(&row.alias),
            content_category::description.eq(&row.description),
            content_category::metadesc.eq(&row.metadesc),
            content_category::metakey.eq(&row.metakey),
            content_category::page_title.eq(&row.page_title),
            content_category::author.eq(&row.author),
            content_category::robots.eq(&row.robots),
            content_category::language.eq(&row.language),
            content_category::state.eq(row.state),
            content_category::view_level_id.eq(row.view_level_id),
            content_category::version.eq(row.version),
        ))
        .returning(content_category::id)
        .get_result(connection)?;
    let above: Vec<(i64, i64)> = content_category_ancestor::table
        .filter(content_category_ancestor::category_id.eq(row.parent_id))
        .select((
            content_category_ancestor::ancestor_id,
            content_category_ancestor::distance,
        ))
        .load(connection)?;
    add_ancestor(connection, id, id, 0)?;
    for (ancestor, distance) in above {
        add_ancestor(connection, id, ancestor, distance + 1)?;
    }
    Ok(id)
}

fn add_ancestor(
    connection: &mut Connection,
    category: i64,
    ancestor: i64,
    distance: i64,
) -> QueryResult<()> {
    diesel::insert_into(content_category_ancestor::table)
        .values((
            content_category_ancestor::category_id.eq(category),
            content_category_ancestor::ancestor_id.eq(ancestor),
            content_category_ancestor::distance.eq(distance),
        ))
        .execute(connection)
        .map(drop)
}

/// Changes everything of a category that is of this version; false where it is of another by now. What lies above it is
/// written by [`TREE`].
pub(crate) fn save(
    connection: &mut Connection,
    row: &CategoryRow,
    version: i64,
) -> QueryResult<bool> {
    let unchanged = content_category::table
        .find(row.id)
        .filter(content_category::version.eq(version));
    let changed = diesel::update(unchanged).set(row).execute(connection)?;
    Ok(changed == 1)
}
