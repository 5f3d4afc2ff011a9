//! Files.

use diesel::prelude::*;
use loggia_sdk::Call;
use loggia_site::Page;
use loggia_sql::{Backend, Connection};

use super::schema::media_file;

/// A file.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = media_file, check_for_backend(Backend))]
#[diesel(treat_none_as_default_value = false)]
pub(crate) struct FileRow {
    pub(crate) id: i64,
    pub(crate) owner_id: i64,
    pub(crate) name: String,
    pub(crate) media_type: String,
    pub(crate) size_bytes: i64,
    pub(crate) sha256: String,
    pub(crate) width: Option<i64>,
    pub(crate) height: Option<i64>,
    pub(crate) view_level_id: i64,
    pub(crate) created_ms: i64,
    pub(crate) file_key: String,
    pub(crate) version: i64,
}

/// Which files a caller may have.
pub(crate) struct Sight {
    /// Whose files are his own, if anybody's.
    user: Option<i64>,
    /// His view levels; `None` where they are not looked at.
    levels: Option<Vec<i64>>,
}

impl Sight {
    /// All files.
    pub(crate) const ALL: Sight = Sight {
        user: None,
        levels: None,
    };

    /// The caller's own and those of his view levels; the operator's are all.
    pub(crate) fn of(call: &Call<'_>) -> Self {
        Sight {
            user: call.user(),
            levels: (!call.is_operator()).then(|| call.view_levels().to_vec()),
        }
    }
}

/// A file, where the caller may have it.
pub(crate) fn visible(
    connection: &mut Connection,
    sight: &Sight,
    id: i64,
) -> QueryResult<Option<FileRow>> {
    let mut query = media_file::table
        .filter(media_file::id.eq(id))
        .select(FileRow::as_select())
        .into_boxed();
    if let Some(levels) = &sight.levels {
        let open = media_file::view_level_id.eq_any(levels.clone());
        query = match sight.user {
            Some(user) => query.filter(open.or(media_file::owner_id.eq(user))),
            None => query.filter(open),
        };
    }
    query.first(connection).optional()
}

/// Files, whoever asks.
pub(crate) fn by_ids(connection: &mut Connection, ids: &[i64]) -> QueryResult<Vec<FileRow>> {
    media_file::table
        .filter(media_file::id.eq_any(ids.to_vec()))
        .select(FileRow::as_select())
        .load(connection)
}

/// How many files an account has, or all have.
pub(crate) fn count(connection: &mut Connection, owner: Option<i64>) -> QueryResult<i64> {
    let mut query = media_file::table.count().into_boxed();
    if let Some(owner) = owner {
        query = query.filter(media_file::owner_id.eq(owner));
    }
    query.get_result(connection)
}

/// A page of the files of an account, or of all, newest first.
pub(crate) fn page(
    connection: &mut Connection,
    owner: Option<i64>,
    page: Page,
) -> QueryResult<Vec<FileRow>> {
    let mut query = media_file::table
        .order(media_file::id.desc())
        .select(FileRow::as_select())
        .into_boxed();
    if let Some(owner) = owner {
        query = query.filter(media_file::owner_id.eq(owner));
    }
    if let Some(limit) = page.limit {
        query = query.limit(limit).offset(page.offset.unwrap_or(0));
    }
    query.load(connection)
}

/// The files behind an id.
pub(crate) fn after(
    connection: &mut Connection,
    after: i64,
    limit: i64,
) -> QueryResult<Vec<FileRow>> {
    media_file::table
        .filter(media_file::id.gt(after))
        .order(media_file::id)
        .limit(limit)
        .select(FileRow::as_select())
        .load(connection)
}

/// Adds a file and gives its id.
pub(crate) fn add(connection: &mut Connection, row: &FileRow) -> QueryResult<i64> {
    diesel::insert_into(media_file::table)
        .values((
            media_file::owner_id.eq(row.owner_id),
            media_file::name.eq(&row.name),
            media_file::media_type.eq(&row.media_type),
            media_file::size_bytes.eq(row.size_bytes),
            media_file::sha256.eq(&row.sha256),
            media_file::width.eq(row.width),
            media_file::height.eq(row.height),
            media_file::view_level_id.eq(row.view_level_id),
            media_file::created_ms.eq(row.created_ms),
            media_file::file_key.eq(&row.file_key),
            media_file::version.eq(row.version),
        ))
        .returning(media_file::id)
        .get_result(connection)
}

/// Adds a file with its id.
pub(crate) fn add_with_id(connection: &mut Connection, row: &FileRow) -> QueryResult<()> {
    diesel::insert_into(media_file::table)
        .values(row)
        .execute(connection)
        .map(drop)
}

/// Saves what may be changed of a file, if it still has the version before; `false` where it has not.
pub(crate) fn save(connection: &mut Connection, row: &FileRow, before: i64) -> QueryResult<bool> {
    let place = media_file::table.find(row.id);
    let saved = diesel::update(place.filter(media_file::version.eq(before)))
        .set((
            media_file::name.eq(&row.name),
            media_file::view_level_id.eq(row.view_level_id),
            media_file::version.eq(row.version),
        ))
        .execute(connection)?;
    Ok(saved == 1)
}

/// Deletes a file's row with those of its thumbnails; `false` where there was none.
pub(crate) fn delete(connection: &mut Connection, id: i64) -> QueryResult<bool> {
    Ok(diesel::delete(media_file::table.find(id)).execute(connection)? == 1)
}
