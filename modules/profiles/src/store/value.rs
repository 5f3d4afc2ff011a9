//! What people have said of themselves: the values.

use std::collections::HashMap;

use diesel::prelude::*;
use loggia_sql::Connection;

use super::IDS;
use super::schema::{profiles_field, profiles_value};

/// The values of one account by the ids of their fields.
pub(crate) type Values = HashMap<i64, String>;

/// The values of some accounts in some fields, by account.
pub(crate) fn of_accounts(
    connection: &mut Connection,
    accounts: &[i64],
    fields: &[i64],
) -> QueryResult<HashMap<i64, Values>> {
    let mut values: HashMap<i64, Values> = HashMap::new();
    if fields.is_empty() {
        return Ok(values);
    }
    for accounts in accounts.chunks(IDS) {
        let rows: Vec<(i64, i64, String)> = profiles_value::table
            .filter(profiles_value::account_id.eq_any(accounts.to_vec()))
            .filter(profiles_value::field_id.eq_any(fields.to_vec()))
            .select((
                profiles_value::account_id,
                profiles_value::field_id,
                profiles_value::value,
            ))
            .load(connection)?;
        for (account, field, value) in rows {
            values.entry(account).or_default().insert(field, value);
        }
    }
    Ok(values)
}

/// The accounts behind an id that have a value, at most so many.
pub(crate) fn accounts(
    connection: &mut Connection,
    after: i64,
    limit: i64,
) -> QueryResult<Vec<i64>> {
    profiles_value::table
        .filter(profiles_value::account_id.gt(after))
        .order(profiles_value::account_id)
        .select(profiles_value::account_id)
        .distinct()
        .limit(limit)
        .load(connection)
}

/// All accounts that have a value in one of these fields.
pub(crate) fn accounts_with(connection: &mut Connection, fields: &[i64]) -> QueryResult<Vec<i64>> {
    profiles_value::table
        .filter(profiles_value::field_id.eq_any(fields.to_vec()))
        .order(profiles_value::account_id)
        .select(profiles_value::account_id)
        .distinct()
        .load(connection)
}

/// Writes a value, or takes it away.
pub(crate) fn put(
    connection: &mut Connection,
    account: i64,
    field: i64,
    value: Option<&str>,
) -> QueryResult<()> {
    let Some(value) = value else {
        return diesel::delete(profiles_value::table.find((account, field)))
            .execute(connection)
            .map(drop);
    };
    diesel::insert_into(profiles_value::table)
        .values((
            profiles_value::account_id.eq(account),
            profiles_value::field_id.eq(field),
            profiles_value::value.eq(value),
        ))
        .on_conflict((profiles_value::account_id, profiles_value::field_id))
        .do_update()
        .set(profiles_value::value.eq(value))
        .execute(connection)
        .map(drop)
}

/// All values of an account with the names of their fields, published or not.
pub(crate) fn named(
    connection: &mut Connection,
    account: i64,
) -> QueryResult<Vec<(String, String)>> {
    profiles_value::table
        .inner_join(profiles_field::table)
        .filter(profiles_value::account_id.eq(account))
        .order(profiles_field::name)
        .select((profiles_field::name, profiles_value::value))
        .load(connection)
}

/// Deletes all values of an account; how many they were.
pub(crate) fn erase(connection: &mut Connection, account: i64) -> QueryResult<usize> {
    diesel::delete(profiles_value::table.filter(profiles_value::account_id.eq(account)))
        .execute(connection)
}
