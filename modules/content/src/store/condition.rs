//! What may be seen, as conditions inside the statements.

use diesel::BoxableExpression;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool};
use loggia_sql::Backend;

use super::schema::{
    content_article, content_article_tag, content_category, content_category_ancestor, content_tag,
};
use crate::sight::{PUBLISHED, Sight};

/// A condition on the rows of a table.
pub(crate) type Condition<Table> = Box<dyn BoxableExpression<Table, Backend, SqlType = Bool>>;

/// The ids of some categories.
type Categories = content_category_ancestor::BoxedQuery<'static, Backend, BigInt>;

/// The categories that are not published, or lie below one that is not.
pub(crate) fn unpublished() -> Categories {
    at_or_below(Box::new(content_category::state.ne(PUBLISHED)))
}

/// The categories of other view levels than these, and what lies below them.
fn forbidden(levels: &[i64]) -> Categories {
    at_or_below(Box::new(
        content_category::view_level_id.ne_all(levels.to_vec()),
    ))
}

fn at_or_below(condition: Condition<content_category::table>) -> Categories {
    let tops = content_category::table
        .filter(condition)
        .select(content_category::id)
        .into_boxed::<Backend>();
    content_category_ancestor::table
        .filter(content_category_ancestor::ancestor_id.eq_any(tops))
        .select(content_category_ancestor::category_id)
        .into_boxed()
}

/// The categories below one, down to a distance; itself is at distance 0.
pub(crate) fn within(top: i64, from: i64, to: i64) -> Categories {
    content_category_ancestor::table
        .filter(content_category_ancestor::ancestor_id.eq(top))
        .filter(content_category_ancestor::distance.between(from, to))
        .select(content_category_ancestor::category_id)
        .into_boxed()
}

/// The categories that a caller may see: published and of his view levels, as all above them.
pub(crate) fn categories(levels: &[i64]) -> Condition<content_category::table> {
    Box::new(
        content_category::id
            .ne_all(unpublished())
            .and(content_category::id.ne_all(forbidden(levels))),
    )
}

/// The categories of these view levels, as all above them, where some are given.
pub(crate) fn categories_of(levels: Option<&[i64]>) -> Condition<content_category::table> {
    match levels {
        Some(levels) => Box::new(content_category::id.ne_all(forbidden(levels))),
        None => Box::new(content_category::id.is_not_null()),
    }
}

/// The articles that a caller may see.
pub(crate) fn articles(sight: &Sight) -> Condition<content_article::table> {
    let mut seen = in_state(sight.state);
    if let Some(levels) = &sight.levels {
        let allowed = content_article::view_level_id
            .eq_any(levels.clone())
            .and(content_article::category_id.ne_all(forbidden(levels)));
        seen = Box::new(seen.and(allowed));
    }
    if let Some(now_ms) = sight.now_ms {
        seen = Box::new(seen.and(in_time(now_ms)));
    }
    if let Some(language) = &sight.language {
        let languages = vec![language.clone(), "*".to_owned()];
        seen = Box::new(seen.and(content_article::language.eq_any(languages)));
    }
    seen
}

fn in_state(state: Option<i64>) -> Condition<content_article::table> {
    let in_unpublished = content_article::category_id.eq_any(unpublished());
    match state {
        Some(0) => Box::new(content_article::state.eq(0).or(in_unpublished)),
        Some(state) => Box::new(
            content_article::state
                .eq(state)
                .and(content_article::category_id.ne_all(unpublished())),
        ),
        None => Box::new(content_article::id.is_not_null()),
    }
}

fn in_time(now_ms: i64) -> Condition<content_article::table> {
    let begun = content_article::publish_up_ms
        .is_null()
        .or(content_article::publish_up_ms.assume_not_null().le(now_ms));
    let lasting = content_article::publish_down_ms
        .is_null()
        .or(content_article::publish_down_ms
            .assume_not_null()
            .gt(now_ms));
    Box::new(begun.and(lasting))
}

/// The articles that carry one of these tags, as far as a caller may see the tags.
pub(crate) fn tagged(ids: &[i64], levels: Option<&[i64]>) -> Condition<content_article::table> {
    let mut tags = content_tag::table
        .filter(content_tag::id.eq_any(ids.to_vec()))
        .filter(content_tag::state.eq(PUBLISHED))
        .select(content_tag::id)
        .into_boxed();
    if let Some(levels) = levels {
        tags = tags.filter(content_tag::view_level_id.eq_any(levels.to_vec()));
    }
    let carriers = content_article_tag::table
        .filter(content_article_tag::tag_id.eq_any(tags))
        .select(content_article_tag::article_id);
    Box::new(content_article::id.eq_any(carriers))
}
