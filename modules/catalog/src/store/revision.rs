//! What items were like: a snapshot for each of their versions, as long as they are kept.

use diesel::prelude::*;
use loggia_site::records::document;
use loggia_sql::{Backend, Connection, JsonText};
use serde::{Deserialize, Serialize};

use super::schema::catalog_revision;

/// A revision.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, Serialize, Deserialize)]
#[diesel(table_name = catalog_revision, check_for_backend(Backend))]
pub(crate) struct RevisionRow {
    pub(crate) id: i64,
    #[diesel(embed)]
    #[serde(flatten)]
    pub(crate) facts: RevisionFacts,
}

/// What a revision is beside its id.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, AsChangeset, Serialize, Deserialize)]
#[diesel(table_name = catalog_revision, check_for_backend(Backend))]
pub(crate) struct RevisionFacts {
    pub(crate) item_id: i64,
    pub(crate) version: i64,
    pub(crate) act: String,
    pub(crate) saved_ms: i64,
    pub(crate) saved_by: i64,
    #[serde(with = "document")]
    pub(crate) snapshot: JsonText,
}

/// A revision.
pub(crate) fn by_id(connection: &mut Connection, id: i64) -> QueryResult<Option<RevisionRow>> {
    catalog_revision::table
        .find(id)
        .select(RevisionRow::as_select())
        .first(connection)
        .optional()
}

/// The revision of an item before a version, the newest of them.
pub(crate) fn before(
    connection: &mut Connection,
    item: i64,
    version: i64,
) -> QueryResult<Option<RevisionRow>> {
    catalog_revision::table
        .filter(catalog_revision::item_id.eq(item))
        .filter(catalog_revision::version.lt(version))
        .order(catalog_revision::version.desc())
        .select(RevisionRow::as_select())
        .first(connection)
        .optional()
}

/// The revisions of an item, newest first.
pub(crate) fn of_item(connection: &mut Connection, item: i64) -> QueryResult<Vec<RevisionRow>> {
    catalog_revision::table
        .filter(catalog_revision::item_id.eq(item))
        .order(catalog_revision::version.desc())
        .select(RevisionRow::as_select())
        .load(connection)
}

/// Adds a revision, unless the item has one of its version.
pub(crate) fn add(connection: &mut Connection, facts: &RevisionFacts) -> QueryResult<()> {
    diesel::insert_into(catalog_revision::table)
        .values(facts)
        .on_conflict((catalog_revision::item_id, catalog_revision::version))
        .do_nothing()
        .execute(connection)
        .map(drop)
}

/// Forgets the revisions of an item up to a version.
pub(crate) fn forget(connection: &mut Connection, item: i64, version: i64) -> QueryResult<()> {
    diesel::delete(
        catalog_revision::table
            .filter(catalog_revision::item_id.eq(item))
            .filter(catalog_revision::version.le(version)),
    )
    .execute(connection)
    .map(drop)
}

/// The revisions that an account has saved, oldest first.
pub(crate) fn of_person(connection: &mut Connection, user: i64) -> QueryResult<Vec<RevisionRow>> {
    catalog_revision::table
        .filter(catalog_revision::saved_by.eq(user))
        .order(catalog_revision::id)
        .select(RevisionRow::as_select())
        .load(connection)
}

/// Takes an account's id from the revisions it has saved; how many they were.
pub(crate) fn forget_person(connection: &mut Connection, user: i64) -> QueryResult<usize> {
    diesel::update(catalog_revision::table.filter(catalog_revision::saved_by.eq(user)))
        .set(catalog_revision::saved_by.eq(0))
        .execute(connection)
}

/// The revisions behind an id, by their ids.
pub(crate) fn after(
    connection: &mut Connection,
    after: i64,
    limit: i64,
) -> QueryResult<Vec<RevisionRow>> {
    catalog_revision::table
        .filter(catalog_revision::id.gt(after))
        .order(catalog_revision::id)
        .limit(limit)
        .select(RevisionRow::as_select())
        .load(connection)
}
