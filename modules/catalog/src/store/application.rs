//! Applications: a site has several catalogs beside each other.

use diesel::prelude::*;
use loggia_sql::{Backend, Connection};
use serde::{Deserialize, Serialize};

use super::schema::catalog_application;

/// An application.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, Serialize, Deserialize)]
#[diesel(table_name = catalog_application, check_for_backend(Backend))]
pub(crate) struct ApplicationRow {
    pub(crate) id: i64,
    #[diesel(embed)]
    #[serde(flatten)]
    pub(crate) facts: ApplicationFacts,
}

/// What an application is beside its id.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, AsChangeset, Serialize, Deserialize)]
#[diesel(table_name = catalog_application, check_for_backend(Backend))]
pub(crate) struct ApplicationFacts {
    pub(crate) name: String,
    pub(crate) alias: String,
    pub(crate) description: String,
    pub(crate) state: i64,
    pub(crate) view_level_id: i64,
    pub(crate) version: i64,
}

/// An application, whoever asks.
pub(crate) fn by_id(connection: &mut Connection, id: i64) -> QueryResult<Option<ApplicationRow>> {
    catalog_application::table
        .find(id)
        .select(ApplicationRow::as_select())
        .first(connection)
        .optional()
}

/// An application by its alias, whoever asks.
pub(crate) fn by_alias(
    connection: &mut Connection,
    alias: &str,
) -> QueryResult<Option<ApplicationRow>> {
    catalog_application::table
        .filter(catalog_application::alias.eq(alias))
        .select(ApplicationRow::as_select())
        .first(connection)
        .optional()
}

/// Adds an application and gives its id.
pub(crate) fn add(connection: &mut Connection, facts: &ApplicationFacts) -> QueryResult<i64> {
    diesel::insert_into(catalog_application::table)
        .values(facts)
        .returning(catalog_application::id)
        .get_result(connection)
}

/// Changes everything of an application.
pub(crate) fn save(connection: &mut Connection, row: &ApplicationRow) -> QueryResult<()> {
    diesel::update(catalog_application::table.find(row.id))
        .set(&row.facts)
        .execute(connection)
        .map(drop)
}

/// The applications of these ids.
pub(crate) fn by_ids(connection: &mut Connection, ids: &[i64]) -> QueryResult<Vec<ApplicationRow>> {
    catalog_application::table
        .filter(catalog_application::id.eq_any(ids.to_vec()))
        .select(ApplicationRow::as_select())
        .load(connection)
}

/// The applications behind an id, by their ids.
pub(crate) fn after(
    connection: &mut Connection,
    after: i64,
    limit: i64,
) -> QueryResult<Vec<ApplicationRow>> {
    catalog_application::table
        .filter(catalog_application::id.gt(after))
        .order(catalog_application::id)
        .limit(limit)
        .select(ApplicationRow::as_select())
        .load(connection)
}
