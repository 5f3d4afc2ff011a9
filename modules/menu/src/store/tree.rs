//! The tree of a menu's items: what follows from parents, places among siblings and aliases.

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;
use loggia_sql::{Backend, Connection};

use super::schema::{menu_item, menu_item_ancestor};

/// How many rows of ancestors one statement writes.
const ROWS: usize = 500;

#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = menu_item, check_for_backend(Backend))]
struct Node {
    id: i64,
    parent_id: i64,
    alias: String,
    level: i64,
    place: i64,
    path: String,
}

/// A node that is to be placed, with what lies above it.
struct Next {
    node: Node,
    path: String,
    ancestors: Vec<i64>,
}

/// Writes level, path, place and ancestors of a menu's items anew, as far as they have changed. An item whose parent is
/// not there, or that lies below itself, stands at the top. Menus are small, and changed by the operator alone.
pub(crate) fn grow(connection: &mut Connection, menu: i64) -> QueryResult<()> {
    let nodes: Vec<Node> = menu_item::table
        .filter(menu_item::menu_id.eq(menu))
        .order((menu_item::position, menu_item::id))
        .select(Node::as_select())
        .load(connection)?;
    let ids: Vec<i64> = nodes.iter().map(|node| node.id).collect();
    let mut lines = Vec::new();
    for (place, next) in (1_i64..).zip(in_order(nodes)) {
        let Next {
            node,
            path,
            ancestors,
        } = next;
        let level = i64::try_from(ancestors.len()).unwrap_or(i64::MAX);
        if (node.level, node.place, &node.path) != (level, place, &path) {
            diesel::update(menu_item::table.find(node.id))
                .set((
                    menu_item::level.eq(level),
                    menu_item::place.eq(place),
                    menu_item::path.eq(&path),
                ))
                .execute(connection)?;
        }
        lines.extend(ancestors.into_iter().map(|ancestor| {
            (
                menu_item_ancestor::item_id.eq(node.id),
                menu_item_ancestor::ancestor_id.eq(ancestor),
            )
        }));
    }
    for ids in ids.chunks(ROWS) {
        let old =
            menu_item_ancestor::table.filter(menu_item_ancestor::item_id.eq_any(ids.to_vec()));
        diesel::delete(old).execute(connection)?;
    }
    for lines in lines.chunks(ROWS) {
        diesel::insert_into(menu_item_ancestor::table)
            .values(lines.to_vec())
            .execute(connection)?;
    }
    Ok(())
}

/// All nodes, each before those below it, siblings in the order in which they came.
fn in_order(nodes: Vec<Node>) -> Vec<Next> {
    let known: HashSet<i64> = nodes.iter().map(|node| node.id).collect();
    let mut left: HashMap<i64, Node> = nodes.iter().map(|node| (node.id, node.clone())).collect();
    let mut children: HashMap<i64, Vec<i64>> = HashMap::new();
    for node in &nodes {
        let parent = Some(node.parent_id).filter(|parent| known.contains(parent));
        children
            .entry(parent.unwrap_or(0))
            .or_default()
            .push(node.id);
    }
    let mut ordered = Vec::with_capacity(nodes.len());
    let tops = children.get(&0).cloned().unwrap_or_default();
    // Whoever lies below himself is reached from no top, and becomes one.
    for top in tops.into_iter().chain(nodes.iter().map(|node| node.id)) {
        let mut waiting = vec![(top, String::new(), Vec::new())];
        while let Some((id, above, mut ancestors)) = waiting.pop() {
            let Some(node) = left.remove(&id) else {
                continue;
            };
            let path = if above.is_empty() {
                node.alias.clone()
            } else {
                format!("{above}/{}", node.alias)
            };
            ancestors.push(id);
            // What is next stands last.
            for child in children.get(&id).into_iter().flatten().rev() {
                waiting.push((*child, path.clone(), ancestors.clone()));
            }
            ordered.push(Next {
                node,
                path,
                ancestors,
            });
        }
    }
    ordered
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(id: i64, parent_id: i64) -> Node {
        Node {
            id,
            parent_id,
            alias: format!("a{id}"),
            level: 0,
            place: 0,
            path: String::new(),
        }
    }

    fn grown(nodes: Vec<Node>) -> Vec<(i64, String)> {
        let ordered = in_order(nodes).into_iter();
        ordered.map(|next| (next.node.id, next.path)).collect()
    }

    #[test]
    fn each_stands_before_those_below_it_and_strays_stand_at_the_top() {
        let nodes = vec![node(3, 1), node(1, 0), node(2, 1), node(4, 3), node(5, 99)];
        let wanted = [
            (1, "a1"),
            (3, "a1/a3"),
            (4, "a1/a3/a4"),
            (2, "a1/a2"),
            (5, "a5"),
        ];
        assert_eq!(grown(nodes), wanted.map(|(id, path)| (id, path.to_owned())));
    }

    #[test]
    fn a_circle_is_cut_open() {
        let circle = grown(vec![node(1, 2), node(2, 1), node(3, 3)]);
        assert_eq!(
            circle,
            [(1, "a1"), (2, "a1/a2"), (3, "a3")].map(|(id, path)| (id, path.to_owned()))
        );
    }
}
