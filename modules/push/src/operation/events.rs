//! What waits to be told to an application's webhook, and what was given up.

use loggia_push::letter::{self, Letter};
use loggia_sdk::prelude::*;
use loggia_site::clock::written;
use loggia_site::page::last_of_full;
use serde_json::Value;

use super::webhooks;
use crate::{Push, engine};

/// The most messages of one page.
const MOST: i64 = 50;

/// Parameters of `get/events`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct GetEvents {
    /// The application's code or id.
    #[schemars(length(max = 255), extend("x-missing" = "PSH_ANS"))]
    app: String,
    /// Only those that wait, or only those that were given up.
    state: Option<State>,
    /// What `next` said.
    after: Option<i64>,
    /// How many a page has, at most 50.
    #[schemars(range(min = 1, max = 50))]
    limit: Option<i64>,
}

/// What becomes of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
    /// It waits for its turn, or for another one.
    Waiting,
    /// It was tried for as long as the settings say.
    GivenUp,
}

/// A message.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Message {
    /// Its id, the `webhook-id` of every call with it.
    id: String,
    /// What becomes of it.
    state: State,
    /// How often the receiver was called with it.
    attempts: i64,
    /// When it is tried next, in UTC.
    next_attempt: Option<String>,
    /// Why the last attempt failed.
    reason: Option<String>,
    /// Since when it waits, in UTC.
    created: String,
    /// What it tells.
    events: Vec<Value>,
}

impl From<Letter> for Message {
    fn from(row: Letter) -> Self {
        Message {
            state: match row.next_attempt_ms {
                Some(_) => State::Waiting,
                None => State::GivenUp,
            },
            events: serde_json::from_str(&row.content).unwrap_or_default(),
            id: row.public_id,
            attempts: row.attempts,
            next_attempt: row.next_attempt_ms.map(written),
            reason: row.reason,
            created: written(row.created_ms),
        }
    }
}

/// A page of messages.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Messages {
    /// The messages, in the order in which they came.
    messages: Vec<Message>,
    /// What `after` is for the next page; `null` at the end.
    next: Option<i64>,
}

/// Shows what waits for an application's webhook, and what was given up.
pub(crate) fn get(_push: &Push, call: &Call<'_>, given: GetEvents) -> Result<Messages, Fault> {
    let connection = &mut call.database()?;
    let (application, _) = webhooks::find(connection, &given.app)?;
    let limit = given.limit.unwrap_or(MOST);
    let is_given_up = given.state.map(|state| state == State::GivenUp);
    let page = (given.after.unwrap_or(0), limit);
    let rows = letter::list(connection, application.id, is_given_up, page)?;
    Ok(Messages {
        next: last_of_full(&rows, limit).map(|row| row.id),
        messages: rows.into_iter().map(Message::from).collect(),
    })
}

/// Parameters of `post/events`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct PostEvents {
    /// The application's code or id.
    #[schemars(length(max = 255), extend("x-missing" = "PSH_ANS"))]
    app: String,
    /// Only the message with this id.
    #[schemars(length(max = 100))]
    id: Option<String>,
}

/// How many are tried again.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Retried {
    /// So many messages wait again.
    messages: usize,
}

/// Has what was given up tried again.
pub(crate) fn post(_push: &Push, call: &Call<'_>, given: PostEvents) -> Result<Retried, Fault> {
    let now_ms = call.host().clock().now_ms();
    let connection = &mut call.database_for_writing()?;
    let (application, _) = webhooks::find(connection, &given.app)?;
    let messages = letter::retry(connection, application.id, given.id.as_deref(), now_ms)?;
    engine::wake(call)?;
    Ok(Retried { messages })
}
