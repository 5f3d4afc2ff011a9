//! Single-use tokens that were sent by mail: only their digests are stored.

use diesel::prelude::*;
use loggia_sql::Connection;

diesel::table! {
    account_token (token_hash) {
        token_hash -> Binary,
        account_id -> BigInt,
        purpose -> Text,
        created_ms -> BigInt,
        expires_ms -> BigInt,
    }
}

/// What a token is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Setting a new password.
    Reset,
    /// Enabling an account.
    Activate,
    /// Confirming the address of an account that an administrator is to enable.
    Confirm,
    /// Enabling an account, in an administrator's hands.
    Approve,
}

impl Purpose {
    /// The word in the table.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reset => "reset",
            Self::Activate => "activate",
            Self::Confirm => "confirm",
            Self::Approve => "approve",
        }
    }

    fn read(word: &str) -> Option<Self> {
        [Self::Reset, Self::Activate, Self::Confirm, Self::Approve]
            .into_iter()
            .find(|purpose| purpose.as_str() == word)
    }
}

/// A token that is to be stored.
#[derive(Clone, Copy, Debug)]
pub struct NewToken<'a> {
    /// Its digest.
    pub token_hash: &'a [u8],
    /// Whom it is for.
    pub account_id: i64,
    /// What it is good for.
    pub purpose: Purpose,
    /// When it was made.
    pub created_ms: i64,
    /// When it is good no more.
    pub expires_ms: i64,
}

/// Stores a token.
pub fn insert(connection: &mut Connection, new: &NewToken<'_>) -> QueryResult<()> {
    diesel::insert_into(account_token::table)
        .values((
            account_token::token_hash.eq(new.token_hash),
            account_token::account_id.eq(new.account_id),
            account_token::purpose.eq(new.purpose.as_str()),
            account_token::created_ms.eq(new.created_ms),
            account_token::expires_ms.eq(new.expires_ms),
        ))
        .execute(connection)
        .map(drop)
}

/// Looks whether a token is good, without using it up.
pub fn find(
    connection: &mut Connection,
    token_hash: &[u8],
    purpose: Purpose,
    now_ms: i64,
) -> QueryResult<Option<i64>> {
    account_token::table
        .find(token_hash)
        .filter(account_token::purpose.eq(purpose.as_str()))
        .filter(account_token::expires_ms.gt(now_ms))
        .select(account_token::account_id)
        .first(connection)
        .optional()
}

/// Uses a token of one of the purposes up and gives whose it was; of two callers at once, one gets it.
pub fn take(
    connection: &mut Connection,
    token_hash: &[u8],
    purposes: &[Purpose],
    now_ms: i64,
) -> QueryResult<Option<(i64, Purpose)>> {
    let words: Vec<&str> = purposes.iter().map(|purpose| purpose.as_str()).collect();
    let good = account_token::table
        .filter(account_token::token_hash.eq(token_hash))
        .filter(account_token::purpose.eq_any(words))
        .filter(account_token::expires_ms.gt(now_ms));
    let taken: Option<(i64, String)> = diesel::delete(good)
        .returning((account_token::account_id, account_token::purpose))
        .get_result(connection)
        .optional()?;
    Ok(taken.and_then(|(account_id, word)| Some((account_id, Purpose::read(&word)?))))
}

/// Voids the tokens of an account that are good for one purpose.
pub fn delete_of_purpose(
    connection: &mut Connection,
    account_id: i64,
    purpose: Purpose,
) -> QueryResult<usize> {
    let voided = account_token::table
        .filter(account_token::account_id.eq(account_id))
        .filter(account_token::purpose.eq(purpose.as_str()));
    diesel::delete(voided).execute(connection)
}

/// Voids every token of an account.
pub fn delete_of_account(connection: &mut Connection, account_id: i64) -> QueryResult<usize> {
    diesel::delete(account_token::table.filter(account_token::account_id.eq(account_id)))
        .execute(connection)
}

/// What the tokens of an account are good for, and since and until when, for the export of its data.
pub fn of_account(
    connection: &mut Connection,
    account_id: i64,
) -> QueryResult<Vec<(String, i64, i64)>> {
    account_token::table
        .filter(account_token::account_id.eq(account_id))
        .order(account_token::created_ms.asc())
        .select((
            account_token::purpose,
            account_token::created_ms,
            account_token::expires_ms,
        ))
        .load(connection)
}

/// Removes what is good no more.
pub fn prune(connection: &mut Connection, now_ms: i64) -> QueryResult<usize> {
    diesel::delete(account_token::table.filter(account_token::expires_ms.le(now_ms)))
        .execute(connection)
}
