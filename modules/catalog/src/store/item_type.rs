//! Types of items: each a list of element definitions, in a JSON column of its row.

use diesel::prelude::*;
use loggia_site::records::document;
use loggia_sql::{Backend, Connection, JsonText};
use serde::{Deserialize, Serialize};

use super::schema::catalog_type;

/// A type.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, Serialize, Deserialize)]
#[diesel(table_name = catalog_type, check_for_backend(Backend))]
pub(crate) struct TypeRow {
    pub(crate) id: i64,
    #[diesel(embed)]
    #[serde(flatten)]
    pub(crate) facts: TypeFacts,
}

/// What a type is beside its id.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, AsChangeset, Serialize, Deserialize)]
#[diesel(table_name = catalog_type, check_for_backend(Backend))]
pub(crate) struct TypeFacts {
    pub(crate) application_id: i64,
    pub(crate) identifier: String,
    pub(crate) name: String,
    #[serde(with = "document")]
    pub(crate) elements: JsonText,
    pub(crate) version: i64,
}

/// A type.
pub(crate) fn by_id(connection: &mut Connection, id: i64) -> QueryResult<Option<TypeRow>> {
    catalog_type::table
        .find(id)
        .select(TypeRow::as_select())
        .first(connection)
        .optional()
}

/// A type of an application by its identifier.
pub(crate) fn by_identifier(
    connection: &mut Connection,
    application: i64,
    identifier: &str,
) -> QueryResult<Option<TypeRow>> {
    catalog_type::table
        .filter(catalog_type::application_id.eq(application))
        .filter(catalog_type::identifier.eq(identifier))
        .select(TypeRow::as_select())
        .first(connection)
        .optional()
}

/// All types of an application, by their names.
pub(crate) fn of_application(
    connection: &mut Connection,
    application: i64,
) -> QueryResult<Vec<TypeRow>> {
    catalog_type::table
        .filter(catalog_type::application_id.eq(application))
        .order((catalog_type::name, catalog_type::id))
        .select(TypeRow::as_select())
        .load(connection)
}

/// Adds a type and gives its id.
pub(crate) fn add(connection: &mut Connection, facts: &TypeFacts) -> QueryResult<i64> {
    diesel::insert_into(catalog_type::table)
        .values(facts)
        .returning(catalog_type::id)
        .get_result(connection)
}

/// Changes everything of a type.
pub(crate) fn save(connection: &mut Connection, row: &TypeRow) -> QueryResult<()> {
    diesel::update(catalog_type::table.find(row.id))
        .set(&row.facts)
        .execute(connection)
        .map(drop)
}

/// The types of these ids.
pub(crate) fn among(connection: &mut Connection, ids: &[i64]) -> QueryResult<Vec<TypeRow>> {
    catalog_type::table
        .filter(catalog_type::id.eq_any(ids.to_vec()))
        .select(TypeRow::as_select())
        .load(connection)
}

/// The types behind an id, by their ids.
pub(crate) fn after(
    connection: &mut Connection,
    after: i64,
    limit: i64,
) -> QueryResult<Vec<TypeRow>> {
    catalog_type::table
        .filter(catalog_type::id.gt(after))
        .order(catalog_type::id)
        .limit(limit)
        .select(TypeRow::as_select())
        .load(connection)
}
