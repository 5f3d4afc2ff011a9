//! Keys as operators see them: records with the statistics of all nodes added up.

use diesel::prelude::*;
use loggia_sql::Connection;
use serde::{Deserialize, Serialize};

use super::{Key, KeyRow, ShareRow, State, api_key, api_key_secret, api_key_share, api_key_usage};

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
    let mut listed = Vec::with_capacity(keys.len());
    for key in keys {
        let one = with_usage(connection, key.into())?;
        if filter.search.as_ref().is_none_or(|text| one.contains(text)) {
            listed.push(one);
        }
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
    row.map(|row| with_usage(connection, row.into()))
        .transpose()
}

fn with_usage(connection: &mut Connection, key: Key) -> QueryResult<Listed> {
    let secrets = api_key_secret::table
        .filter(api_key_secret::key_id.eq(key.id))
        .order(api_key_secret::created_ms.desc())
        .select(StoredSecret::as_select())
        .load(connection)?;
    let usage = usage(connection, key.id)?;
    Ok(Listed {
        key,
        secrets,
        usage,
    })
}

/// The key's own row, and what nodes have charged to shares of theirs and not yet added to it.
pub(in crate::store) fn usage(connection: &mut Connection, id: i64) -> QueryResult<Usage> {
    let (hits, last_visit_ms, current_day, current_hits) = api_key_usage::table
        .find(id)
        .select((
            api_key_usage::hits,
            api_key_usage::last_visit_ms,
            api_key_usage::current_day,
            api_key_usage::current_hits,
        ))
        .first::<(i64, i64, i64, i64)>(connection)?;
    let shares = api_key_share::table
        .filter(api_key_share::key_id.eq(id))
        .order(api_key_share::day)
        .select(ShareRow::as_select())
        .load(connection)?;
    let mut usage = Usage {
        hits,
        last_visit_ms,
        current_day,
        current_hits,
    };
    for share in shares {
        usage.add(share.day, share.charged(), share.last_visit_ms);
    }
    Ok(usage)
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
