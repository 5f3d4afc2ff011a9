//! The address at which an application's own server is told what became of its notifications.

use std::collections::BTreeSet;

use loggia_push::Application;
use loggia_push::event::Kind;
use loggia_push::hook::{self, Hook};
use loggia_push::letter::{self, Counts};
use loggia_sdk::prelude::*;
use loggia_sdk::push::CredentialsFault;
use loggia_site::clock::written;
use loggia_sql::Connection;
use serde_json::{Map, Value, json};

use crate::{Push, bounds, engine, named};

/// A webhook. Its secret is shown when it is made, and never again.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Webhook {
    /// The application's code.
    app: String,
    /// The address that is called.
    url: String,
    /// What is told.
    events: BTreeSet<Kind>,
    /// So many messages wait.
    waiting: i64,
    /// So many messages were given up.
    given_up: i64,
    /// So many calls failed since the last good one.
    failures: i64,
    /// Before this time nothing is called, in UTC.
    paused_until: Option<String>,
    /// Since when nothing is told, because the receiver answered 410, in UTC.
    stopped: Option<String>,
    /// Why the last call that failed did.
    last_error: Option<String>,
    /// When that was, in UTC.
    failed: Option<String>,
    /// When a call last was taken, in UTC.
    succeeded: Option<String>,
    /// When it was made, in UTC.
    created: String,
    /// When it was changed last, in UTC.
    modified: String,
}

impl Webhook {
    fn of(application: Application, row: Hook, counts: Counts) -> Self {
        Webhook {
            app: application.code,
            events: row.kinds(),
            url: row.url,
            waiting: counts.waiting,
            given_up: counts.given_up,
            failures: row.failures,
            paused_until: (row.paused_until_ms > 0).then(|| written(row.paused_until_ms)),
            stopped: row.stopped_ms.map(written),
            last_error: row.last_error,
            failed: row.last_error_ms.map(written),
            succeeded: row.last_success_ms.map(written),
            created: written(row.created_ms),
            modified: written(row.modified_ms),
        }
    }
}

/// An application and its webhook.
pub(super) fn find(connection: &mut Connection, app: &str) -> Result<(Application, Hook), Fault> {
    let application = named::application(connection, app)?;
    with_hook(connection, application)
}

fn with_hook(
    connection: &mut Connection,
    application: Application,
) -> Result<(Application, Hook), Fault> {
    let hook = hook::of(connection, application.id)?;
    let hook = hook.ok_or_else(|| Fault::new("PSH_WUN"))?;
    Ok((application, hook))
}

fn shown(
    connection: &mut Connection,
    (application, hook): (Application, Hook),
) -> Result<Webhook, Fault> {
    let counts = letter::counts(connection, application.id)?;
    Ok(Webhook::of(application, hook, counts))
}

/// Parameters of `get/webhooks` and `delete/webhooks`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct OfApp {
    /// The application's code or id.
    #[schemars(length(max = 255), extend("x-missing" = "PSH_ANS"))]
    app: String,
}

/// Shows an application's webhook.
pub(crate) fn get(_push: &Push, call: &Call<'_>, given: OfApp) -> Result<Webhook, Fault> {
    let connection = &mut call.database()?;
    let found = find(connection, &given.app)?;
    shown(connection, found)
}

/// Parameters of `put/webhooks`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct PutWebhook {
    /// The application's code or id.
    #[schemars(length(max = 255), extend("x-missing" = "PSH_ANS"))]
    app: String,
    /// The address, `https` and public; without it the one that there is.
    #[schemars(length(max = 2000))]
    url: Option<String>,
    /// What is told: of `accepted`, `refused`, `gone`, `expired`, `skipped`, `unknown`, `opened`, `clicked`, `alarm` and
    /// `alarm_ended`; without it what was told so far, or everything.
    #[schemars(length(min = 1, max = 10))]
    events: Option<Vec<Kind>>,
    /// A secret of the receiver's own: `whsec_` and 24 to 64 bytes in base64.
    #[schemars(length(max = 200))]
    secret: Option<String>,
    /// Whether another secret is made.
    #[serde(default)]
    new_secret: bool,
}

/// A webhook that was made or changed.
#[derive(Serialize, JsonSchema)]
pub(crate) struct SavedWebhook {
    /// As it is now.
    webhook: Webhook,
    /// The secret, where one was made: it is shown this once.
    secret: Option<String>,
}

/// Gives an application a webhook, or changes it.
pub(crate) fn put(_push: &Push, call: &Call<'_>, given: PutWebhook) -> Result<SavedWebhook, Fault> {
    if let Some(events) = &given.events {
        bounds::list("events", events, Kind::ALL.len())?;
    }
    let mut wanted = Map::new();
    wanted.extend(given.url.map(|url| ("url".to_owned(), Value::from(url))));
    wanted.extend(
        given
            .events
            .map(|events| ("events".to_owned(), json!(events))),
    );
    wanted.extend(
        given
            .secret
            .map(|text| ("secret".to_owned(), Value::from(text))),
    );
    wanted.insert("new_secret".to_owned(), given.new_secret.into());
    let text = json!({ "webhook": wanted }).to_string();
    let push = call.host().push()?;
    let connection = &mut call.database_for_writing()?;
    let saved = connection.transaction(|connection| {
        let application = named::application(connection, &given.app)?;
        let kept = push.set_credentials(connection, application.id, Some(&text));
        let kept = kept.map_err(|fault| match fault {
            CredentialsFault::Refused(rule) => {
                // The host names the member that all of this is to it.
                let rule = rule.strip_prefix("`credentials`: ").unwrap_or(&rule);
                Fault::new("PSH_WNV").detail(rule)
            }
            CredentialsFault::NotFound => Fault::new("PSH_AUN"),
            CredentialsFault::Failed(fault) => fault,
        })?;
        let found = with_hook(connection, application)?;
        Ok::<_, Fault>(SavedWebhook {
            webhook: shown(connection, found)?,
            secret: kept.webhook_secret,
        })
    })?;
    engine::wake(call)?;
    Ok(saved)
}

/// What was deleted.
#[derive(Serialize, JsonSchema)]
pub(crate) struct DeletedWebhook {
    /// The application's code.
    app: String,
    /// So many messages that waited, or were given up, went with it.
    messages: i64,
}

/// Takes an application's webhook away.
pub(crate) fn delete(_push: &Push, call: &Call<'_>, given: OfApp) -> Result<DeletedWebhook, Fault> {
    let now_ms = call.host().clock().now_ms();
    let connection = &mut call.database_for_writing()?;
    connection.transaction(|connection| {
        let application = named::application(connection, &given.app)?;
        let messages = hook::delete(connection, application.id, now_ms)?;
        let messages = messages.ok_or_else(|| Fault::new("PSH_WUN"))?;
        Ok(DeletedWebhook {
            app: application.code,
            messages: i64::try_from(messages).unwrap_or(i64::MAX),
        })
    })
}
