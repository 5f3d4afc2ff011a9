//! What may be seen, as conditions inside the statements.

use diesel::BoxableExpression;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool};
use loggia_sql::Backend;

use super::schema::{forum_category, forum_category_ancestor, forum_message, forum_topic};
use super::{DELETED, HELD, SHOWN};
use crate::sight::Sight;

/// A condition on the rows of a table.
pub(crate) type Condition<Table> = Box<dyn BoxableExpression<Table, Backend, SqlType = Bool>>;

/// The ids of some categories.
type Categories = forum_category_ancestor::BoxedQuery<'static, Backend, BigInt>;

/// The state of what is published.
const PUBLISHED: i64 = 1;

fn at_or_below(condition: Condition<forum_category::table>) -> Categories {
    let tops = forum_category::table
        .filter(condition)
        .select(forum_category::id)
        .into_boxed::<Backend>();
    forum_category_ancestor::table
        .filter(forum_category_ancestor::ancestor_id.eq_any(tops))
        .select(forum_category_ancestor::category_id)
        .into_boxed()
}

/// The categories that are not published, or lie below one that is not.
fn unpublished() -> Categories {
    at_or_below(Box::new(forum_category::state.ne(PUBLISHED)))
}

/// The categories that are for other view levels or user groups than the caller's, and what lies below them.
fn forbidden(sight: &Sight) -> Categories {
    let by_level = forum_category::by_group
        .eq(false)
        .and(forum_category::view_level_id.ne_all(sight.levels.clone()));
    let by_group = forum_category::by_group
        .eq(true)
        .and(forum_category::group_id.ne_all(sight.groups.clone()));
    at_or_below(Box::new(by_level.or(by_group)))
}

/// The categories below one, at these distances; itself is at distance 0.
pub(crate) fn within(top: i64, from: i64, to: i64) -> Categories {
    forum_category_ancestor::table
        .filter(forum_category_ancestor::ancestor_id.eq(top))
        .filter(forum_category_ancestor::distance.between(from, to))
        .select(forum_category_ancestor::category_id)
        .into_boxed()
}

/// The categories that the caller may read, whether they are published or not.
fn allowed(sight: &Sight) -> Condition<forum_category::table> {
    if sight.sees_all {
        return Box::new(forum_category::id.is_not_null());
    }
    Box::new(forum_category::id.ne_all(forbidden(sight)))
}

/// The published categories that the caller may read.
pub(crate) fn published_categories(sight: &Sight) -> Condition<forum_category::table> {
    Box::new(allowed(sight).and(forum_category::id.ne_all(unpublished())))
}

/// The categories that the caller may read; those that are not published only where he moderates.
pub(crate) fn categories(sight: &Sight) -> Condition<forum_category::table> {
    if sight.manages {
        return allowed(sight);
    }
    let moderated = sight.moderated.clone();
    let open = forum_category::id
        .ne_all(unpublished())
        .or(forum_category::id.eq_any(moderated));
    Box::new(allowed(sight).and(open))
}

/// The ids of the categories that the caller may read.
pub(crate) fn ids_of_categories(
    sight: &Sight,
) -> forum_category::BoxedQuery<'static, Backend, BigInt> {
    forum_category::table
        .filter(categories(sight))
        .select(forum_category::id)
        .into_boxed()
}

/// The topics in the categories that the caller may read.
pub(crate) fn in_categories(sight: &Sight) -> Condition<forum_topic::table> {
    Box::new(forum_topic::category_id.eq_any(ids_of_categories(sight)))
}

/// The topics in a caller's categories that are shown to him: those of everybody, his own that await approval,
/// and where he moderates all that do; with `deleted` those that were deleted there, too.
pub(crate) fn topics(sight: &Sight, deleted: bool) -> Condition<forum_topic::table> {
    Box::new(in_categories(sight).and(topics_by_hold(sight, deleted)))
}

fn holds(deleted: bool) -> Vec<i64> {
    if deleted {
        vec![HELD, DELETED]
    } else {
        vec![HELD]
    }
}

/// The topics that everybody sees who sees their category.
pub(crate) fn shown_topics() -> Condition<forum_topic::table> {
    Box::new(forum_topic::hold.eq(SHOWN))
}

/// Of the topics in categories that the caller may read, those whose hold lets him see them.
pub(crate) fn topics_by_hold(sight: &Sight, deleted: bool) -> Condition<forum_topic::table> {
    Box::new(
        forum_topic::hold
            .eq(SHOWN)
            .or(topics_on_hold(sight, deleted)),
    )
}

/// Of those, the ones that not everybody sees. All of them are found by their hold, of which an index knows.
pub(crate) fn topics_on_hold(sight: &Sight, deleted: bool) -> Condition<forum_topic::table> {
    let on_hold = forum_topic::hold.eq_any(holds(deleted));
    if sight.manages {
        return Box::new(on_hold);
    }
    let own = forum_topic::hold
        .eq(HELD)
        .and(forum_topic::first_post_user_id.eq(sight.user))
        .and(forum_topic::first_post_user_id.ne(0));
    let moderated = forum_topic::category_id.eq_any(sight.moderated.clone());
    Box::new(on_hold.and(own.or(moderated)))
}

/// The messages of a topic that the caller sees.
pub(crate) fn messages(
    sight: &Sight,
    category: i64,
    deleted: bool,
) -> Condition<forum_message::table> {
    if sight.moderates(category) {
        let mut shown = holds(deleted);
        shown.push(SHOWN);
        return Box::new(forum_message::hold.eq_any(shown));
    }
    let own = forum_message::hold
        .eq(HELD)
        .and(forum_message::user_id.eq(sight.user))
        .and(forum_message::user_id.ne(0));
    Box::new(forum_message::hold.eq(SHOWN).or(own))
}
