//! What may be seen, as conditions inside the statements.

use diesel::BoxableExpression;
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool};
use loggia_sql::Backend;

use super::schema::{
    catalog_application, catalog_category, catalog_category_ancestor, catalog_item,
    catalog_item_category,
};
use crate::sight::{PUBLISHED, Sight};

/// A condition on the rows of a table.
pub(crate) type Condition<Table> = Box<dyn BoxableExpression<Table, Backend, SqlType = Bool>>;

/// The ids of some categories.
type Categories = catalog_category_ancestor::BoxedQuery<'static, Backend, BigInt>;

/// The categories that are hidden, and what lies below them; `None` where no category is.
fn hidden(sight: &Sight) -> Option<Categories> {
    let unpublished = catalog_category::state.ne(PUBLISHED);
    let top: Condition<catalog_category::table> = match (&sight.levels, sight.only_published) {
        (Some(levels), only_published) => {
            let of_others = catalog_category::view_level_id.ne_all(levels.clone());
            if only_published {
                Box::new(unpublished.or(of_others))
            } else {
                Box::new(of_others)
            }
        }
        (None, true) => Box::new(unpublished),
        (None, false) => return None,
    };
    let tops = catalog_category::table
        .filter(top)
        .select(catalog_category::id)
        .into_boxed::<Backend>();
    let below = catalog_category_ancestor::table
        .filter(catalog_category_ancestor::ancestor_id.eq_any(tops))
        .select(catalog_category_ancestor::category_id)
        .into_boxed();
    Some(below)
}

/// The categories of an application that a caller may see.
pub(crate) fn categories(application: i64, sight: &Sight) -> Condition<catalog_category::table> {
    let of_application = catalog_category::application_id.eq(application);
    match hidden(sight) {
        Some(hidden) => Box::new(of_application.and(catalog_category::id.ne_all(hidden))),
        None => Box::new(of_application),
    }
}

/// What is known of the place of items before they are looked at, so that the statement need not ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Nothing.
    Unknown,
    /// The caller may see their application.
    Application,
    /// The caller may see their application, and a category that they lie in.
    Category,
}

/// The items that a caller may see.
pub(crate) fn items(sight: &Sight, place: Place) -> Condition<catalog_item::table> {
    let mut seen: Condition<catalog_item::table> = match place {
        Place::Category => Box::new(catalog_item::id.is_not_null()),
        Place::Application => placed(sight),
        Place::Unknown => Box::new(placed(sight).and(of_open_applications(sight))),
    };
    if let Some(levels) = &sight.levels {
        seen = Box::new(seen.and(catalog_item::view_level_id.eq_any(levels.clone())));
    }
    if sight.only_published {
        seen = Box::new(seen.and(catalog_item::state.eq(PUBLISHED)));
    }
    if let Some(now_ms) = sight.now_ms {
        seen = Box::new(seen.and(in_time(now_ms)));
    }
    match sight.author {
        Some(author) => Box::new(seen.or(catalog_item::created_by.eq(author))),
        None => seen,
    }
}

/// The items of the applications that a caller may see.
fn of_open_applications(sight: &Sight) -> Condition<catalog_item::table> {
    if sight.sees_all {
        return Box::new(catalog_item::id.is_not_null());
    }
    let mut open = catalog_application::table
        .filter(catalog_application::state.eq(PUBLISHED))
        .select(catalog_application::id)
        .into_boxed();
    if let Some(levels) = &sight.levels {
        open = open.filter(catalog_application::view_level_id.eq_any(levels.clone()));
    }
    Box::new(catalog_item::application_id.eq_any(open))
}

/// The items that lie in no category, or in one that is not hidden.
fn placed(sight: &Sight) -> Condition<catalog_item::table> {
    let of_item = || {
        catalog_item_category::table
            .filter(catalog_item_category::item_id.eq(catalog_item::id))
            .select(catalog_item_category::category_id)
    };
    match hidden(sight) {
        Some(hidden) => {
            let in_sight = of_item().filter(catalog_item_category::category_id.ne_all(hidden));
            Box::new(not(exists(of_item())).or(exists(in_sight)))
        }
        None => Box::new(catalog_item::id.is_not_null()),
    }
}

fn in_time(now_ms: i64) -> Condition<catalog_item::table> {
    let begun = catalog_item::publish_up_ms
        .is_null()
        .or(catalog_item::publish_up_ms.assume_not_null().le(now_ms));
    let lasting = catalog_item::publish_down_ms
        .is_null()
        .or(catalog_item::publish_down_ms.assume_not_null().gt(now_ms));
    Box::new(begun.and(lasting))
}

/// The items of an application.
pub(crate) fn of_application(application: i64) -> Condition<catalog_item::table> {
    Box::new(catalog_item::application_id.eq(application))
}

/// The items of a category, for a statement that looks through many.
pub(crate) fn in_category(category: i64) -> Condition<catalog_item::table> {
    let items = catalog_item_category::table
        .filter(catalog_item_category::category_id.eq(category))
        .select(catalog_item_category::item_id);
    Box::new(catalog_item::id.eq_any(items))
}

/// The items of a category, for a statement that looks at few.
pub(crate) fn lies_in(category: i64) -> Condition<catalog_item::table> {
    let membership = catalog_item_category::table
        .filter(catalog_item_category::item_id.eq(catalog_item::id))
        .filter(catalog_item_category::category_id.eq(category))
        .select(catalog_item_category::category_id);
    Box::new(exists(membership))
}

/// The items in a state, of one account or of all.
pub(crate) fn of_writer(state: i64, author: Option<i64>) -> Condition<catalog_item::table> {
    let in_state = catalog_item::state.eq(state);
    match author {
        Some(author) => Box::new(in_state.and(catalog_item::created_by.eq(author))),
        None => Box::new(in_state),
    }
}
