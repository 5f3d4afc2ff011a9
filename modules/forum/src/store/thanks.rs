//! Thanks for messages.

use diesel::prelude::*;
use loggia_sql::{Backend, Connection};

use super::schema::forum_thanks;

/// Somebody's thanks for a message.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = forum_thanks, check_for_backend(Backend))]
pub(crate) struct ThanksRow {
    pub(crate) message_id: i64,
    pub(crate) user_id: i64,
    pub(crate) name: String,
    pub(crate) time_ms: i64,
}

/// The thanks for messages, first ones first.
pub(crate) fn of_messages(
    connection: &mut Connection,
    messages: &[i64],
) -> QueryResult<Vec<ThanksRow>> {
    forum_thanks::table
        .filter(forum_thanks::message_id.eq_any(messages.to_vec()))
        .order((forum_thanks::time_ms, forum_thanks::id))
        .select(ThanksRow::as_select())
        .load(connection)
}

/// Notes somebody's thanks, once.
pub(crate) fn add(
    connection: &mut Connection,
    message: i64,
    user: i64,
    name: &str,
    time_ms: i64,
) -> QueryResult<()> {
    diesel::insert_into(forum_thanks::table)
        .values((
            forum_thanks::message_id.eq(message),
            forum_thanks::user_id.eq(user),
            forum_thanks::name.eq(name),
            forum_thanks::time_ms.eq(time_ms),
        ))
        .on_conflict_do_nothing()
        .execute(connection)
        .map(drop)
}

/// Forgets somebody's thanks.
pub(crate) fn remove(connection: &mut Connection, message: i64, user: i64) -> QueryResult<()> {
    let rows = forum_thanks::table
        .filter(forum_thanks::message_id.eq(message))
        .filter(forum_thanks::user_id.eq(user));
    diesel::delete(rows).execute(connection).map(drop)
}

/// How many thank for a message.
pub(crate) fn count(connection: &mut Connection, message: i64) -> QueryResult<i64> {
    forum_thanks::table
        .filter(forum_thanks::message_id.eq(message))
        .count()
        .get_result(connection)
}
