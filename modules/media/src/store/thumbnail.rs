//! Thumbnails that were made.

use diesel::prelude::*;
use loggia_sql::{Backend, Connection};

use super::schema::{media_file, media_thumbnail};

/// A thumbnail.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = media_thumbnail, check_for_backend(Backend))]
pub(crate) struct ThumbnailRow {
    pub(crate) file_id: i64,
    pub(crate) width: i64,
    pub(crate) height: i64,
    pub(crate) media_type: String,
    pub(crate) file_key: String,
}

/// A file's thumbnail of a size.
pub(crate) fn find(
    connection: &mut Connection,
    file: i64,
    (width, height): (u32, u32),
) -> QueryResult<Option<ThumbnailRow>> {
    media_thumbnail::table
        .find((file, i64::from(width), i64::from(height)))
        .select(ThumbnailRow::as_select())
        .first(connection)
        .optional()
}

/// Keeps a thumbnail, if its file is there still.
pub(crate) fn keep(connection: &mut Connection, row: &ThumbnailRow) -> QueryResult<bool> {
    connection.transaction(|connection| {
        let file = media_file::table.find(row.file_id).select(media_file::id);
        let found: Option<i64> = loggia_sql::lock_rows(file)
            .get_result(connection)
            .optional()?;
        if found.is_none() {
            return Ok(false);
        }
        diesel::insert_into(media_thumbnail::table)
            .values(row)
            .on_conflict_do_nothing()
            .execute(connection)?;
        Ok(true)
    })
}

/// The keys of a file's thumbnails.
pub(crate) fn keys(connection: &mut Connection, file: i64) -> QueryResult<Vec<String>> {
    media_thumbnail::table
        .filter(media_thumbnail::file_id.eq(file))
        .select(media_thumbnail::file_key)
        .load(connection)
}
