//! Sessions: only the digest of a session's id is stored.

use diesel::prelude::*;
use loggia_sql::Connection;

diesel::table! {
    session (id_hash) {
        id_hash -> Binary,
        account_id -> BigInt,
        created_ms -> BigInt,
        last_seen_ms -> BigInt,
        expires_ms -> BigInt,
    }
}

/// One session, as it is stored.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = session, check_for_backend(loggia_sql::Backend))]
pub struct StoredSession {
    /// The digest of the id that the client holds.
    pub id_hash: Vec<u8>,
    /// Whose session it is.
    pub account_id: i64,
    /// When it was opened.
    pub created_ms: i64,
    /// When it was last used, to the minute.
    pub last_seen_ms: i64,
    /// When it ends unless it is used before.
    pub expires_ms: i64,
}

/// Opens a session.
pub fn insert(connection: &mut Connection, new: &StoredSession) -> QueryResult<()> {
    diesel::insert_into(session::table)
        .values(new)
        .execute(connection)
        .map(drop)
}

/// The session of a digest, unless it has ended.
pub fn find(
    connection: &mut Connection,
    id_hash: &[u8],
    now_ms: i64,
) -> QueryResult<Option<StoredSession>> {
    session::table
        .find(id_hash)
        .filter(session::expires_ms.gt(now_ms))
        .select(StoredSession::as_select())
        .first(connection)
        .optional()
}

/// Notes that a session is in use, which puts its end off.
pub fn touch(
    connection: &mut Connection,
    id_hash: &[u8],
    now_ms: i64,
    expires_ms: i64,
) -> QueryResult<bool> {
    let changed = diesel::update(session::table.find(id_hash))
        .set((
            session::last_seen_ms.eq(now_ms),
            session::expires_ms.eq(expires_ms),
        ))
        .execute(connection)?;
    Ok(changed == 1)
}

/// Ends a session; `false` where there was none.
pub fn delete(connection: &mut Connection, id_hash: &[u8]) -> QueryResult<bool> {
    Ok(diesel::delete(session::table.find(id_hash)).execute(connection)? == 1)
}

/// Ends all sessions of an account.
pub fn delete_of_account(connection: &mut Connection, account_id: i64) -> QueryResult<usize> {
    diesel::delete(session::table.filter(session::account_id.eq(account_id))).execute(connection)
}

/// Ends all sessions of an account but one.
pub fn delete_others(
    connection: &mut Connection,
    account_id: i64,
    kept_id_hash: &[u8],
) -> QueryResult<usize> {
    let others = session::table
        .filter(session::account_id.eq(account_id))
        .filter(session::id_hash.ne(kept_id_hash));
    diesel::delete(others).execute(connection)
}

/// The sessions of an account, for the export of its data.
pub fn of_account(connection: &mut Connection, account_id: i64) -> QueryResult<Vec<StoredSession>> {
    session::table
        .filter(session::account_id.eq(account_id))
        .order(session::created_ms.asc())
        .select(StoredSession::as_select())
        .load(connection)
}

/// Removes what has ended.
pub fn prune(connection: &mut Connection, now_ms: i64) -> QueryResult<usize> {
    diesel::delete(session::table.filter(session::expires_ms.le(now_ms))).execute(connection)
}
