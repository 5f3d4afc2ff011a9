//! API keys: who may call with which text, where, and how often a day.
//!
//! A key is one record with one or more secrets. Only digests of secrets are stored. A rotation gives the record a
//! new secret and lets the old one expire, so that counters, limit and log stay those of one key.
//!
//! Every change raises the one number of `api_key_version` in its own transaction and is marked with it. The
//! number's row is locked until the change is committed, so numbers are committed in their order and whoever
//! has read everything up to a number has missed nothing.

pub(in crate::store) mod change;
pub(in crate::store) mod listing;
mod secret;
mod snapshot;

use diesel::prelude::*;
use loggia_sql::JsonText;
use serde::{Deserialize, Serialize};

pub use change::{
    Change, Draft, ImportError, Imported, LegacySecret, change, create, import, legacy_secret,
    reset_statistics, revoke, rotate,
};
pub use listing::{Filter, Listed, StoredSecret, Usage, find, list};
pub use secret::{Digest, Secret, Strength};
pub use snapshot::{Snapshot, SnapshotKey, changed_after, version};

/// A day in milliseconds.
pub const DAY_MS: i64 = 86_400_000;

diesel::table! {
    use diesel::sql_types::{BigInt, Bool, Nullable, SmallInt, Text};
    use loggia_sql::sql_types::Json;

    api_key (id) {
        id -> BigInt,
        user_id -> BigInt,
        endpoints -> Nullable<Json>,
        default_request -> Bool,
        modules -> Json,
        operations -> Json,
        scopes -> Json,
        daily_requests -> BigInt,
        expires_ms -> Nullable<BigInt>,
        comment -> Text,
        state -> SmallInt,
        created_ms -> BigInt,
        changed -> BigInt,
    }
}

diesel::table! {
    api_key_secret (digest) {
        digest -> Binary,
        key_id -> BigInt,
        prefix -> Text,
        legacy -> Bool,
        created_ms -> BigInt,
        expires_ms -> Nullable<BigInt>,
    }
}

diesel::table! {
    api_key_usage (key_id) {
        key_id -> BigInt,
        hits -> BigInt,
        last_visit_ms -> BigInt,
        current_day -> BigInt,
        current_hits -> BigInt,
        near_day -> BigInt,
    }
}

diesel::table! {
    api_key_share (key_id, node_id, day) {
        key_id -> BigInt,
        node_id -> BigInt,
        day -> BigInt,
        granted -> BigInt,
        used -> BigInt,
        prepaid -> Bool,
        last_visit_ms -> BigInt,
    }
}

diesel::table! {
    quota_node (id) {
        id -> BigInt,
        expires_ms -> BigInt,
    }
}

diesel::table! {
    api_key_version (id) {
        id -> BigInt,
        version -> BigInt,
    }
}

diesel::joinable!(api_key_secret -> api_key (key_id));
diesel::joinable!(api_key_usage -> api_key (key_id));
diesel::joinable!(api_key_share -> api_key (key_id));
diesel::allow_tables_to_appear_in_same_query!(
    api_key,
    api_key_secret,
    api_key_usage,
    api_key_share,
    quota_node,
);

/// What a key's record is: only a published key is good.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It works.
    #[default]
    Published,
    /// It does not work for now.
    Unpublished,
    /// It is kept for the record.
    Archived,
    /// It is to be forgotten.
    Trashed,
    /// It was withdrawn, for good.
    Revoked,
}

impl State {
    /// As jBackend numbers it; what it does not know lies below its numbers.
    pub fn number(self) -> i16 {
        match self {
            State::Published => 1,
            State::Unpublished => 0,
            State::Archived => 2,
            State::Trashed => -2,
            State::Revoked => -3,
        }
    }

    /// The state of a number; what a newer version wrote is no state that works.
    pub fn from_number(number: i16) -> Self {
        match number {
            1 => State::Published,
            2 => State::Archived,
            -2 => State::Trashed,
            -3 => State::Revoked,
            _ => State::Unpublished,
        }
    }
}

/// Where a key is good and what it may do there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rights {
    /// The endpoints by name; none means all.
    pub endpoints: Option<Vec<String>>,
    /// Whether it is good for the default request too.
    pub default_request: bool,
    /// The modules it may call; empty means all.
    pub modules: Vec<String>,
    /// The operations it may call, as `post/release/validate`; empty means all.
    pub operations: Vec<String>,
    /// What it may do beyond ordinary calls, such as `release.manage`; `*` is everything.
    pub scopes: Vec<String>,
}

/// One key, without its secrets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Key {
    /// Its number.
    pub id: i64,
    /// The account it belongs to; 0 is nobody.
    pub user_id: i64,
    /// Where it is good and what it may do.
    #[serde(flatten)]
    pub rights: Rights,
    /// Most admitted calls a UTC day; 0 is no limit.
    pub daily_requests: i64,
    /// When it expires.
    pub expires_ms: Option<i64>,
    /// A reminder.
    pub comment: String,
    /// Whether it works.
    pub state: State,
    /// When it was made.
    pub created_ms: i64,
}

/// A key's row as it is read.
#[derive(Queryable, Selectable)]
#[diesel(table_name = api_key, check_for_backend(loggia_sql::Backend))]
struct KeyRow {
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
}

impl From<KeyRow> for Key {
    fn from(row: KeyRow) -> Self {
        Key {
            id: row.id,
            user_id: row.user_id,
            rights: Rights {
                endpoints: row.endpoints.map(|text| from_json(&text)),
                default_request: row.default_request,
                modules: from_json(&row.modules),
                operations: from_json(&row.operations),
                scopes: from_json(&row.scopes),
            },
            daily_requests: row.daily_requests,
            expires_ms: row.expires_ms,
            comment: row.comment,
            state: State::from_number(row.state),
            created_ms: row.created_ms,
        }
    }
}

/// What one node took of a key's day.
#[derive(Clone, Copy, Debug, Queryable, Selectable)]
#[diesel(table_name = api_key_share, check_for_backend(loggia_sql::Backend))]
pub(crate) struct ShareRow {
    pub(crate) node_id: i64,
    pub(crate) day: i64,
    /// Calls that the node may admit.
    pub(crate) granted: i64,
    /// Calls that it has charged.
    pub(crate) used: i64,
    /// Whether all that was granted counts as charged until the node gives it back.
    pub(crate) prepaid: bool,
    pub(crate) last_visit_ms: i64,
}

impl ShareRow {
    /// The calls that count if the node never comes back.
    pub(crate) fn charged(&self) -> i64 {
        if self.prepaid {
            self.granted + self.used
        } else {
            self.used
        }
    }

    /// The calls that no other node can have.
    pub(crate) fn committed(&self) -> i64 {
        if self.prepaid {
            self.granted + self.used
        } else {
            self.granted.max(self.used)
        }
    }

    /// The calls that the node may yet give back.
    pub(crate) fn open(&self) -> i64 {
        if self.prepaid {
            self.granted
        } else {
            (self.granted - self.used).max(0)
        }
    }
}

/// A list that cannot be read gives no right at all: it becomes a list of one name that nothing has.
pub(in crate::store) fn from_json(text: &JsonText) -> Vec<String> {
    serde_json::from_str(&text.0).unwrap_or_else(|_| vec![String::new()])
}

pub(in crate::store) fn to_json(list: &[String]) -> JsonText {
    JsonText(serde_json::Value::from(list).to_string())
}

/// The UTC day of a time, counted from 1970-01-01.
pub fn day_of(time_ms: i64) -> i64 {
    time_ms.div_euclid(DAY_MS)
}
