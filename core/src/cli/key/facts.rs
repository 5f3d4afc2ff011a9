//! A key as commands print it.

use serde::Serialize;

use crate::cli::time;
use crate::store::keys::{Listed, Rights, State};

/// One key; its secret only at its making.
#[derive(Serialize)]
pub(super) struct Facts {
    pub(super) id: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    prefix: String,
    state: State,
    user_id: i64,
    #[serde(flatten)]
    rights: Rights,
    daily_requests: i64,
    expires: Option<String>,
    comment: String,
    created: String,
    hits: i64,
    last_visit: Option<String>,
    today: i64,
    secrets: Vec<SecretFacts>,
}

/// What may be shown of a secret.
#[derive(Serialize)]
struct SecretFacts {
    prefix: String,
    legacy: bool,
    created: String,
    expires: Option<String>,
}

/// A key in a list.
#[derive(Serialize)]
pub(super) struct Row {
    id: i64,
    prefix: String,
    state: State,
    endpoints: String,
    daily: i64,
    today: i64,
    hits: i64,
    expires: Option<String>,
    last_visit: Option<String>,
    comment: String,
}

impl Facts {
    pub(super) fn of(listed: Listed) -> Self {
        let (key, usage) = (listed.key, listed.usage);
        let secrets: Vec<_> = listed
            .secrets
            .into_iter()
            .map(|secret| SecretFacts {
                prefix: secret.prefix,
                legacy: secret.legacy,
                created: time::shown(secret.created_ms),
                expires: secret.expires_ms.map(time::shown),
            })
            .collect();
        let is_today = usage.current_day == time::today();
        Self {
            id: key.id,
            key: None,
            prefix: secrets
                .first()
                .map_or_else(String::new, |newest| newest.prefix.clone()),
            state: key.state,
            user_id: key.user_id,
            rights: key.rights,
            daily_requests: key.daily_requests,
            expires: key.expires_ms.map(time::shown),
            comment: key.comment,
            created: time::shown(key.created_ms),
            hits: usage.hits,
            last_visit: (usage.last_visit_ms > 0).then(|| time::shown(usage.last_visit_ms)),
            today: if is_today { usage.current_hits } else { 0 },
            secrets,
        }
    }

    /// With the whole key, for the one time it is shown.
    pub(super) fn with_key(self, key: &str) -> Self {
        Self {
            key: Some(key.to_owned()),
            ..self
        }
    }

    /// The key as a row of a list.
    pub(super) fn row(&self) -> Row {
        let all = || "all".to_owned();
        Row {
            id: self.id,
            prefix: self.prefix.clone(),
            state: self.state,
            endpoints: self
                .rights
                .endpoints
                .as_ref()
                .map_or_else(all, |names| names.join(" ")),
            daily: self.daily_requests,
            today: self.today,
            hits: self.hits,
            expires: self.expires.clone(),
            last_visit: self.last_visit.clone(),
            comment: self.comment.clone(),
        }
    }
}
