//! Where an open page listens: it is a device of the platform `page`, and whoever knows its id for the outside speaks
//! for it.

use diesel::QueryResult;
use loggia_push::device::status;
use loggia_push::{Application, Device, Platform, application, device, page};
use loggia_sdk::prelude::*;
use loggia_sdk::{Stream, Streamed};
use loggia_sql::Connection;

use crate::Push;

/// `GET /push/page/{device}/socket`.
pub(crate) fn websocket(_push: &Push, call: &Call<'_>) -> Result<Streamed, Fault> {
    let since = since(call)?;
    open(call, |channel, member| {
        let stream = Stream::websocket(channel, member);
        stream.since(since).envelope(true).position(true)
    })
}

/// `GET /push/page/{device}/events`. A browser says by itself which event it has seen last.
pub(crate) fn events(_push: &Push, call: &Call<'_>) -> Result<Streamed, Fault> {
    let since = match call.last_event_id() {
        Some(seen) => Some(seen),
        None => since(call)?,
    };
    open(call, |channel, member| {
        Stream::events(channel, member).since(since)
    })
}

/// The last message that the page has seen.
fn since(call: &Call<'_>) -> Result<Option<i64>, Fault> {
    let mut pairs = form_urlencoded::parse(call.query().as_bytes());
    let Some((_, text)) = pairs.find(|(name, text)| name == "since" && !text.is_empty()) else {
        return Ok(None);
    };
    let number = text.parse().map(Some);
    number.map_err(|_| Fault::parameter("since", "must be a whole number"))
}

fn open(call: &Call<'_>, stream: impl FnOnce(String, &str) -> Stream) -> Result<Streamed, Fault> {
    let id = call.path_parameter("device").unwrap_or_default();
    let page = in_use(&mut call.database()?, id)?.ok_or_else(|| Fault::new("PSH_DUN"))?;
    let channel = page::channel(page.application_id, page.id);
    let member = page.user_ref.as_deref().unwrap_or(&page.public_id);
    Ok(Streamed::Stream(stream(channel, member)))
}

/// The page with an id, while it and its application are in use.
fn in_use(connection: &mut Connection, id: &str) -> QueryResult<Option<Device>> {
    let found = device::by_public_id(connection, id)?;
    let page = found.filter(|one| one.platform == Platform::Page.word());
    let Some(page) = page.filter(|page| page.status != status::RETIRED) else {
        return Ok(None);
    };
    let application = application::by_id(connection, page.application_id)?;
    Ok(application.filter(Application::is_enabled).map(|_| page))
}
