//! Custom fields of accounts: what there is, and what somebody has put in.

use diesel::prelude::*;
use loggia_sql::Connection;

diesel::table! {
    account_field_group (id) {
        id -> BigInt,
        title -> Text,
    }
}

diesel::table! {
    account_field (id) {
        id -> BigInt,
        name -> Text,
        title -> Text,
        label -> Text,
        kind -> Text,
        description -> Text,
        default_value -> Text,
        language -> Text,
        group_id -> Nullable<BigInt>,
        view_level_id -> BigInt,
        required -> Bool,
        editable -> Bool,
        position -> BigInt,
    }
}

diesel::table! {
    account_field_value (field_id, account_id) {
        field_id -> BigInt,
        account_id -> BigInt,
        value -> Text,
    }
}

diesel::joinable!(account_field -> account_field_group (group_id));
diesel::allow_tables_to_appear_in_same_query!(account_field, account_field_group);

/// What a custom field is.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = account_field, check_for_backend(loggia_sql::Backend))]
pub struct Field {
    /// The id.
    pub id: i64,
    /// The name in requests.
    pub name: String,
    /// The title in lists.
    pub title: String,
    /// The label in forms.
    pub label: String,
    /// The type, as Joomla calls it: `text`, `textarea`, `url`, ...
    pub kind: String,
    /// What it is for.
    pub description: String,
    /// What stands in it until somebody writes something else.
    pub default_value: String,
    /// A language tag, or `*`.
    pub language: String,
    /// The group of fields it is shown with.
    pub group_id: Option<i64>,
    /// The view level that sees it.
    pub view_level_id: i64,
    /// Whether it may not be empty.
    pub required: bool,
    /// Whether the account's owner may change it.
    pub editable: bool,
}

/// A field that is to be added.
#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = account_field, check_for_backend(loggia_sql::Backend))]
#[diesel(treat_none_as_default_value = false)]
pub struct NewField<'a> {
    /// As in [`Field`].
    pub name: &'a str,
    /// As in [`Field`].
    pub title: &'a str,
    /// As in [`Field`].
    pub label: &'a str,
    /// As in [`Field`].
    pub kind: &'a str,
    /// As in [`Field`].
    pub description: &'a str,
    /// As in [`Field`].
    pub default_value: &'a str,
    /// As in [`Field`].
    pub language: &'a str,
    /// As in [`Field`].
    pub group_id: Option<i64>,
    /// As in [`Field`].
    pub view_level_id: i64,
    /// As in [`Field`].
    pub required: bool,
    /// As in [`Field`].
    pub editable: bool,
    /// Its place among the others.
    pub position: i64,
}

/// Adds a field and gives its id.
pub fn insert(connection: &mut Connection, new: &NewField<'_>) -> QueryResult<i64> {
    diesel::insert_into(account_field::table)
        .values(new)
        .returning(account_field::id)
        .get_result(connection)
}

/// Adds a group of fields and gives its id.
pub fn insert_group(connection: &mut Connection, title: &str) -> QueryResult<i64> {
    diesel::insert_into(account_field_group::table)
        .values(account_field_group::title.eq(title))
        .returning(account_field_group::id)
        .get_result(connection)
}

/// All fields with the titles of their groups, in the order in which they are shown.
pub fn all(connection: &mut Connection) -> QueryResult<Vec<(Field, Option<String>)>> {
    account_field::table
        .left_join(account_field_group::table)
        .order((account_field::position.asc(), account_field::id.asc()))
        .select((Field::as_select(), account_field_group::title.nullable()))
        .load(connection)
}

/// What an account has in its fields, by the field's id.
pub fn values_of(connection: &mut Connection, account_id: i64) -> QueryResult<Vec<(i64, String)>> {
    account_field_value::table
        .filter(account_field_value::account_id.eq(account_id))
        .order(account_field_value::field_id.asc())
        .select((account_field_value::field_id, account_field_value::value))
        .load(connection)
}

/// Writes a value.
pub fn set_value(
    connection: &mut Connection,
    account_id: i64,
    field_id: i64,
    value: &str,
) -> QueryResult<()> {
    diesel::insert_into(account_field_value::table)
        .values((
            account_field_value::field_id.eq(field_id),
            account_field_value::account_id.eq(account_id),
            account_field_value::value.eq(value),
        ))
        .on_conflict((
            account_field_value::field_id,
            account_field_value::account_id,
        ))
        .do_update()
        .set(account_field_value::value.eq(value))
        .execute(connection)
        .map(drop)
}

/// Removes a value, so that the field's default shows again.
pub fn clear_value(connection: &mut Connection, account_id: i64, field_id: i64) -> QueryResult<()> {
    diesel::delete(account_field_value::table.find((field_id, account_id)))
        .execute(connection)
        .map(drop)
}

/// Removes all values of an account.
pub fn delete_of_account(connection: &mut Connection, account_id: i64) -> QueryResult<usize> {
    diesel::delete(
        account_field_value::table.filter(account_field_value::account_id.eq(account_id)),
    )
    .execute(connection)
}
