//! `POST /api/v1/register/`.

use loggia_sdk::prelude::*;

use super::sender::{self, Asked};
use crate::PushBack;
use crate::answer::{Failed, finish, success};
use crate::store::client;

const DONE: (&str, &str) = (
    "Users registered with success",
    "Users registered with success",
);

/// Registers users; those who are registered stay as they are, and connected.
pub(crate) fn post(module: &PushBack, call: &Call<'_>) -> Result<Body, Fault> {
    finish(register(module, call))
}

fn register(module: &PushBack, call: &Call<'_>) -> Result<Body, Failed> {
    let mut reading = call.database()?;
    let sender = sender::read(module, call, &mut reading, Asked::Users)?;
    drop(reading);
    let now_ms = call.host().clock().now_ms();
    let mut connection = call.database_for_writing()?;
    connection.transaction(|connection| {
        client::register(connection, sender.application.row.id, &sender.users, now_ms)
    })?;
    Ok(success(sender.form, DONE, None))
}
