//! Making and changing keys. Each change reaches running nodes through `api_key_version`.

use diesel::prelude::*;
use diesel::result::Error;
use loggia_sql::Connection;

use super::secret::{self, Digest, LONGEST_LEGACY, Secret, Strength};
use super::{
    Key, KeyRow, Rights, State, api_key, api_key_secret, api_key_usage, api_key_version, to_json,
};
use crate::store::nodes::now_ms;

/// What whoever makes a key decides.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    /// The account it belongs to; 0 is nobody.
    pub user_id: i64,
    /// Where it is good and what it may do.
    pub rights: Rights,
    /// Most admitted calls a UTC day; 0 is no limit.
    pub daily_requests: i64,
    /// When it expires.
    pub expires_ms: Option<i64>,
    /// A reminder.
    pub comment: String,
    /// Whether it works at once.
    pub state: State,
}

/// What is to change of a key; what is absent stays.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// The account it belongs to; 0 is nobody.
    pub user_id: Option<i64>,
    /// Where it is good and what it may do.
    pub rights: Option<Rights>,
    /// Most admitted calls a UTC day; 0 is no limit.
    pub daily_requests: Option<i64>,
    /// When it expires; `Some(None)` is never.
    pub expires_ms: Option<Option<i64>>,
    /// A reminder.
    pub comment: Option<String>,
    /// Whether it works.
    pub state: Option<State>,
}

/// A key that came from jBackend.
#[derive(Debug)]
pub struct Imported {
    /// Its record.
    pub key: Key,
    /// Whether its text can be guessed from the database.
    pub strength: Strength,
}

/// Why a text cannot become a key.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// jBackend has no such keys.
    #[error("a key is a text of 1 to 255 characters")]
    Length,
    /// It looks like a key that this server makes, whose secret must come from here.
    #[error("a key of the form lg_... is made here, not imported")]
    NewForm,
    /// The text belongs to a key already; case does not tell keys apart.
    #[error("this key is here already")]
    Duplicate,
    /// The database failed.
    #[error("the database failed: {0}")]
    Database(#[from] Error),
}

#[derive(Insertable)]
#[diesel(table_name = api_key, check_for_backend(loggia_sql::Backend))]
struct NewKey<'a> {
    user_id: i64,
    endpoints: Option<loggia_sql::JsonText>,
    default_request: bool,
    modules: loggia_sql::JsonText,
    operations: loggia_sql::JsonText,
    scopes: loggia_sql::JsonText,
    daily_requests: i64,
    expires_ms: Option<i64>,
    comment: &'a str,
    state: i16,
    created_ms: i64,
    changed: i64,
}

/// Makes a key with a new secret, which is nowhere else but in the answer.
pub fn create(connection: &mut Connection, draft: &Draft) -> QueryResult<(Key, Secret)> {
    let secret = Secret::generate();
    let key = connection.transaction(|connection| insert(connection, draft, secret.expose()))?;
    Ok((key, secret))
}

/// Makes a key of a text that clients of jBackend send already.
pub fn import(
    connection: &mut Connection,
    draft: &Draft,
    text: &str,
) -> Result<Imported, ImportError> {
    let text = text.trim_end_matches(' ');
    if text.is_empty() || text.chars().count() > LONGEST_LEGACY {
        return Err(ImportError::Length);
    }
    if secret::is_new_form(text) {
        return Err(ImportError::NewForm);
    }
    let key = connection.transaction(|connection| insert(connection, draft, text));
    let key = key.map_err(|error| match error {
        error if loggia_sql::is_unique(&error) => ImportError::Duplicate,
        error => ImportError::Database(error),
    })?;
    Ok(Imported {
        key,
        strength: secret::strength(text),
    })
}

/// What is stored of a text that clients of jBackend send already.
#[derive(Debug)]
pub struct LegacySecret {
    /// The digest in hexadecimal digits.
    pub digest: String,
    /// The part that may be shown.
    pub prefix: String,
    /// Whether whoever has the digest could find the text by trying.
    pub is_guessable: bool,
}

/// What is stored of a key of jBackend; none where its text cannot be one here.
pub fn legacy_secret(text: &str) -> Option<LegacySecret> {
    let text = text.trim_end_matches(' ');
    let is_key =
        !text.is_empty() && text.chars().count() <= LONGEST_LEGACY && !secret::is_new_form(text);
    is_key.then(|| LegacySecret {
        digest: hex::encode(Digest::of(text).as_bytes()),
        prefix: secret::prefix(text),
        is_guessable: secret::strength(text) == Strength::Guessable,
    })
}

fn insert(connection: &mut Connection, draft: &Draft, text: &str) -> QueryResult<Key> {
    let changed = next_version(connection)?;
    let created_ms = now_ms(connection)?;
    let rights = &draft.rights;
    let row = NewKey {
        user_id: draft.user_id,
        endpoints: rights.endpoints.as_deref().map(to_json),
        default_request: rights.default_request,
        modules: to_json(&rights.modules),
        operations: to_json(&rights.operations),
        scopes: to_json(&rights.scopes),
        daily_requests: draft.daily_requests.max(0),
        expires_ms: draft.expires_ms,
        comment: &draft.comment,
        state: draft.state.number(),
        created_ms,
        changed,
    };
    let key: KeyRow = diesel::insert_into(api_key::table)
        .values(row)
        .returning(KeyRow::as_returning())
        .get_result(connection)?;
    insert_secret(connection, key.id, text, created_ms)?;
    let usage = (
        api_key_usage::key_id.eq(key.id),
        api_key_usage::hits.eq(0),
        api_key_usage::last_visit_ms.eq(0),
        api_key_usage::current_day.eq(0),
        api_key_usage::current_hits.eq(0),
        api_key_usage::near_day.eq(0),
    );
    diesel::insert_into(api_key_usage::table)
        .values(usage)
        .execute(connection)?;
    Ok(key.into())
}

fn insert_secret(
    connection: &mut Connection,
    key_id: i64,
    text: &str,
    created_ms: i64,
) -> QueryResult<()> {
    let row = (
        api_key_secret::digest.eq(Digest::of(text).as_bytes().to_vec()),
        api_key_secret::key_id.eq(key_id),
        api_key_secret::prefix.eq(secret::prefix(text)),
        api_key_secret::legacy.eq(!secret::is_new_form(text)),
        api_key_secret::created_ms.eq(created_ms),
        api_key_secret::expires_ms.eq(None::<i64>),
    );
    diesel::insert_into(api_key_secret::table)
        .values(row)
        .execute(connection)?;
    Ok(())
}

/// Changes a key; none where there is no such key. A changed limit lifts the mark that the day's end of it is
/// near, since that was said of the old limit.
pub fn change(connection: &mut Connection, id: i64, change: &Change) -> QueryResult<Option<Key>> {
    connection
        .transaction(|connection| {
            let version = next_version(connection)?;
            let Some(row) = row(connection, id)? else {
                return Err(Error::RollbackTransaction);
            };
            let key = changed(row.into(), change);
            if change.daily_requests.is_some() {
                diesel::update(api_key_usage::table.find(id))
                    .set(api_key_usage::near_day.eq(0))
                    .execute(connection)?;
            }
            store(connection, &key, version)?;
            Ok(key)
        })
        .map(Some)
        .or_else(absent)
}

/// Nothing was changed because nothing was there.
fn absent<T>(error: Error) -> QueryResult<Option<T>> {
    match error {
        Error::RollbackTransaction => Ok(None),
        error => Err(error),
    }
}

fn row(connection: &mut Connection, id: i64) -> QueryResult<Option<KeyRow>> {
    api_key::table
        .find(id)
        .select(KeyRow::as_select())
        .first(connection)
        .optional()
}

fn changed(mut key: Key, change: &Change) -> Key {
    key.user_id = change.user_id.unwrap_or(key.user_id);
    if let Some(rights) = &change.rights {
        key.rights.clone_from(rights);
    }
    key.daily_requests = change.daily_requests.unwrap_or(key.daily_requests).max(0);
    key.expires_ms = change.expires_ms.unwrap_or(key.expires_ms);
    if let Some(comment) = &change.comment {
        key.comment.clone_from(comment);
    }
    key.state = change.state.unwrap_or(key.state);
    key
}

fn store(connection: &mut Connection, key: &Key, version: i64) -> QueryResult<()> {
    let rights = &key.rights;
    let columns = (
        api_key::user_id.eq(key.user_id),
        api_key::endpoints.eq(rights.endpoints.as_deref().map(to_json)),
        api_key::default_request.eq(rights.default_request),
        api_key::modules.eq(to_json(&rights.modules)),
        api_key::operations.eq(to_json(&rights.operations)),
        api_key::scopes.eq(to_json(&rights.scopes)),
        api_key::daily_requests.eq(key.daily_requests),
        api_key::expires_ms.eq(key.expires_ms),
        api_key::comment.eq(&key.comment),
        api_key::state.eq(key.state.number()),
        api_key::changed.eq(version),
    );
    diesel::update(api_key::table.find(key.id))
        .set(columns)
        .execute(connection)?;
    Ok(())
}

/// Withdraws a key for good; none where there is no such key.
pub fn revoke(connection: &mut Connection, id: i64) -> QueryResult<Option<Key>> {
    let revoked = Change {
        state: Some(State::Revoked),
        ..Change::default()
    };
    change(connection, id, &revoked)
}

/// Gives a key a new secret. The secrets it had work for `overlap_ms` more, unless they end sooner by
/// themselves; 0 ends them now. None where there is no such key.
pub fn rotate(
    connection: &mut Connection,
    id: i64,
    overlap_ms: i64,
) -> QueryResult<Option<(Key, Secret)>> {
    let secret = Secret::generate();
    connection
        .transaction(|connection| {
            let version = next_version(connection)?;
            let Some(row) = row(connection, id)? else {
                return Err(Error::RollbackTransaction);
            };
            let now = now_ms(connection)?;
            let end = now.saturating_add(overlap_ms.max(0));
            let later = api_key_secret::expires_ms
                .is_null()
                .or(api_key_secret::expires_ms.gt(end).assume_not_null());
            let old = api_key_secret::table
                .filter(api_key_secret::key_id.eq(id))
                .filter(later);
            diesel::update(old)
                .set(api_key_secret::expires_ms.eq(end))
                .execute(connection)?;
            insert_secret(connection, id, secret.expose(), now)?;
            diesel::update(api_key::table.find(id))
                .set(api_key::changed.eq(version))
                .execute(connection)?;
            Ok(row.into())
        })
        .map(|key| Some((key, secret)))
        .or_else(absent)
}

/// Sets hits and last visit back, of one key or of all; the day's count stays. How many keys it were.
pub fn reset_statistics(connection: &mut Connection, id: Option<i64>) -> QueryResult<usize> {
    let zero = (
        api_key_usage::hits.eq(0),
        api_key_usage::last_visit_ms.eq(0),
    );
    match id {
        Some(id) => diesel::update(api_key_usage::table.find(id))
            .set(zero)
            .execute(connection),
        None => diesel::update(api_key_usage::table)
            .set(zero)
            .execute(connection),
    }
}

/// Raises the version and holds its row until the transaction ends.
pub(in crate::store) fn next_version(connection: &mut Connection) -> QueryResult<i64> {
    diesel::update(api_key_version::table.find(1))
        .set(api_key_version::version.eq(api_key_version::version + 1))
        .returning(api_key_version::version)
        .get_result(connection)
}
