//! Accounts with their groups and fields, and their passwords apart.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use loggia_sql::Connection;
use serde::{Deserialize, Serialize};

use super::Unwritten;
use crate::store::account_table::account;
use crate::store::fields::{account_field, account_field_value};
use crate::store::groups::{account_group, user_group};
use crate::store::search_person;

/// The name of accounts among the kinds of records.
pub const KIND: &str = "account";

/// An account but for its password.
#[derive(Debug, Serialize, Deserialize)]
pub struct AccountRecord {
    #[serde(flatten)]
    row: AccountRow,
    /// The ids of the groups it was put into, ascending.
    groups: Vec<i64>,
    /// What it has in its custom fields, by their ids; what is not given stays.
    fields: Option<BTreeMap<i64, String>>,
}

#[derive(Debug, Serialize, Deserialize, Queryable, Selectable, AsChangeset)]
#[diesel(table_name = account, check_for_backend(loggia_sql::Backend), treat_none_as_null = true)]
struct AccountRow {
    id: i64,
    username: String,
    name: String,
    email: String,
    blocked: bool,
    language: String,
    created_ms: i64,
    last_visit_ms: Option<i64>,
}

/// The hash of an account's password.
#[derive(Serialize, Deserialize, Queryable)]
pub struct PasswordRecord {
    /// The account's id.
    id: i64,
    /// The hash; empty where no password is right.
    password_hash: String,
}

/// What two accounts must not share.
#[derive(Debug)]
pub struct Keys {
    /// The user name without regard to case.
    pub username: String,
    /// The address without regard to case.
    pub email: String,
}

impl AccountRecord {
    /// The id.
    pub fn id(&self) -> i64 {
        self.row.id
    }

    /// The user name.
    pub fn username(&self) -> &str {
        &self.row.username
    }

    /// The address.
    pub fn email(&self) -> &str {
        &self.row.email
    }

    /// The accounts behind an id.
    pub fn page(connection: &mut Connection, after: i64, limit: i64) -> QueryResult<Vec<Self>> {
        let rows: Vec<AccountRow> = account::table
            .filter(account::id.gt(after))
            .order(account::id)
            .limit(limit)
            .select(AccountRow::as_select())
            .load(connection)?;
        let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
        let (mut groups, mut fields) = (groups(connection, &ids)?, fields(connection, &ids)?);
        let records = rows.into_iter().map(|row| Self {
            groups: groups.remove(&row.id).unwrap_or_default(),
            fields: Some(fields.remove(&row.id).unwrap_or_default()),
            row,
        });
        Ok(records.collect())
    }

    /// Adds or replaces the account, with the keys made of its user name and address. A new one has no password yet.
    pub fn put(&self, connection: &mut Connection, keys: &Keys) -> Result<(), Unwritten> {
        let row = &self.row;
        let changed = diesel::update(account::table.find(row.id))
            .set((
                row,
                account::username_key.eq(&keys.username),
                account::email_key.eq(&keys.email),
            ))
            .execute(connection)?;
        if changed == 0 {
            self.add(connection, keys)?;
        }
        search_person::follow(connection, row.id)?;
        self.put_groups(connection)?;
        self.put_fields(connection)
    }

    fn add(&self, connection: &mut Connection, keys: &Keys) -> QueryResult<()> {
        let row = &self.row;
        diesel::insert_into(account::table)
            .values((
                account::id.eq(row.id),
                account::username.eq(&row.username),
                account::username_key.eq(&keys.username),
                account::name.eq(&row.name),
                account::email.eq(&row.email),
                account::email_key.eq(&keys.email),
                account::password_hash.eq(""),
                account::blocked.eq(row.blocked),
                account::language.eq(&row.language),
                account::created_ms.eq(row.created_ms),
                account::last_visit_ms.eq(row.last_visit_ms),
            ))
            .execute(connection)
            .map(drop)
    }

    fn put_groups(&self, connection: &mut Connection) -> Result<(), Unwritten> {
        let wanted: BTreeSet<i64> = self.groups.iter().copied().collect();
        let known: BTreeSet<i64> = user_group::table
            .filter(user_group::id.eq_any(self.groups.clone()))
            .select(user_group::id)
            .load(connection)?
            .into_iter()
            .collect();
        if let Some(unknown) = wanted.difference(&known).next() {
            return Err(Unwritten::rule(format!("there is no group {unknown}")));
        }
        let old = account_group::table.filter(account_group::account_id.eq(self.row.id));
        diesel::delete(old).execute(connection)?;
        for group in wanted {
            diesel::insert_into(account_group::table)
                .values((
                    account_group::account_id.eq(self.row.id),
                    account_group::group_id.eq(group),
                ))
                .execute(connection)?;
        }
        Ok(())
    }

    fn put_fields(&self, connection: &mut Connection) -> Result<(), Unwritten> {
        let Some(fields) = &self.fields else {
            return Ok(());
        };
        let ids: Vec<i64> = fields.keys().copied().collect();
        let known: i64 = account_field::table
            .filter(account_field::id.eq_any(ids))
            .count()
            .get_result(connection)?;
        if usize::try_from(known) != Ok(fields.len()) {
            return Err(Unwritten::rule(
                "it has a value in a field that is not there",
            ));
        }
        let old =
            account_field_value::table.filter(account_field_value::account_id.eq(self.row.id));
        diesel::delete(old).execute(connection)?;
        for (field, value) in fields {
            diesel::insert_into(account_field_value::table)
                .values((
                    account_field_value::account_id.eq(self.row.id),
                    account_field_value::field_id.eq(field),
                    account_field_value::value.eq(value),
                ))
                .execute(connection)?;
        }
        Ok(())
    }
}

impl PasswordRecord {
    /// The account's id.
    pub fn id(&self) -> i64 {
        self.id
    }

    /// The passwords of the accounts behind an id that have one.
    pub fn page(connection: &mut Connection, after: i64, limit: i64) -> QueryResult<Vec<Self>> {
        account::table
            .filter(account::id.gt(after))
            .filter(account::password_hash.ne(""))
            .order(account::id)
            .limit(limit)
            .select((account::id, account::password_hash))
            .load(connection)
    }

    /// Gives an account this password.
    pub fn put(&self, connection: &mut Connection) -> Result<(), Unwritten> {
        let changed = diesel::update(account::table.find(self.id))
            .set(account::password_hash.eq(&self.password_hash))
            .execute(connection)?;
        if changed == 0 {
            return Err(Unwritten::rule("there is no such account"));
        }
        Ok(())
    }
}

fn groups(connection: &mut Connection, accounts: &[i64]) -> QueryResult<BTreeMap<i64, Vec<i64>>> {
    let rows: Vec<(i64, i64)> = account_group::table
        .filter(account_group::account_id.eq_any(accounts.to_vec()))
        .order(account_group::group_id)
        .select((account_group::account_id, account_group::group_id))
        .load(connection)?;
    let mut found: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    for (account, group) in rows {
        found.entry(account).or_default().push(group);
    }
    Ok(found)
}

fn fields(
    connection: &mut Connection,
    accounts: &[i64],
) -> QueryResult<BTreeMap<i64, BTreeMap<i64, String>>> {
    let rows: Vec<(i64, i64, String)> = account_field_value::table
        .filter(account_field_value::account_id.eq_any(accounts.to_vec()))
        .select((
            account_field_value::account_id,
            account_field_value::field_id,
            account_field_value::value,
        ))
        .load(connection)?;
    let mut found: BTreeMap<i64, BTreeMap<i64, String>> = BTreeMap::new();
    for (account, field, value) in rows {
        found.entry(account).or_default().insert(field, value);
    }
    Ok(found)
}
