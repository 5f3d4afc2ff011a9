//! What people may say of themselves: the fields.

use diesel::prelude::*;
use loggia_sdk::Fault;
use loggia_sql::{Backend, Connection, JsonText, lock_rows};

use super::schema::profiles_field;
use crate::kind::Kind;

/// A field as its table has it.
#[derive(Clone, Debug, Queryable, Selectable, AsChangeset)]
#[diesel(table_name = profiles_field, check_for_backend(Backend))]
pub(crate) struct FieldRow {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) kind: String,
    pub(crate) options: JsonText,
    pub(crate) default_value: String,
    pub(crate) max_length: i64,
    pub(crate) required: bool,
    pub(crate) readonly: bool,
    pub(crate) published: bool,
    pub(crate) position: i64,
}

/// A field, ready to read and write values.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) kind: Kind,
    pub(crate) options: Vec<String>,
    pub(crate) default_value: String,
    pub(crate) max_length: i64,
    pub(crate) required: bool,
    pub(crate) readonly: bool,
}

impl Field {
    /// Of a row.
    pub(crate) fn read(row: FieldRow) -> Result<Self, Fault> {
        Ok(Field {
            id: row.id,
            kind: Kind::named(&row.kind)
                .ok_or_else(|| Fault::internal(format_args!("{} is no kind", row.kind)))?,
            options: serde_json::from_str(&row.options.0).map_err(Fault::internal)?,
            name: row.name,
            title: row.title,
            description: row.description,
            default_value: row.default_value,
            max_length: row.max_length,
            required: row.required,
            readonly: row.readonly,
        })
    }
}

/// The published fields in their order.
pub(crate) fn published(connection: &mut Connection) -> Result<Vec<Field>, Fault> {
    let rows: Vec<FieldRow> = profiles_field::table
        .filter(profiles_field::published.eq(true))
        .order((profiles_field::position, profiles_field::id))
        .select(FieldRow::as_select())
        .load(connection)?;
    rows.into_iter().map(Field::read).collect()
}

/// Keeps fields and values as they are until the transaction ends; the first statement of each that writes some. What
/// the search finds of a person is made of all his values, so two who write must not overlook each other.
pub(crate) fn hold(connection: &mut Connection) -> QueryResult<()> {
    let fields = profiles_field::table
        .order(profiles_field::id)
        .select(profiles_field::id);
    lock_rows(fields).load::<i64>(connection).map(drop)
}

/// A field, published or not.
pub(crate) fn by_id(connection: &mut Connection, id: i64) -> QueryResult<Option<FieldRow>> {
    profiles_field::table
        .find(id)
        .select(FieldRow::as_select())
        .first(connection)
        .optional()
}

/// A field by its name, published or not.
pub(crate) fn by_name(connection: &mut Connection, name: &str) -> QueryResult<Option<FieldRow>> {
    profiles_field::table
        .filter(profiles_field::name.eq(name))
        .select(FieldRow::as_select())
        .first(connection)
        .optional()
}

/// Adds a field and gives its id.
pub(crate) fn add(connection: &mut Connection, row: &FieldRow) -> QueryResult<i64> {
    diesel::insert_into(profiles_field::table)
        .values((
            profiles_field::name.eq(&row.name),
            profiles_field::title.eq(&row.title),
            profiles_field::description.eq(&row.description),
            profiles_field::kind.eq(&row.kind),
            profiles_field::options.eq(&row.options),
            profiles_field::default_value.eq(&row.default_value),
            profiles_field::max_length.eq(row.max_length),
            profiles_field::required.eq(row.required),
            profiles_field::readonly.eq(row.readonly),
            profiles_field::published.eq(row.published),
            profiles_field::position.eq(row.position),
        ))
        .returning(profiles_field::id)
        .get_result(connection)
}

/// Changes everything of a field.
pub(crate) fn save(connection: &mut Connection, row: &FieldRow) -> QueryResult<()> {
    diesel::update(profiles_field::table.find(row.id))
        .set(row)
        .execute(connection)
        .map(drop)
}

/// Deletes a field with all its values; `false` where there was none.
pub(crate) fn delete(connection: &mut Connection, id: i64) -> QueryResult<bool> {
    Ok(diesel::delete(profiles_field::table.find(id)).execute(connection)? == 1)
}
