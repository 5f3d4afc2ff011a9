//! What may be seen, as conditions inside the statements.

use diesel::BoxableExpression;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use loggia_sql::Backend;

use super::schema::{menu_item, menu_item_ancestor};
use crate::sight::{PUBLISHED, Sight};

/// A condition on items.
pub(crate) type Condition = Box<dyn BoxableExpression<menu_item::table, Backend, SqlType = Bool>>;

/// The items that a caller may see: published, of his view levels and in their time, as all above them.
pub(crate) fn items(sight: &Sight) -> Condition {
    let hidden = menu_item::table
        .filter(hidden(sight))
        .select(menu_item::id)
        .into_boxed::<Backend>();
    let below = menu_item_ancestor::table
        .filter(menu_item_ancestor::ancestor_id.eq_any(hidden))
        .select(menu_item_ancestor::item_id)
        .into_boxed::<Backend>();
    Box::new(menu_item::id.ne_all(below))
}

/// The items in a state, of the caller's view levels.
pub(crate) fn in_state(sight: &Sight, state: i64) -> Condition {
    Box::new(
        menu_item::state
            .eq(state)
            .and(menu_item::view_level_id.eq_any(sight.levels.clone())),
    )
}

/// What hides an item itself.
fn hidden(sight: &Sight) -> Condition {
    let hidden: Condition = Box::new(
        menu_item::state
            .ne(PUBLISHED)
            .or(menu_item::view_level_id.ne_all(sight.levels.clone())),
    );
    match sight.now_ms {
        Some(now_ms) => Box::new(hidden.or(out_of_time(now_ms))),
        None => hidden,
    }
}

fn out_of_time(now_ms: i64) -> Condition {
    let not_begun = menu_item::publish_up_ms
        .is_not_null()
        .and(menu_item::publish_up_ms.assume_not_null().gt(now_ms));
    let over = menu_item::publish_down_ms
        .is_not_null()
        .and(menu_item::publish_down_ms.assume_not_null().le(now_ms));
    Box::new(not_begun.or(over))
}
