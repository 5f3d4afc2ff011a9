//! What a running node keeps of the keys in memory, and what has changed of it.

use diesel::prelude::*;
use loggia_sql::Connection;

use super::{Digest, Key, KeyRow, Usage, api_key, api_key_secret, api_key_usage, api_key_version};

/// Keys that were changed since some version.
#[derive(Debug)]
pub struct Snapshot {
    /// The version up to which nothing is missing.
    pub version: i64,
    /// The keys, whole.
    pub keys: Vec<SnapshotKey>,
}

/// One key with the digests it is found by.
#[derive(Debug)]
pub struct SnapshotKey {
    /// The record.
    pub key: Key,
    /// Its secrets, newest first: digest, prefix, end.
    pub secrets: Vec<(Digest, String, Option<i64>)>,
    /// What its own row counts, from which a node that is alone starts.
    pub usage: Usage,
}

/// The number of the last change.
pub fn version(connection: &mut Connection) -> QueryResult<i64> {
    api_key_version::table
        .find(1)
        .select(api_key_version::version)
        .first(connection)
}

/// The keys changed after a version; 0 gives all of them.
pub fn changed_after(connection: &mut Connection, after: i64) -> QueryResult<Snapshot> {
    let version = version(connection)?;
    let rows = api_key::table
        .inner_join(api_key_usage::table)
        .filter(api_key::changed.gt(after).and(api_key::changed.le(version)))
        .order(api_key::id)
        .select((
            KeyRow::as_select(),
            (
                api_key_usage::hits,
                api_key_usage::last_visit_ms,
                api_key_usage::current_day,
                api_key_usage::current_hits,
            ),
        ))
        .load::<(KeyRow, (i64, i64, i64, i64))>(connection)?;
    let secrets = api_key_secret::table
        .inner_join(api_key::table)
        .filter(api_key::changed.gt(after))
        .order((
            api_key_secret::key_id,
            api_key_secret::created_ms.desc(),
            api_key_secret::digest,
        ))
        .select((
            api_key_secret::key_id,
            api_key_secret::digest,
            api_key_secret::prefix,
            api_key_secret::expires_ms,
        ))
        .load::<(i64, Vec<u8>, String, Option<i64>)>(connection)?;
    let mut keys: Vec<SnapshotKey> = rows.into_iter().map(SnapshotKey::from).collect();
    for (key_id, digest, prefix, expires_ms) in secrets {
        let place = keys.binary_search_by_key(&key_id, |one| one.key.id);
        if let (Ok(place), Some(digest)) = (place, Digest::from_bytes(&digest)) {
            keys[place].secrets.push((digest, prefix, expires_ms));
        }
    }
    Ok(Snapshot { version, keys })
}

impl From<(KeyRow, (i64, i64, i64, i64))> for SnapshotKey {
    fn from((row, usage): (KeyRow, (i64, i64, i64, i64))) -> Self {
        let (hits, last_visit_ms, current_day, current_hits) = usage;
        SnapshotKey {
            key: row.into(),
            secrets: Vec::new(),
            usage: Usage {
                hits,
                last_visit_ms,
                current_day,
                current_hits,
            },
        }
    }
}
