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
