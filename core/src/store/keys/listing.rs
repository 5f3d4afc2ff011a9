//! Keys as operators see them: records with the statistics of all nodes added up.

use std::collections::BTreeMap;

use diesel::prelude::*;
use loggia_sql::Connection;
use serde::{Deserialize, Serialize};

use super::{Key, KeyRow, ShareRow, State, api_key, api_key_secret, api_key_share, api_key_usage};

/// The most ids in one statement; the databases have their limits, so longer lists take several.
const IDS: usize = 10_000;

/// Which keys are listed.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// A text in the comment or at the beginning of a prefix.
    pub search: Option<String>,
    /// Only keys in this state.
    pub state: Option<State>,
    /// Only keys of this account.
    pub user_id: Option<i64>,
}

/// A key with what is known of its use.
#[derive(Clone, Debug, Serialize)]
pub struct Listed {
    /// The record.
    #[serde(flatten)]
    pub key: Key,
    /// Its secrets, newest first.
    pub secrets: Vec<StoredSecret>,
    /// Its use.
    #[serde(flatten)]
    pub usage: Usage,
}

/// What may be shown of a secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Queryable, Selectable)]
#[diesel(table_name = api_key_secret, check_for_backend(loggia_sql::Backend))]
pub struct StoredSecret {
    /// The part that may be shown.
    pub prefix: String,
    /// Whether it came from jBackend.
    pub legacy: bool,
    /// When it came.
    pub created_ms: i64,
    /// When it stops to work; none while the key itself does.
    pub expires_ms: Option<i64>,
}

/// How much a key was used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Admitted calls.
    pub hits: i64,
    /// The last admitted call; 0 is none.
    pub last_visit_ms: i64,
    /// The UTC day of the count below, in days since 1970-01-01.
    pub current_day: i64,
    /// Admitted calls of that day.
    pub current_hits: i64,
}

/// The keys that a filter lets through, oldest first.
pub fn list(connection: &mut Connection, filter: &Filter) -> QueryResult<Vec<Listed>> {
    let mut query = api_key::table
        .order(api_key::id)
        .select(KeyRow::as_select())
        .into_boxed();
    if let Some(state) = filter.state {
        query = query.filter(api_key::state.eq(state.number()));
    }
    if let Some(user_id) = filter.user_id {
        query = query.filter(api_key::user_id.eq(user_id));
    }
    let keys = query.load::<KeyRow>(connection)?;
    let mut listed = with_usage(connection, keys)?;
    if let Some(text) = &filter.search {
        listed.retain(|one| one.contains(text));
    }
    Ok(listed)
}

/// One key by its number, or by the prefix of any of its secrets.
pub fn find(connection: &mut Connection, name: &str) -> QueryResult<Option<Listed>> {
    let by_prefix = api_key_secret::table
        .filter(api_key_secret::prefix.eq(name))
        .order(api_key_secret::created_ms.desc())
        .select(api_key_secret::key_id)
        .first::<i64>(connection)
        .optional()?;
    let Some(id) = by_prefix.or_else(|| name.parse().ok()) else {
        return Ok(None);
    };
    let row = api_key::table
        .find(id)
        .select(KeyRow::as_select())
        .first::<KeyRow>(connection)
        .optional()?;
    let listed = with_usage(connection, row.into_iter().collect())?;
    Ok(listed.into_iter().next())
}

fn with_usage(connection: &mut Connection, keys: Vec<KeyRow>) -> QueryResult<Vec<Listed>> {
    let ids: Vec<i64> = keys.iter().map(|key| key.id).collect();
    let mut usages = usages(connection, &ids)?;
    let mut secrets: BTreeMap<i64, Vec<StoredSecret>> = BTreeMap::new();
    for ids in ids.chunks(IDS) {
        let rows: Vec<(i64, StoredSecret)> = api_key_secret::table
            .filter(api_key_secret::key_id.eq_any(ids.to_vec()))
            .order(api_key_secret::created_ms.desc())
            .select((api_key_secret::key_id, StoredSecret::as_select()))
            .load(connection)?;
        for (id, secret) in rows {
            secrets.entry(id).or_default().push(secret);
        }
    }
    let listed = keys.into_iter().map(|key| Listed {
        secrets: secrets.remove(&key.id).unwrap_or_default(),
        usage: usages.remove(&key.id).unwrap_or_default(),
        key: key.into(),
    });
    Ok(listed.collect())
}

/// The keys' own rows, and what nodes have charged to shares of theirs and not yet added to them.
pub(in crate::store) fn usages(
    connection: &mut Connection,
    ids: &[i64],
) -> QueryResult<BTreeMap<i64, Usage>> {
    let mut usages = BTreeMap::new();
    for ids in ids.chunks(IDS) {
        let rows: Vec<(i64, i64, i64, i64, i64)> = api_key_usage::table
            .filter(api_key_usage::key_id.eq_any(ids.to_vec()))
            .select((
                api_key_usage::key_id,
                api_key_usage::hits,
                api_key_usage::last_visit_ms,
                api_key_usage::current_day,
                api_key_usage::current_hits,
            ))
            .load(connection)?;
        for (id, hits, last_visit_ms, current_day, current_hits) in rows {
            let usage = Usage {
                hits,
                last_visit_ms,
                current_day,
                current_hits,
            };
            usages.insert(id, usage);
        }
        let shares: Vec<(i64, ShareRow)> = api_key_share::table
            .filter(api_key_share::key_id.eq_any(ids.to_vec()))
            .order(api_key_share::day)
            .select((api_key_share::key_id, ShareRow::as_select()))
            .load(connection)?;
        for (id, share) in shares {
            let usage: &mut Usage = usages.entry(id).or_default();
            usage.add(share.day, share.charged(), share.last_visit_ms);
        }
    }
    Ok(usages)
}

impl Usage {
    /// Adds calls of a day: a later day begins a new count, an earlier one no longer counts for the limit.
    pub(crate) fn add(&mut self, day: i64, hits: i64, last_visit_ms: i64) {
        if hits == 0 {
            return;
        }
        if day > self.current_day {
            self.current_day = day;
            self.current_hits = 0;
        }
        if day == self.current_day {
            self.current_hits += hits;
        }
        self.hits += hits;
        self.last_visit_ms = self.last_visit_ms.max(last_visit_ms);
    }
}

impl Listed {
    /// Whether a text is in the comment or begins a prefix, without regard to case.
    fn contains(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        let begins = |secret: &StoredSecret| secret.prefix.to_lowercase().starts_with(&text);
        self.key.comment.to_lowercase().contains(&text) || self.secrets.iter().any(begins)
    }
}
