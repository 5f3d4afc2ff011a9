//! The tree of categories, grown anew after records were written in any order.

use std::collections::BTreeMap;

use diesel::prelude::*;
use loggia_sql::Connection;

use super::schema::{forum_category, forum_category_ancestor};

/// How many rows of the tree one statement writes.
const ROWS: usize = 200;

/// Writes levels and ancestors anew, by the parents. A category whose parent is not there, or that lies below itself,
/// stands at the top.
pub(crate) fn grow(connection: &mut Connection) -> QueryResult<()> {
    let rows: Vec<(i64, i64, i64)> = forum_category::table
        .order(forum_category::id)
        .select((
            forum_category::id,
            forum_category::parent_id,
            forum_category::level,
        ))
        .load(connection)?;
    let parents: BTreeMap<i64, i64> = rows.iter().map(|(id, parent, _)| (*id, *parent)).collect();
    let mut ancestors = Vec::new();
    for (id, _, level) in rows {
        let path = path_of(&parents, id);
        let right = i64::try_from(path.len() - 1).unwrap_or(i64::MAX);
        if level != right {
            diesel::update(forum_category::table.find(id))
                .set(forum_category::level.eq(right))
                .execute(connection)?;
        }
        ancestors.extend((0_i64..).zip(path).map(|(distance, ancestor)| {
            (
                forum_category_ancestor::category_id.eq(id),
                forum_category_ancestor::ancestor_id.eq(ancestor),
                forum_category_ancestor::distance.eq(distance),
            )
        }));
    }
    diesel::delete(forum_category_ancestor::table).execute(connection)?;
    for some in ancestors.chunks(ROWS) {
        diesel::insert_into(forum_category_ancestor::table)
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
