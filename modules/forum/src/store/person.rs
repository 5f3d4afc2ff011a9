//! What is kept of one account.

use diesel::prelude::*;
use loggia_sql::Connection;

use super::message::MessageRow;
use super::schema::{
    forum_attachment, forum_message, forum_moderator, forum_subscription, forum_thanks, forum_topic,
};

/// What an account has written, oldest first.
pub(crate) fn messages(connection: &mut Connection, user: i64) -> QueryResult<Vec<MessageRow>> {
    forum_message::table
        .filter(forum_message::user_id.eq(user))
        .order(forum_message::id)
        .select(MessageRow::as_select())
        .load(connection)
}

/// The ids of these.
pub(crate) fn ids_of_messages(connection: &mut Connection, user: i64) -> QueryResult<Vec<i64>> {
    forum_message::table
        .filter(forum_message::user_id.eq(user))
        .order(forum_message::id)
        .select(forum_message::id)
        .load(connection)
}

/// The messages it has thanked for, and when.
pub(crate) fn thanks(connection: &mut Connection, user: i64) -> QueryResult<Vec<(i64, i64)>> {
    forum_thanks::table
        .filter(forum_thanks::user_id.eq(user))
        .order(forum_thanks::id)
        .select((forum_thanks::message_id, forum_thanks::time_ms))
        .load(connection)
}

/// The files it has attached, by their messages.
pub(crate) fn attachments(
    connection: &mut Connection,
    user: i64,
) -> QueryResult<Vec<(i64, String)>> {
    forum_attachment::table
        .filter(forum_attachment::user_id.eq(user))
        .order(forum_attachment::id)
        .select((forum_attachment::message_id, forum_attachment::filename))
        .load(connection)
}

/// Takes an account from everything that stays, and deletes what is only its own.
pub(crate) fn forget(connection: &mut Connection, user: i64, name: &str) -> QueryResult<()> {
    let topics = || {
        forum_message::table
            .filter(forum_message::user_id.eq(user))
            .select(forum_message::topic_id)
    };
    let first = forum_topic::table
        .filter(forum_topic::id.eq_any(topics()))
        .filter(forum_topic::first_post_user_id.eq(user));
    diesel::update(first)
        .set(forum_topic::first_post_user_id.eq(0))
        .execute(connection)?;
    let last = forum_topic::table
        .filter(forum_topic::id.eq_any(topics()))
        .filter(forum_topic::last_post_user_id.eq(user));
    diesel::update(last)
        .set(forum_topic::last_post_user_id.eq(0))
        .execute(connection)?;
    diesel::update(forum_message::table.filter(forum_message::user_id.eq(user)))
        .set((
            forum_message::user_id.eq(0),
            forum_message::name.eq(name),
            forum_message::email.eq(""),
            forum_message::ip.eq(""),
        ))
        .execute(connection)?;
    diesel::update(forum_message::table.filter(forum_message::modified_by.eq(user)))
        .set(forum_message::modified_by.eq(0))
        .execute(connection)?;
    diesel::update(forum_message::table.filter(forum_message::deleted_by.eq(user)))
        .set(forum_message::deleted_by.eq(0))
        .execute(connection)?;
    diesel::update(forum_topic::table.filter(forum_topic::deleted_by.eq(user)))
        .set(forum_topic::deleted_by.eq(0))
        .execute(connection)?;
    diesel::update(forum_attachment::table.filter(forum_attachment::user_id.eq(user)))
        .set(forum_attachment::user_id.eq(0))
        .execute(connection)?;
    diesel::delete(forum_thanks::table.filter(forum_thanks::user_id.eq(user)))
        .execute(connection)?;
    diesel::delete(forum_subscription::table.filter(forum_subscription::user_id.eq(user)))
        .execute(connection)?;
    diesel::delete(forum_moderator::table.filter(forum_moderator::user_id.eq(user)))
        .execute(connection)
        .map(drop)
}
