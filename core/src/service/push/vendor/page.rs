//! Open pages. Nothing is sent here: what a page is to get is written, and the engine publishes it on the device's
//! channel in the transaction of the ledger.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::drive::answer_all;
use super::plan::is_expired;
use super::web_push::texts;
use super::{Badge, Batch, Message, Outcome, Sender, Sending};
use crate::service::clock::now_ms;

/// What a websocket's page is sent in one piece at most.
const MOST_BYTES: usize = 64 * 1024;

/// The sender to pages.
pub(super) struct Page;

impl Sender for Page {
    fn send(&self, batch: Batch) -> Sending<'_> {
        Box::pin(async move {
            let outcome = outcome(&batch);
            answer_all(&batch.targets, &batch.answers, &outcome);
        })
    }
}

fn outcome(batch: &Batch) -> Outcome {
    if !batch.permission.holds() {
        return Outcome::Withheld;
    }
    if is_expired(&batch.message, now_ms()) {
        return Outcome::Expired;
    }
    let content = written(&batch.message, &batch.notification_public_id);
    if content.len() > MOST_BYTES {
        let reason = format!(
            "the message has {} bytes, and pages take {MOST_BYTES}",
            content.len()
        );
        return Outcome::Refused {
            reason: reason.into(),
        };
    }
    let is_relative = batch.message.expires_after_s.is_some();
    Outcome::Posted {
        content: content.into(),
        until_ms: batch.message.expires_ms.filter(|_| !is_relative),
    }
}

/// What a browser's worker would be handed, but the same for all pages: the id is the notification's.
fn written(message: &Message, id: &Arc<str>) -> String {
    let mut text = Map::new();
    text.insert("id".to_owned(), Value::from(&**id));
    text.extend(texts(message));
    if let Some(Badge::Exactly(number)) = message.badge {
        text.insert("badge".to_owned(), number.into());
    }
    if !message.data.is_empty() {
        text.insert("data".to_owned(), Value::Object(message.data.clone()));
    }
    Value::Object(text).to_string()
}
