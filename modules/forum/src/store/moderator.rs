//! Who moderates which category; category 0 stands for all.

use diesel::prelude::*;
use loggia_sql::Connection;

use super::schema::forum_moderator;

/// The categories that an account moderates.
pub(crate) fn categories_of(connection: &mut Connection, user: i64) -> QueryResult<Vec<i64>> {
    forum_moderator::table
        .filter(forum_moderator::user_id.eq(user))
        .select(forum_moderator::category_id)
        .load(connection)
}

/// Makes these accounts the moderators of a category.
pub(crate) fn save(connection: &mut Connection, category: i64, users: &[i64]) -> QueryResult<()> {
    diesel::delete(forum_moderator::table.filter(forum_moderator::category_id.eq(category)))
        .execute(connection)?;
    let rows: Vec<_> = users
        .iter()
        .map(|&user| {
            (
                forum_moderator::category_id.eq(category),
                forum_moderator::user_id.eq(user),
            )
        })
        .collect();
    diesel::insert_into(forum_moderator::table)
        .values(rows)
        .execute(connection)
        .map(drop)
}
