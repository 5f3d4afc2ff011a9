//! Whole rows, for moving in and out: read by their ids, written with them.

use std::collections::{BTreeMap, HashMap};

use diesel::prelude::*;
use loggia_sdk::prelude::{Deserialize, Serialize};
use loggia_site::records::{Unwritten, document};
use loggia_sql::{Backend, Connection, JsonText};

use super::field::FieldRow;
use super::schema::{profiles_field, profiles_value};
use super::value;

/// A field.
#[derive(Debug, Serialize, Deserialize, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = profiles_field, check_for_backend(Backend))]
pub(crate) struct FieldRecord {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) kind: String,
    #[serde(with = "document")]
    pub(crate) options: JsonText,
    pub(crate) default_value: String,
    pub(crate) max_length: i64,
    pub(crate) required: bool,
    pub(crate) readonly: bool,
    pub(crate) published: bool,
    pub(crate) position: i64,
}

impl From<&FieldRecord> for FieldRow {
    fn from(record: &FieldRecord) -> Self {
        FieldRow {
            id: record.id,
            name: record.name.clone(),
            title: record.title.clone(),
            description: record.description.clone(),
            kind: record.kind.clone(),
            options: record.options.clone(),
            default_value: record.default_value.clone(),
            max_length: record.max_length,
            required: record.required,
            readonly: record.readonly,
            published: record.published,
            position: record.position,
        }
    }
}

/// What stands in the fields of one account.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ProfileRecord {
    /// The account's id.
    pub(crate) id: i64,
    /// The values as they are kept, by the names of their fields.
    pub(crate) values: BTreeMap<String, String>,
}

/// The fields behind an id.
pub(crate) fn fields(
    connection: &mut Connection,
    after: i64,
    limit: i64,
) -> QueryResult<Vec<FieldRecord>> {
    profiles_field::table
        .filter(profiles_field::id.gt(after))
        .order(profiles_field::id)
        .limit(limit)
        .select(FieldRecord::as_select())
        .load(connection)
}

/// The profiles of the accounts behind an id.
pub(crate) fn profiles(
    connection: &mut Connection,
    after: i64,
    limit: i64,
) -> QueryResult<Vec<ProfileRecord>> {
    let accounts = value::accounts(connection, after, limit)?;
    let values: Vec<(i64, String, String)> = profiles_value::table
        .inner_join(profiles_field::table)
        .filter(profiles_value::account_id.eq_any(accounts.clone()))
        .select((
            profiles_value::account_id,
            profiles_field::name,
            profiles_value::value,
        ))
        .load(connection)?;
    let mut by_account: HashMap<i64, BTreeMap<String, String>> = HashMap::new();
    for (account, name, value) in values {
        by_account.entry(account).or_default().insert(name, value);
    }
    let profiles = accounts.into_iter().map(|id| ProfileRecord {
        id,
        values: by_account.remove(&id).unwrap_or_default(),
    });
    Ok(profiles.collect())
}

/// The ids of all fields by their names.
pub(crate) fn names(connection: &mut Connection) -> QueryResult<HashMap<String, i64>> {
    let names: Vec<(String, i64)> = profiles_field::table
        .select((profiles_field::name, profiles_field::id))
        .load(connection)?;
    Ok(names.into_iter().collect())
}

/// Adds or replaces a field.
pub(crate) fn put_field(connection: &mut Connection, record: &FieldRecord) -> QueryResult<()> {
    diesel::insert_into(profiles_field::table)
        .values(record)
        .on_conflict(profiles_field::id)
        .do_update()
        .set(record)
        .execute(connection)
        .map(drop)
}

/// Replaces everything that stands in the fields of an account.
pub(crate) fn put_profile(
    connection: &mut Connection,
    names: &HashMap<String, i64>,
    record: &ProfileRecord,
) -> Result<(), Unwritten> {
    value::erase(connection, record.id)?;
    for (name, text) in &record.values {
        let field = names
            .get(name)
            .ok_or_else(|| Unwritten::Rule(format!("{name} is no field")))?;
        value::put(connection, record.id, *field, Some(text))?;
    }
    Ok(())
}

/// Deletes fields with everything that stands in them.
pub(crate) fn delete_fields(connection: &mut Connection, ids: &[i64]) -> QueryResult<usize> {
    diesel::delete(profiles_field::table.filter(profiles_field::id.eq_any(ids.to_vec())))
        .execute(connection)
}

/// Empties the fields of accounts; how many accounts had something in them.
pub(crate) fn delete_profiles(connection: &mut Connection, ids: &[i64]) -> QueryResult<usize> {
    let mut gone = 0;
    for id in ids {
        gone += usize::from(value::erase(connection, *id)? > 0);
    }
    Ok(gone)
}
