//! Accounts: who somebody is and how he is found. What the search finds of an account is written with it.

use diesel::prelude::*;
use loggia_sql::Connection;

use super::account_table::account;
use super::search_person;

#[diesel::declare_sql_function]
extern "SQL" {
    fn lower(text: diesel::sql_types::Text) -> diesel::sql_types::Text;
}

/// One account.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = account, check_for_backend(loggia_sql::Backend))]
pub struct Account {
    /// The id; never used again for somebody else.
    pub id: i64,
    /// The user name as it was typed.
    pub username: String,
    /// The person's name.
    pub name: String,
    /// The e-mail address, its domain in the form the mail servers use.
    pub email: String,
    /// The hash of the password; empty where no password is right.
    pub password_hash: String,
    /// Whether log-in is refused: by an operator, or because the account was not enabled yet.
    pub blocked: bool,
    /// A language tag, or `*`.
    pub language: String,
    /// When the account was made.
    pub created_ms: i64,
    /// When its owner last logged in.
    pub last_visit_ms: Option<i64>,
}

/// An account that is to be added. The keys are what two accounts must not share.
#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = account, check_for_backend(loggia_sql::Backend))]
pub struct NewAccount<'a> {
    /// As in [`Account`].
    pub username: &'a str,
    /// The user name without regard to case.
    pub username_key: &'a str,
    /// As in [`Account`].
    pub name: &'a str,
    /// As in [`Account`].
    pub email: &'a str,
    /// The address without regard to case.
    pub email_key: &'a str,
    /// As in [`Account`].
    pub password_hash: &'a str,
    /// As in [`Account`].
    pub blocked: bool,
    /// As in [`Account`].
    pub language: &'a str,
    /// As in [`Account`].
    pub created_ms: i64,
}

/// What an owner or an operator may change of an account; what is `None` stays.
#[derive(Clone, Debug, Default, AsChangeset)]
#[diesel(table_name = account, check_for_backend(loggia_sql::Backend))]
pub struct Change<'a> {
    /// As in [`Account`].
    pub username: Option<&'a str>,
    /// Goes with `username`.
    pub username_key: Option<&'a str>,
    /// As in [`Account`].
    pub name: Option<&'a str>,
    /// As in [`Account`].
    pub email: Option<&'a str>,
    /// Goes with `email`.
    pub email_key: Option<&'a str>,
    /// As in [`Account`].
    pub language: Option<&'a str>,
}

impl Change<'_> {
    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        let Self {
            username,
            name,
            email,
            language,
            ..
        } = self;
        [username, name, email, language]
            .iter()
            .all(|one| one.is_none())
    }
}

/// The account of an id.
pub fn by_id(connection: &mut Connection, id: i64) -> QueryResult<Option<Account>> {
    account::table
        .find(id)
        .select(Account::as_select())
        .first(connection)
        .optional()
}

/// The account of a user name, as a key.
pub fn by_username_key(connection: &mut Connection, key: &str) -> QueryResult<Option<Account>> {
    account::table
        .filter(account::username_key.eq(key))
        .select(Account::as_select())
        .first(connection)
        .optional()
}

/// The account of an address, as a key.
pub fn by_email_key(connection: &mut Connection, key: &str) -> QueryResult<Option<Account>> {
    account::table
        .filter(account::email_key.eq(key))
        .select(Account::as_select())
        .first(connection)
        .optional()
}

/// The accounts whose key of user name or address, or whose name, contains a text; all for an empty one.
pub fn search(
    connection: &mut Connection,
    text: &str,
    limit: i64,
    offset: i64,
) -> QueryResult<Vec<Account>> {
    let pattern = format!("%{}%", escaped(&text.to_lowercase()));
    account::table
        .filter(
            account::username_key
                .like(pattern.clone())
                .escape('\\')
                .or(account::email_key.like(pattern.clone()).escape('\\'))
                .or(lower(account::name).like(pattern).escape('\\')),
        )
        .order(account::id.asc())
        .limit(limit)
        .offset(offset)
        .select(Account::as_select())
        .load(connection)
}

/// How many accounts there are, with the blocked ones or without.
pub fn count(connection: &mut Connection, with_blocked: bool) -> QueryResult<i64> {
    let all: i64 = account::table.count().get_result(connection)?;
    if with_blocked {
        return Ok(all);
    }
    // Few are blocked, and a database counts all of a table faster than many of it.
    let blocked: i64 = account::table
        .filter(account::blocked.eq(true))
        .count()
        .get_result(connection)?;
    Ok(all - blocked)
}

/// A page of the accounts by id, with the blocked ones or without; all where there is no limit.
pub fn page(
    connection: &mut Connection,
    with_blocked: bool,
    limit: Option<i64>,
    offset: i64,
) -> QueryResult<Vec<Account>> {
    // The ids first, which an index has: what is passed over is not read.
    let mut ids = account::table
        .order(account::id.asc())
        .select(account::id)
        .into_boxed();
    if !with_blocked {
        ids = ids.filter(account::blocked.eq(false));
    }
    if let Some(limit) = limit {
        ids = ids.limit(limit).offset(offset);
    }
    account::table
        .filter(account::id.eq_any(ids))
        .order(account::id.asc())
        .select(Account::as_select())
        .load(connection)
}

/// A text in which LIKE finds nothing special.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('%', "\\%")
        .replace('_', "\\_")
}

/// Adds an account and gives its id.
pub fn insert(connection: &mut Connection, new: &NewAccount<'_>) -> QueryResult<i64> {
    connection.transaction(|connection| {
        let id = diesel::insert_into(account::table)
            .values(new)
            .returning(account::id)
            .get_result(connection)?;
        search_person::follow(connection, id)?;
        Ok(id)
    })
}

/// Changes an account; `false` where there is none.
pub fn change(connection: &mut Connection, id: i64, change: &Change<'_>) -> QueryResult<bool> {
    if change.is_empty() {
        return Ok(by_id(connection, id)?.is_some());
    }
    connection.transaction(|connection| {
        let changed = diesel::update(account::table.find(id))
            .set(change)
            .execute(connection)?;
        search_person::follow(connection, id)?;
        Ok(changed == 1)
    })
}

/// Stores another hash of the password; `false` where there is no such account.
pub fn set_password_hash(connection: &mut Connection, id: i64, hash: &str) -> QueryResult<bool> {
    let changed = diesel::update(account::table.find(id))
        .set(account::password_hash.eq(hash))
        .execute(connection)?;
    Ok(changed == 1)
}

/// Stores another hash of the same password, unless the password was changed meanwhile.
pub fn replace_password_hash(
    connection: &mut Connection,
    id: i64,
    old: &str,
    new: &str,
) -> QueryResult<bool> {
    let same = account::table
        .find(id)
        .filter(account::password_hash.eq(old));
    let changed = diesel::update(same)
        .set(account::password_hash.eq(new))
        .execute(connection)?;
    Ok(changed == 1)
}

/// Refuses or admits the account's log-in; `false` where there is none.
pub fn set_blocked(connection: &mut Connection, id: i64, blocked: bool) -> QueryResult<bool> {
    connection.transaction(|connection| {
        let changed = diesel::update(account::table.find(id))
            .set(account::blocked.eq(blocked))
            .execute(connection)?;
        search_person::follow(connection, id)?;
        Ok(changed == 1)
    })
}

/// Notes a log-in.
pub fn set_last_visit(connection: &mut Connection, id: i64, now_ms: i64) -> QueryResult<()> {
    diesel::update(account::table.find(id))
        .set(account::last_visit_ms.eq(Some(now_ms)))
        .execute(connection)
        .map(drop)
}

/// Removes the account's own row; what refers to it has gone before.
pub fn delete(connection: &mut Connection, id: i64) -> QueryResult<bool> {
    connection.transaction(|connection| {
        let gone = diesel::delete(account::table.find(id)).execute(connection)?;
        search_person::follow(connection, id)?;
        Ok(gone == 1)
    })
}
