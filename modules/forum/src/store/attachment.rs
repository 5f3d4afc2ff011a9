//! What is known of files that are attached to messages.

use diesel::prelude::*;
use loggia_sql::{Backend, Connection};

use super::schema::forum_attachment;

/// A file of a message.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = forum_attachment, check_for_backend(Backend))]
pub(crate) struct AttachmentRow {
    pub(crate) id: i64,
    pub(crate) message_id: i64,
    pub(crate) filename: String,
    pub(crate) media_type: String,
    pub(crate) size: i64,
    pub(crate) hash: String,
    pub(crate) path: String,
    pub(crate) comment: String,
}

/// A file that is to be attached.
#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = forum_attachment)]
pub(crate) struct Attachment {
    pub(crate) message_id: i64,
    pub(crate) user_id: i64,
    pub(crate) filename: String,
    pub(crate) media_type: String,
    pub(crate) size: i64,
    pub(crate) hash: String,
    /// Where it is: `media:` and its id, or where the forum that was moved in had it.
    pub(crate) path: String,
    pub(crate) comment: String,
}

/// The files of messages, in the order in which they were attached.
pub(crate) fn of_messages(
    connection: &mut Connection,
    messages: &[i64],
) -> QueryResult<Vec<AttachmentRow>> {
    forum_attachment::table
        .filter(forum_attachment::message_id.eq_any(messages.to_vec()))
        .order(forum_attachment::id)
        .select(AttachmentRow::as_select())
        .load(connection)
}

/// How many files a message has.
pub(crate) fn count(connection: &mut Connection, message: i64) -> QueryResult<i64> {
    forum_attachment::table
        .filter(forum_attachment::message_id.eq(message))
        .count()
        .get_result(connection)
}

/// Attaches a file and gives the attachment's id.
pub(crate) fn add(connection: &mut Connection, row: &Attachment) -> QueryResult<i64> {
    diesel::insert_into(forum_attachment::table)
        .values(row)
        .returning(forum_attachment::id)
        .get_result(connection)
}

/// The message of an attachment.
pub(crate) fn message_of(connection: &mut Connection, id: i64) -> QueryResult<Option<i64>> {
    forum_attachment::table
        .find(id)
        .select(forum_attachment::message_id)
        .first(connection)
        .optional()
}

/// Takes a file off its message; `false` where somebody has just done so.
pub(crate) fn remove(connection: &mut Connection, id: i64) -> QueryResult<bool> {
    Ok(diesel::delete(forum_attachment::table.find(id)).execute(connection)? == 1)
}
