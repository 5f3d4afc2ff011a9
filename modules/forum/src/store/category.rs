//! Categories. Each has a row for itself and for every category above it in `forum_category_ancestor`.

use diesel::prelude::*;
use loggia_site::tree::Tree;
use loggia_sql::{Backend, Connection};
use serde::{Deserialize, Serialize};

use super::condition::{self, Condition};
use super::schema::{forum_category, forum_category_ancestor};
use crate::sight::Sight;

/// The tree of the categories.
pub(crate) const TREE: Tree = Tree {
    categories: "forum_category",
    ancestors: "forum_category_ancestor",
    top_level: Some(0),
};

/// A category.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, Serialize, Deserialize)]
#[diesel(table_name = forum_category, check_for_backend(Backend))]
pub(crate) struct CategoryRow {
    pub(crate) id: i64,
    #[diesel(embed)]
    #[serde(flatten)]
    pub(crate) facts: Category,
}

/// Everything of a category but its id. Its parent is 0 at the top, where the level is 0, too. The counts are of
/// what everybody sees who sees the category.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, AsChangeset, Serialize, Deserialize)]
#[diesel(table_name = forum_category, check_for_backend(Backend))]
pub(crate) struct Category {
    pub(crate) parent_id: i64,
    #[serde(default)]
    pub(crate) level: i64,
    #[serde(default)]
    pub(crate) position: i64,
    pub(crate) name: String,
    pub(crate) alias: String,
    #[serde(default)]
    pub(crate) description: String,
    #[serde(default)]
    pub(crate) icon: String,
    #[serde(default)]
    pub(crate) icon_id: i64,
    pub(crate) state: i64,
    pub(crate) locked: bool,
    pub(crate) by_group: bool,
    pub(crate) view_level_id: i64,
    pub(crate) group_id: i64,
    pub(crate) group_recurse: bool,
    pub(crate) review: bool,
    pub(crate) allow_anonymous: bool,
    pub(crate) post_anonymous: bool,
    pub(crate) allow_polls: bool,
    pub(crate) topic_ordering: String,
    #[serde(default)]
    pub(crate) topics: i64,
    #[serde(default)]
    pub(crate) posts: i64,
    #[serde(default)]
    pub(crate) hits: i64,
    #[serde(default)]
    pub(crate) last_topic_id: i64,
    #[serde(default)]
    pub(crate) last_post_id: i64,
    #[serde(default)]
    pub(crate) last_post_ms: i64,
    #[serde(default = "crate::store::first_version")]
    pub(crate) version: i64,
}

/// Which categories a list shows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Branch {
    /// Below which one; 0 is the top.
    pub(crate) root: i64,
    /// How many levels of them.
    pub(crate) levels: i64,
    /// Whether those are shown too that are not published, where the caller moderates.
    pub(crate) unpublished: bool,
}

/// A category, whoever asks.
pub(crate) fn by_id(connection: &mut Connection, id: i64) -> QueryResult<Option<CategoryRow>> {
    forum_category::table
        .find(id)
        .select(CategoryRow::as_select())
        .first(connection)
        .optional()
}

/// A category by its place and alias, whoever asks.
pub(crate) fn by_alias(
    connection: &mut Connection,
    parent: i64,
    alias: &str,
) -> QueryResult<Option<CategoryRow>> {
    forum_category::table
        .filter(forum_category::parent_id.eq(parent))
        .filter(forum_category::alias.eq(alias))
        .select(CategoryRow::as_select())
        .first(connection)
        .optional()
}

/// A category, where the caller may see it.
pub(crate) fn visible(
    connection: &mut Connection,
    sight: &Sight,
    id: i64,
) -> QueryResult<Option<CategoryRow>> {
    forum_category::table
        .filter(forum_category::id.eq(id))
        .filter(condition::categories(sight))
        .select(CategoryRow::as_select())
        .first(connection)
        .optional()
}

/// The categories of a branch that the caller may see, siblings in their order.
pub(crate) fn branch(
    connection: &mut Connection,
    sight: &Sight,
    branch: Branch,
) -> QueryResult<Vec<CategoryRow>> {
    let place: Condition<forum_category::table> = if branch.root == 0 {
        Box::new(forum_category::level.lt(branch.levels))
    } else {
        let below = condition::within(branch.root, 1, branch.levels);
        Box::new(forum_category::id.eq_any(below))
    };
    let seen = if branch.unpublished {
        condition::categories(sight)
    } else {
        condition::published_categories(sight)
    };
    forum_category::table
        .filter(place)
        .filter(seen)
        .order((forum_category::position, forum_category::id))
        .select(CategoryRow::as_select())
        .load(connection)
}

/// Adds a category below its parent and gives its id.
pub(crate) fn add(connection: &mut Connection, facts: &Category) -> QueryResult<i64> {
    let id: i64 = diesel::insert_into(forum_category::table)
        .values(facts)
        .returning(forum_category::id)
        .get_result(connection)?;
    put_below(connection, id, facts.parent_id)?;
    Ok(id)
}

/// Writes down what lies above a category that has nothing below it yet.
pub(crate) fn put_below(connection: &mut Connection, id: i64, parent: i64) -> QueryResult<()> {
    let above: Vec<(i64, i64)> = forum_category_ancestor::table
        .filter(forum_category_ancestor::category_id.eq(parent))
        .select((
            forum_category_ancestor::ancestor_id,
            forum_category_ancestor::distance,
        ))
        .load(connection)?;
    add_ancestor(connection, id, id, 0)?;
    for (ancestor, distance) in above {
        add_ancestor(connection, id, ancestor, distance + 1)?;
    }
    Ok(())
}

fn add_ancestor(
    connection: &mut Connection,
    category: i64,
    ancestor: i64,
    distance: i64,
) -> QueryResult<()> {
    diesel::insert_into(forum_category_ancestor::table)
        .values((
            forum_category_ancestor::category_id.eq(category),
            forum_category_ancestor::ancestor_id.eq(ancestor),
            forum_category_ancestor::distance.eq(distance),
        ))
        .execute(connection)
        .map(drop)
}

/// Changes what the operator decides of a category; its place and its counts are others' to change.
pub(crate) fn save(connection: &mut Connection, row: &CategoryRow) -> QueryResult<()> {
    let facts = &row.facts;
    diesel::update(forum_category::table.find(row.id))
        .set((
            (
                forum_category::position.eq(facts.position),
                forum_category::name.eq(&facts.name),
                forum_category::alias.eq(&facts.alias),
                forum_category::description.eq(&facts.description),
                forum_category::icon.eq(&facts.icon),
                forum_category::icon_id.eq(facts.icon_id),
                forum_category::state.eq(facts.state),
                forum_category::locked.eq(facts.locked),
                forum_category::by_group.eq(facts.by_group),
            ),
            (
                forum_category::view_level_id.eq(facts.view_level_id),
                forum_category::group_id.eq(facts.group_id),
                forum_category::group_recurse.eq(facts.group_recurse),
                forum_category::review.eq(facts.review),
                forum_category::allow_anonymous.eq(facts.allow_anonymous),
                forum_category::post_anonymous.eq(facts.post_anonymous),
                forum_category::allow_polls.eq(facts.allow_polls),
                forum_category::topic_ordering.eq(&facts.topic_ordering),
                forum_category::version.eq(facts.version + 1),
            ),
        ))
        .execute(connection)
        .map(drop)
}

/// Who may read a category, as one of those that lie above it, or itself, decides.
#[derive(Clone, Copy, Debug, Queryable, Selectable)]
#[diesel(table_name = forum_category, check_for_backend(Backend))]
pub(crate) struct Gate {
    state: i64,
    by_group: bool,
    view_level_id: i64,
    group_id: i64,
}

impl Gate {
    /// Whether it lets somebody pass who is no moderator.
    pub(crate) fn passes(self, levels: &[i64], groups: &[i64]) -> bool {
        let is_allowed = if self.by_group {
            groups.contains(&self.group_id)
        } else {
            levels.contains(&self.view_level_id)
        };
        self.state == 1 && is_allowed
    }
}

/// The gates before a category.
pub(crate) fn gates(connection: &mut Connection, id: i64) -> QueryResult<Vec<Gate>> {
    let above = forum_category_ancestor::table
        .filter(forum_category_ancestor::category_id.eq(id))
        .select(forum_category_ancestor::ancestor_id);
    forum_category::table
        .filter(forum_category::id.eq_any(above))
        .select(Gate::as_select())
        .load(connection)
}

/// So many topics and messages more are shown in a category.
pub(crate) fn add_counts(
    connection: &mut Connection,
    id: i64,
    topics: i64,
    posts: i64,
) -> QueryResult<()> {
    diesel::update(forum_category::table.find(id))
        .set((
            forum_category::topics.eq(forum_category::topics + topics),
            forum_category::posts.eq(forum_category::posts + posts),
        ))
        .execute(connection)
        .map(drop)
}

/// The message of a category that was written last: its topic, itself and its time.
pub(crate) fn save_last(
    connection: &mut Connection,
    id: i64,
    (topic, post, time_ms): (i64, i64, i64),
) -> QueryResult<()> {
    diesel::update(forum_category::table.find(id))
        .set((
            forum_category::last_topic_id.eq(topic),
            forum_category::last_post_id.eq(post),
            forum_category::last_post_ms.eq(time_ms),
        ))
        .execute(connection)
        .map(drop)
}

impl Category {
    /// An empty category for everybody.
    pub(crate) fn new() -> Category {
        Category {
            parent_id: 0,
            level: 0,
            position: 0,
            name: String::new(),
            alias: String::new(),
            description: String::new(),
            icon: String::new(),
            icon_id: 0,
            state: 1,
            locked: false,
            by_group: false,
            view_level_id: 1,
            group_id: 1,
            group_recurse: true,
            review: false,
            allow_anonymous: false,
            post_anonymous: false,
            allow_polls: false,
            topic_ordering: "lastpost".to_owned(),
            topics: 0,
            posts: 0,
            hits: 0,
            last_topic_id: 0,
            last_post_id: 0,
            last_post_ms: 0,
            version: 1,
        }
    }
}

/// Categories by their ids.
pub(crate) fn by_ids(connection: &mut Connection, ids: &[i64]) -> QueryResult<Vec<CategoryRow>> {
    forum_category::table
        .filter(forum_category::id.eq_any(ids.to_vec()))
        .select(CategoryRow::as_select())
        .load(connection)
}

/// The categories behind an id.
pub(crate) fn after(
    connection: &mut Connection,
    after: i64,
    limit: i64,
) -> QueryResult<Vec<CategoryRow>> {
    forum_category::table
        .filter(forum_category::id.gt(after))
        .order(forum_category::id)
        .limit(limit)
        .select(CategoryRow::as_select())
        .load(connection)
}
