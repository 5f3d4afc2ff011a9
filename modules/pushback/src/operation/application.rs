//! Making, changing and ending an application.

use loggia_push::application::{Change as RowChange, status};
use loggia_push::identity::digest;
use loggia_sdk::prelude::*;
use loggia_sql::Connection;

use super::owned;
use crate::PushBack;
use crate::store::application::{self, Details, Known, Secrets};
use crate::store::{client, key};
use crate::token;

/// A new application.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct New {
    /// Its name.
    #[schemars(length(min = 1, max = 30))]
    name: String,
    /// What it is.
    #[schemars(length(max = 1000))]
    description: Option<String>,
    /// Whether the token, which may send, may listen too, as in the original.
    open_subscribe: Option<bool>,
    /// Whether a page with the subscribe key needs a ticket too.
    tickets_only: Option<bool>,
    /// The token of an application that moves here from an old server; only the operator may name one.
    #[schemars(length(min = 22, max = 150))]
    app_token: Option<String>,
    /// The number of the API key that its notifications count against; only the operator may name one.
    #[schemars(range(min = 0))]
    key: Option<i64>,
}

/// What is to be changed.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Changes {
    /// The application.
    id: i64,
    /// Its name.
    #[schemars(length(min = 1, max = 30))]
    name: Option<String>,
    /// What it is.
    #[schemars(length(max = 1000))]
    description: Option<String>,
    /// Whether it may be used at all.
    active: Option<bool>,
    /// Whether the token may listen too.
    open_subscribe: Option<bool>,
    /// Whether a page with the subscribe key needs a ticket too.
    tickets_only: Option<bool>,
    /// Whether it gets another token; the old one is good no more.
    renew_token: Option<bool>,
    /// Whether it gets another subscribe key; the old one is good no more.
    renew_subscribe_key: Option<bool>,
    /// The number of the API key that its notifications count against, 0 for none; only the operator may name one.
    #[schemars(range(min = 0))]
    key: Option<i64>,
}

/// Which application.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Named {
    /// The application.
    id: i64,
}

/// An application, and what of it is shown only once.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Shown {
    #[serde(flatten)]
    application: Application,
    /// The token that sends, where it is new.
    #[serde(skip_serializing_if = "Option::is_none")]
    app_token: Option<String>,
    /// The key that only listens, where it is new.
    #[serde(skip_serializing_if = "Option::is_none")]
    subscribe_key: Option<String>,
}

/// An application.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Application {
    /// Its number.
    id: i64,
    /// Its name.
    name: String,
    /// What it is.
    description: String,
    /// Whether it may be used.
    active: bool,
    /// Whether the token may listen too.
    open_subscribe: bool,
    /// Whether a page with the subscribe key needs a ticket too.
    tickets_only: bool,
    /// The number of the API key that its notifications count against.
    key: Option<i64>,
    /// The account that it belongs to; none is the operator's.
    owner: Option<i64>,
    /// When it was made, in milliseconds since 1970.
    created_ms: i64,
}

impl From<&Known> for Application {
    fn from(known: &Known) -> Self {
        Application {
            id: known.row.id,
            name: known.row.name.clone(),
            description: known.row.description.clone(),
            active: known.is_active(),
            open_subscribe: known.details.open_subscribe,
            tickets_only: known.details.tickets_only,
            key: known.details.key,
            owner: known.details.owner,
            created_ms: known.row.created_ms,
        }
    }
}

/// That something is done.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Done {}

/// A token is one application's.
fn taken(error: diesel::result::Error) -> Fault {
    if loggia_sql::is_unique(&error) {
        return Fault::parameter("app_token", "must not be another application's");
    }
    error.into()
}

/// The key that the operator has named, none for 0, or the one that is known. Whoever else named one would have his
/// notifications charged to somebody.
fn named_key(
    call: &Call<'_>,
    connection: &mut Connection,
    named: Option<i64>,
    known: Option<i64>,
) -> Result<Option<i64>, Fault> {
    match named {
        None => Ok(known),
        Some(_) if !call.is_unbound() => {
            Err(Fault::parameter("key", "only the operator names one"))
        }
        Some(0) => Ok(None),
        Some(id) if key::is_there(connection, id)? => Ok(Some(id)),
        Some(_) => {
            let rule = "must be the number of a key that is there, as `loggia key list` shows it";
            Err(Fault::parameter("key", rule))
        }
    }
}

/// Makes an application of the caller's.
pub(crate) fn create(_module: &PushBack, call: &Call<'_>, new: New) -> Result<Shown, Fault> {
    let mut connection = call.database_for_writing()?;
    let details = Details {
        owner: call.user(),
        open_subscribe: new.open_subscribe.unwrap_or(false),
        tickets_only: new.tickets_only.unwrap_or(false),
        key: named_key(call, &mut connection, new.key, None)?,
        subscribe_digest: String::new(),
    };
    if new.app_token.is_some() && !call.is_unbound() {
        return Err(Fault::parameter(
            "app_token",
            "only the operator takes a token over",
        ));
    }
    let token = new.app_token.unwrap_or_else(token::new_token);
    let words = (
        new.name.as_str(),
        new.description.as_deref().unwrap_or_default(),
    );
    let now_ms = call.host().clock().now_ms();
    let (known, secrets) =
        application::create(&mut connection, (words, token), details, now_ms).map_err(taken)?;
    let Secrets {
        token,
        subscribe_key,
    } = secrets;
    Ok(Shown {
        application: (&known).into(),
        app_token: Some(token),
        subscribe_key: Some(subscribe_key),
    })
}

/// Changes an application. One that is not active any more loses its pages.
pub(crate) fn change(
    _module: &PushBack,
    call: &Call<'_>,
    changes: Changes,
) -> Result<Shown, Fault> {
    let now_ms = call.host().clock().now_ms();
    let mut connection = call.database_for_writing()?;
    connection.transaction(|connection| {
        let known = owned(call, connection, changes.id)?;
        let token = changes.renew_token.unwrap_or(false).then(token::new_token);
        let wants_key = changes.renew_subscribe_key.unwrap_or(false);
        let key = wants_key.then(|| token::new_key(&known.row.public_id));
        let details = Details {
            open_subscribe: changes
                .open_subscribe
                .unwrap_or(known.details.open_subscribe),
            tickets_only: changes.tickets_only.unwrap_or(known.details.tickets_only),
            subscribe_digest: match &key {
                Some((_, kept)) => kept.clone(),
                None => known.details.subscribe_digest.clone(),
            },
            key: named_key(call, connection, changes.key, known.details.key)?,
            owner: known.details.owner,
        };
        let active = |active| {
            if active {
                status::PRODUCTION
            } else {
                status::DISABLED
            }
        };
        let row = RowChange {
            name: changes.name,
            description: changes.description,
            status: changes.active.map(|is| active(is).to_owned()),
            token_digest: token.as_deref().map(|token| Some(digest(token))),
            details: Some(known.with(&details)),
            ..RowChange::default()
        };
        let changed = application::change(connection, &known, &row, now_ms)?;
        let changed = changed.ok_or(Fault::new("PBK_ANF"))?;
        if known.is_active() && !changed.is_active() {
            call.host()
                .channels()?
                .end(call, connection, &known.channels())?;
        }
        Ok(Shown {
            application: (&changed).into(),
            app_token: token,
            subscribe_key: key.map(|(key, _)| key),
        })
    })
}

/// Ends an application with its users and their connections. What the ledger says of its notifications stays.
pub(crate) fn delete(_module: &PushBack, call: &Call<'_>, named: Named) -> Result<Done, Fault> {
    let now_ms = call.host().clock().now_ms();
    let mut connection = call.database_for_writing()?;
    connection.transaction(|connection| {
        let known = owned(call, connection, named.id)?;
        client::forget_all(connection, known.row.id)?;
        application::end(connection, &known, now_ms)?;
        call.host()
            .channels()?
            .end(call, connection, &known.channels())?;
        Ok(Done {})
    })
}
