//! `POST /api/v1/notify/`.

use loggia_sdk::channels::Receipt;
use loggia_sdk::prelude::*;
use serde_json::Value;

use super::sender::{self, Asked, Sender};
use crate::PushBack;
use crate::answer::{Failed, Refusal, finish, success};
use crate::form::Form;
use crate::store::{client, notification};

/// The second text is the original's.
const DONE: (&str, &str) = (
    "Notifications sent with success",
    "Notifications send with success with success",
);

/// Tells registered users something. When the answer leaves, it is on its way to the connected pages of this node.
pub(crate) fn post(module: &PushBack, call: &Call<'_>) -> Result<Body, Fault> {
    finish(notify(module, call))
}

fn notify(module: &PushBack, call: &Call<'_>) -> Result<Body, Failed> {
    let mut reading = call.database()?;
    let mut sender = sender::read(module, call, &mut reading, Asked::UsersAndContent)?;
    let found = client::find(&mut reading, sender.application.row.id, &sender.users)?;
    drop(reading);
    if let Some(unknown) = sender.users.iter().find(|id| !found.contains_key(*id))
        && sender.form == Form::Json
    {
        let text = format!("Object with client_id={unknown} does not exist.");
        return Err(Refusal::field("users", &text).into());
    }
    sender.users.retain(|id| found.contains_key(id));
    let devices: Vec<i64> = sender.users.iter().map(|id| found[id]).collect();
    let content = sender.content.take().unwrap_or_default();
    let id = publish(call, &sender, &content, devices)?;
    Ok(success(sender.form, DONE, id))
}

fn publish(
    call: &Call<'_>,
    sender: &Sender,
    content: &Value,
    devices: Vec<i64>,
) -> Result<Option<i64>, Fault> {
    if devices.is_empty() {
        return Ok(None);
    }
    let application = &sender.application;
    let channels: Vec<String> = devices
        .iter()
        .map(|one| application.channel(*one))
        .collect();
    let text = content.to_string();
    let now_ms = call.host().clock().now_ms();
    let mut connection = call.database_for_writing()?;
    connection.transaction(|connection| {
        let told = (content, &*sender.users, &*devices);
        let entered = notification::create(connection, application.row.id, told, now_ms)?;
        let receipt = Receipt {
            notification: entered,
            devices,
        };
        let to = (&*channels, Some(&receipt));
        let channels = call.host().channels()?;
        channels.publish_with(call, connection, to, &text).map(Some)
    })
}
