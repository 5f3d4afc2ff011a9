//! API keys with their use, and their secrets apart.

use diesel::prelude::*;
use loggia_sql::{Connection, JsonText};
use serde::{Deserialize, Serialize};

use super::Unwritten;
use crate::store::keys::{
    Usage, api_key, api_key_secret, api_key_usage, change::next_version, from_json,
    listing::usages, to_json,
};

/// A key but for its secrets.
#[derive(Debug, Serialize, Deserialize)]
pub struct KeyRecord {
    id: i64,
    user_id: i64,
    /// None is all.
    endpoints: Option<Vec<String>>,
    default_request: bool,
    modules: Vec<String>,
    operations: Vec<String>,
    scopes: Vec<String>,
    daily_requests: i64,
    expires_ms: Option<i64>,
    comment: String,
    state: i16,
    created_ms: i64,
    /// How much it was used. Taken for a new key only: nodes count on for one that is there.
    #[serde(default)]
    usage: Usage,
}

/// The secrets of a key.
#[derive(Serialize, Deserialize)]
pub struct SecretRecord {
    /// The key's id.
    id: i64,
    secrets: Vec<KeptSecret>,
}

/// What is kept of a secret.
#[derive(Serialize, Deserialize)]
struct KeptSecret {
    /// In hexadecimal digits.
    digest: String,
    prefix: String,
    legacy: bool,
    created_ms: i64,
    expires_ms: Option<i64>,
}

/// Key, digest, prefix, whether it came from jBackend, when it came, when it ends.
type SecretRow = (i64, Vec<u8>, String, bool, i64, Option<i64>);

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = api_key, check_for_backend(loggia_sql::Backend))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
struct Row {
    id: i64,
    user_id: i64,
    endpoints: Option<JsonText>,
    default_request: bool,
    modules: JsonText,
    operations: JsonText,
    scopes: JsonText,
    daily_requests: i64,
    expires_ms: Option<i64>,
    comment: String,
    state: i16,
    created_ms: i64,
    changed: i64,
}

impl KeyRecord {
    /// The id.
    pub fn id(&self) -> i64 {
        self.id
    }

    /// The keys behind an id.
    pub fn page(connection: &mut Connection, after: i64, limit: i64) -> QueryResult<Vec<Self>> {
        let rows: Vec<Row> = api_key::table
            .filter(api_key::id.gt(after))
            .order(api_key::id)
            .limit(limit)
            .select(Row::as_select())
            .load(connection)?;
        let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
        let mut usages = usages(connection, &ids)?;
        let records = rows.into_iter().map(|row| {
            let usage = usages.remove(&row.id).unwrap_or_default();
            Self::of(row, usage)
        });
        Ok(records.collect())
    }

    fn of(row: Row, usage: Usage) -> Self {
        Self {
            id: row.id,
            user_id: row.user_id,
            endpoints: row.endpoints.as_ref().map(from_json),
            default_request: row.default_request,
            modules: from_json(&row.modules),
            operations: from_json(&row.operations),
            scopes: from_json(&row.scopes),
            daily_requests: row.daily_requests,
            expires_ms: row.expires_ms,
            comment: row.comment,
            state: row.state,
            created_ms: row.created_ms,
            usage,
        }
    }

    /// Adds or replaces the key; running nodes know of it within a second.
    pub fn put(&self, connection: &mut Connection) -> Result<(), Unwritten> {
        let row = Row {
            id: self.id,
            user_id: self.user_id,
            endpoints: self.endpoints.as_deref().map(to_json),
            default_request: self.default_request,
            modules: to_json(&self.modules),
            operations: to_json(&self.operations),
            scopes: to_json(&self.scopes),
            daily_requests: self.daily_requests.max(0),
            expires_ms: self.expires_ms,
            comment: self.comment.clone(),
            state: self.state,
            created_ms: self.created_ms,
            changed: next_version(connection)?,
        };
        diesel::insert_into(api_key::table)
            .values(&row)
            .on_conflict(api_key::id)
            .do_update()
            .set(&row)
            .execute(connection)?;
        diesel::insert_into(api_key_usage::table)
            .values((
                api_key_usage::key_id.eq(self.id),
                api_key_usage::hits.eq(self.usage.hits),
                api_key_usage::last_visit_ms.eq(self.usage.last_visit_ms),
                api_key_usage::current_day.eq(self.usage.current_day),
                api_key_usage::current_hits.eq(self.usage.current_hits),
                api_key_usage::near_day.eq(0),
            ))
            .on_conflict_do_nothing()
            .execute(connection)?;
        Ok(())
    }
}

impl SecretRecord {
    /// The key's id.
    pub fn id(&self) -> i64 {
        self.id
    }

    /// The secrets of the keys behind an id that have any.
    pub fn page(connection: &mut Connection, after: i64, limit: i64) -> QueryResult<Vec<Self>> {
        let ids: Vec<i64> = api_key_secret::table
            .filter(api_key_secret::key_id.gt(after))
            .order(api_key_secret::key_id)
            .select(api_key_secret::key_id)
            .distinct()
            .limit(limit)
            .load(connection)?;
        let rows: Vec<SecretRow> = api_key_secret::table
            .filter(api_key_secret::key_id.eq_any(ids))
            .order((
                api_key_secret::key_id,
                api_key_secret::created_ms,
                api_key_secret::digest,
            ))
            .select((
                api_key_secret::key_id,
                api_key_secret::digest,
                api_key_secret::prefix,
                api_key_secret::legacy,
                api_key_secret::created_ms,
                api_key_secret::expires_ms,
            ))
            .load(connection)?;
        let of_a_key = rows.chunk_by(|one, next| one.0 == next.0);
        Ok(of_a_key.filter_map(Self::of).collect())
    }

    /// Of the rows of one key.
    fn of(rows: &[SecretRow]) -> Option<Self> {
        let id = rows.first()?.0;
        let kept = |(_, digest, prefix, legacy, created_ms, expires_ms): &SecretRow| KeptSecret {
            digest: hex::encode(digest),
            prefix: prefix.clone(),
            legacy: *legacy,
            created_ms: *created_ms,
            expires_ms: *expires_ms,
        };
        let secrets = rows.iter().map(kept).collect();
        Some(Self { id, secrets })
    }

    /// Gives a key exactly these secrets.
    pub fn put(&self, connection: &mut Connection) -> Result<(), Unwritten> {
        let changed = next_version(connection)?;
        let there = diesel::update(api_key::table.find(self.id))
            .set(api_key::changed.eq(changed))
            .execute(connection)?;
        if there == 0 {
            return Err(Unwritten::rule("there is no such key"));
        }
        let old = api_key_secret::table.filter(api_key_secret::key_id.eq(self.id));
        diesel::delete(old).execute(connection)?;
        for secret in &self.secrets {
            let digest = hex::decode(&secret.digest)
                .ok()
                .filter(|digest| digest.len() == 32);
            let digest = digest.ok_or_else(|| Unwritten::rule("a digest has 64 digits"))?;
            diesel::insert_into(api_key_secret::table)
                .values((
                    api_key_secret::digest.eq(digest),
                    api_key_secret::key_id.eq(self.id),
                    api_key_secret::prefix.eq(&secret.prefix),
                    api_key_secret::legacy.eq(secret.legacy),
                    api_key_secret::created_ms.eq(secret.created_ms),
                    api_key_secret::expires_ms.eq(secret.expires_ms),
                ))
                .execute(connection)?;
        }
        Ok(())
    }
}
