//! `GET /api/v1/messages/?since=`: what a user has missed, for pages without a websocket.

use loggia_push::page;
use loggia_sdk::prelude::*;
use serde_json::json;

use super::stream::{Query, find, not_allowed};
use crate::PushBack;
use crate::answer::{Failed, Faults, finish, json_body};

const REQUIRED: &str = "This field is required.";

/// Gives the messages behind one; without it none, but where to begin.
pub(crate) fn get(module: &PushBack, call: &Call<'_>) -> Result<Body, Fault> {
    finish(messages(module, call))
}

fn messages(module: &PushBack, call: &Call<'_>) -> Result<Body, Failed> {
    let query = Query::read(call.query());
    let token = query
        .text("subscribe_key")
        .or_else(|| query.text("app_token"));
    let user = query.text("user").or_else(|| query.text("client_id"));
    let since = query.number("since")?;
    let limit = query
        .number("limit")?
        .unwrap_or(module.settings.messages_at_once);
    let (Some(token), Some(user)) = (token, user) else {
        let mut faults = Faults::default();
        if token.is_none() {
            faults.add("app_token", REQUIRED);
        }
        if user.is_none() {
            faults.add("user", REQUIRED);
        }
        faults.check()?;
        return Err(not_allowed().into());
    };
    let Some(heard) = find(call, (token, user, query.text("ticket")))? else {
        return Err(not_allowed().into());
    };
    let channel = heard.application.channel(heard.device);
    let limit = limit.clamp(1, module.settings.messages_at_once);
    let since = since.unwrap_or(i64::MAX);
    let found = call
        .host()
        .channels()?
        .history(call, &channel, since, limit)?;
    let deliveries = found
        .messages
        .iter()
        .filter_map(|message| message.notification);
    let deliveries: Vec<_> = deliveries.map(|one| (one, heard.device)).collect();
    if !deliveries.is_empty() {
        let now_ms = call.host().clock().now_ms();
        let mut connection = call.database_for_writing()?;
        connection.transaction(|connection| page::accept(connection, &deliveries, now_ms))?;
    }
    let answer = json!({ "messages": found.messages, "last": found.last, "gap": found.gap });
    let mut body = json_body(200, &answer);
    body.headers
        .push(("cache-control".to_owned(), "no-store".to_owned()));
    Ok(body)
}
