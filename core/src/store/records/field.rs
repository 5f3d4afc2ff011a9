//! Custom fields of accounts, and their groups.

use diesel::prelude::*;
use loggia_sql::Connection;
use serde::{Deserialize, Serialize};

use super::Unwritten;
use crate::store::fields::{account_field, account_field_group};

/// A group of fields.
#[derive(Debug, Serialize, Deserialize, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = account_field_group, check_for_backend(loggia_sql::Backend))]
pub struct FieldGroupRecord {
    id: i64,
    title: String,
}

/// A field.
#[derive(Debug, Serialize, Deserialize, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = account_field, check_for_backend(loggia_sql::Backend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct FieldRecord {
    id: i64,
    name: String,
    title: String,
    label: String,
    kind: String,
    description: String,
    default_value: String,
    language: String,
    group_id: Option<i64>,
    view_level_id: i64,
    required: bool,
    editable: bool,
    position: i64,
}

impl FieldGroupRecord {
    /// The id.
    pub fn id(&self) -> i64 {
        self.id
    }

    /// The groups of fields behind an id.
    pub fn page(connection: &mut Connection, after: i64, limit: i64) -> QueryResult<Vec<Self>> {
        account_field_group::table
            .filter(account_field_group::id.gt(after))
            .order(account_field_group::id)
            .limit(limit)
            .select(Self::as_select())
            .load(connection)
    }

    /// Adds or replaces the group of fields.
    pub fn put(&self, connection: &mut Connection) -> Result<(), Unwritten> {
        diesel::insert_into(account_field_group::table)
            .values(self)
            .on_conflict(account_field_group::id)
            .do_update()
            .set(self)
            .execute(connection)?;
        Ok(())
    }

    /// Deletes groups of fields.
    pub fn delete(connection: &mut Connection, ids: &[i64]) -> QueryResult<usize> {
        let gone = account_field_group::table.filter(account_field_group::id.eq_any(ids.to_vec()));
        diesel::delete(gone).execute(connection)
    }
}

impl FieldRecord {
    /// The id.
    pub fn id(&self) -> i64 {
        self.id
    }

    /// The fields behind an id.
    pub fn page(connection: &mut Connection, after: i64, limit: i64) -> QueryResult<Vec<Self>> {
        account_field::table
            .filter(account_field::id.gt(after))
            .order(account_field::id)
            .limit(limit)
            .select(Self::as_select())
            .load(connection)
    }

    /// Adds or replaces the field.
    pub fn put(&self, connection: &mut Connection) -> Result<(), Unwritten> {
        diesel::insert_into(account_field::table)
            .values(self)
            .on_conflict(account_field::id)
            .do_update()
            .set(self)
            .execute(connection)?;
        Ok(())
    }

    /// Deletes fields with what stands in them.
    pub fn delete(connection: &mut Connection, ids: &[i64]) -> QueryResult<usize> {
        diesel::delete(account_field::table.filter(account_field::id.eq_any(ids.to_vec())))
            .execute(connection)
    }
}
