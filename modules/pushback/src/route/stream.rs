//! Where pages listen.

use std::borrow::Cow;

use loggia_sdk::prelude::*;
use loggia_sdk::{Stream, Streamed};

use crate::PushBack;
use crate::answer::Refusal;
use crate::store::application::{self, Known};
use crate::store::client;
use crate::ticket;

/// The sub-protocol of our own script: messages with ids, and the position first. Pages of the original ask for none.
const PROTOCOL: &str = "pushback.envelope";

/// A user of an application, who may be listened to.
pub(super) struct Heard {
    pub(super) application: Known,
    pub(super) device: i64,
}

/// What stands in the query.
#[derive(Debug, Default)]
pub(super) struct Query<'q>(Vec<(Cow<'q, str>, Cow<'q, str>)>);

impl<'q> Query<'q> {
    pub(super) fn read(query: &'q str) -> Self {
        Query(serde_urlencoded::from_str(query).unwrap_or_default())
    }

    pub(super) fn text(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| &**value)
    }

    /// A number that may be absent.
    pub(super) fn number(&self, name: &str) -> Result<Option<i64>, Refusal> {
        let text = self.text(name).filter(|text| !text.is_empty());
        let Some(text) = text else { return Ok(None) };
        let number = text.parse().map(Some);
        number.map_err(|_| Refusal::field(name, "A valid integer is required."))
    }

    fn flag(&self, name: &str) -> bool {
        matches!(self.text(name), Some("1" | "true"))
    }
}

/// Who may be listened to with a token or a subscribe key. The answer never tells which of both was wrong.
pub(super) fn find(
    call: &Call<'_>,
    (token, user, ticket): (&str, &str, Option<&str>),
) -> Result<Option<Heard>, Fault> {
    let mut connection = call.database()?;
    let by_key = application::by_key(&mut connection, token)?;
    let is_key = by_key.is_some();
    let known = match by_key {
        Some(known) => Some(known),
        None => application::by_token(&mut connection, token)?,
    };
    let Some(application) = known.filter(Known::is_active) else {
        return Ok(None);
    };
    let now_s = call.host().clock().now_ms() / 1_000;
    let is_signed = |ticket: &str| ticket::is_good(ticket, user, application.signing_key(), now_s);
    let details = &application.details;
    let may_listen = match ticket {
        Some(ticket) => is_signed(ticket),
        None if is_key => !details.tickets_only,
        None => details.open_subscribe,
    };
    if !may_listen {
        return Ok(None);
    }
    let ids = [user.trim().to_owned()];
    let found = client::find(&mut connection, application.row.id, &ids)?;
    let device = found.get(&ids[0]).copied();
    Ok(device.map(|device| Heard {
        application,
        device,
    }))
}

/// `GET /ws/notifications/subscribe/<token>/<user>/`.
pub(crate) fn websocket(_module: &PushBack, call: &Call<'_>) -> Result<Streamed, Fault> {
    let query = Query::read(call.query());
    let since = match query.number("since") {
        Ok(since) => since,
        Err(refusal) => return Ok(Streamed::Body(refusal.body())),
    };
    let offered = call.header("sec-websocket-protocol").unwrap_or_default();
    let is_ours = offered.split(',').any(|one| one.trim() == PROTOCOL);
    let has_envelope = is_ours || since.is_some() || query.flag("envelope");
    open(call, &query, |channel, user| {
        let stream = Stream::websocket(channel, user)
            .since(since)
            .envelope(has_envelope)
            .position(is_ours);
        if is_ours {
            stream.protocol(PROTOCOL)
        } else {
            stream
        }
    })
}

/// `GET /events/notifications/subscribe/<token>/<user>/`. A browser says by itself which event it has seen last.
pub(crate) fn events(_module: &PushBack, call: &Call<'_>) -> Result<Streamed, Fault> {
    let query = Query::read(call.query());
    let since = match (call.last_event_id(), query.number("since")) {
        (Some(seen), _) => Some(seen),
        (None, Ok(since)) => since,
        (None, Err(refusal)) => return Ok(Streamed::Body(refusal.body())),
    };
    let has_envelope = query.flag("envelope");
    open(call, &query, |channel, user| {
        Stream::events(channel, user)
            .since(since)
            .envelope(has_envelope)
    })
}

fn open(
    call: &Call<'_>,
    query: &Query<'_>,
    stream: impl FnOnce(String, &str) -> Stream,
) -> Result<Streamed, Fault> {
    let token = call.path_parameter("token").unwrap_or_default();
    let user = call.path_parameter("user").unwrap_or_default();
    match find(call, (token, user, query.text("ticket")))? {
        Some(heard) => {
            let channel = heard.application.channel(heard.device);
            Ok(Streamed::Stream(stream(channel, user.trim())))
        }
        None => Ok(Streamed::Body(not_allowed().body())),
    }
}

/// The refusal of a page.
pub(super) fn not_allowed() -> Refusal {
    Refusal::detail(
        403,
        "No active application with such a key, or no such user, or no good ticket.",
    )
}
