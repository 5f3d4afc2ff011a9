//! Applications: those of the ledger that this module has made or was told of.

use loggia_push::application::{self, Application, NewApplication, status};
use loggia_push::identity::{digest, public_id};
use loggia_push::page;
use loggia_sql::Connection;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::token;

/// How many applications are read at once.
const PAGE: i64 = 200;

/// The member of an application's details that is this module's.
const MEMBER: &str = "pushback";

/// What the module keeps of an application.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Details {
    /// The account that it belongs to; none is the operator's.
    pub(crate) owner: Option<i64>,
    /// Whether the token, which may send, may listen too.
    pub(crate) open_subscribe: bool,
    /// Whether the subscribe key needs a ticket beside it.
    pub(crate) tickets_only: bool,
    /// The number of the API key that its notifications count against.
    pub(crate) key: Option<i64>,
    /// The digest of the subscribe key.
    pub(crate) subscribe_digest: String,
}

/// An application of this module.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub(crate) row: Application,
    pub(crate) details: Details,
}

impl Known {
    /// An application of the ledger, where it is one of this module's.
    fn of(row: Application) -> Option<Self> {
        let all: Map<String, Value> = serde_json::from_str(&row.details).ok()?;
        let details = serde_json::from_value(all.get(MEMBER)?.clone()).ok()?;
        Some(Known { row, details })
    }

    /// The details of the row with these in it.
    pub(crate) fn with(&self, details: &Details) -> String {
        let mut all: Map<String, Value> =
            serde_json::from_str(&self.row.details).unwrap_or_default();
        all.insert(MEMBER.to_owned(), written(details));
        Value::Object(all).to_string()
    }

    pub(crate) fn is_active(&self) -> bool {
        self.row.is_enabled()
    }

    /// The digest of its token, which signs tickets.
    pub(crate) fn signing_key(&self) -> &str {
        self.row.token_digest.as_deref().unwrap_or_default()
    }

    /// The channel of a user, on which the engine of push publishes too.
    pub(crate) fn channel(&self, device: i64) -> String {
        page::channel(self.row.id, device)
    }

    /// How the channels of all its users begin.
    pub(crate) fn channels(&self) -> String {
        page::channels(self.row.id)
    }
}

fn written(details: &Details) -> Value {
    serde_json::to_value(details).unwrap_or_default()
}

/// What is shown once: the token and the subscribe key.
pub(crate) struct Secrets {
    pub(crate) token: String,
    pub(crate) subscribe_key: String,
}

/// Makes an application.
pub(crate) fn create(
    connection: &mut Connection,
    ((name, description), token): ((&str, &str), String),
    details: Details,
    now_ms: i64,
) -> diesel::QueryResult<(Known, Secrets)> {
    let id = public_id();
    let (subscribe_key, subscribe_digest) = token::new_key(&id);
    let details = Details {
        subscribe_digest,
        ..details
    };
    let mut all = Map::new();
    all.insert(MEMBER.to_owned(), written(&details));
    let all = Value::Object(all).to_string();
    let row = application::create(
        connection,
        &NewApplication {
            code: &format!("pushback-{id}"),
            public_id: Some(&id),
            token: Some(&token),
            name,
            description,
            status: Some(status::PRODUCTION),
            details: Some(&all),
        },
        now_ms,
    )?;
    let secrets = Secrets {
        token,
        subscribe_key,
    };
    Ok((Known { row, details }, secrets))
}

/// The application that a token speaks for.
pub(crate) fn by_token(
    connection: &mut Connection,
    token: &str,
) -> diesel::QueryResult<Option<Known>> {
    Ok(application::by_token(connection, token)?.and_then(Known::of))
}

/// The application whose subscribe key it is.
pub(crate) fn by_key(connection: &mut Connection, key: &str) -> diesel::QueryResult<Option<Known>> {
    let Some((id, secret)) = token::parts(key) else {
        return Ok(None);
    };
    let known = application::by_public_id(connection, id)?.and_then(Known::of);
    Ok(known.filter(|one| token::is_secret(secret, &one.details.subscribe_digest)))
}

/// The application with a number.
pub(crate) fn by_id(connection: &mut Connection, id: i64) -> diesel::QueryResult<Option<Known>> {
    Ok(application::by_id(connection, id)?.and_then(Known::of))
}

/// All applications, or those of one account.
pub(crate) fn list(
    connection: &mut Connection,
    owner: Option<i64>,
) -> diesel::QueryResult<Vec<Known>> {
    let mut found = Vec::new();
    let mut after = 0;
    loop {
        let rows = application::list(connection, after, PAGE)?;
        let Some(last) = rows.last() else {
            return Ok(found);
        };
        after = last.id;
        let known = rows.into_iter().filter_map(Known::of);
        found.extend(known.filter(|one| owner.is_none() || one.details.owner == owner));
    }
}

/// What a change of an application's secrets and words is.
pub(crate) fn change(
    connection: &mut Connection,
    known: &Known,
    change: &application::Change,
    now_ms: i64,
) -> diesel::QueryResult<Option<Known>> {
    let changed = application::change(connection, known.row.id, change, now_ms)?;
    Ok(changed.and_then(Known::of))
}

/// Ends an application. Its row stays for the ledger, and nothing can be done with it any more.
pub(crate) fn end(
    connection: &mut Connection,
    known: &Known,
    now_ms: i64,
) -> diesel::QueryResult<()> {
    let mut all: Map<String, Value> = serde_json::from_str(&known.row.details).unwrap_or_default();
    all.remove(MEMBER);
    let change = application::Change {
        token_digest: Some(Some(digest(&token::new_token()))),
        status: Some(status::DISABLED.to_owned()),
        details: Some(Value::Object(all).to_string()),
        ..application::Change::default()
    };
    application::change(connection, known.row.id, &change, now_ms).map(drop)
}
