//! `GET R/change-stream`: server-sent events of what becomes of a model's records.
//!
//! Whoever publishes waits for others who do until his transaction ends, so nothing is published where nobody listens.
//! Whether somebody does is asked at most once a second; the node that opens a stream knows it at once.

use std::sync::atomic::{AtomicI64, Ordering};

use loggia_sdk::prelude::*;
use loggia_sdk::{Stream, Streamed};
use serde_json::{Value, json};

use crate::Loopback;
use crate::model::{Act, Context, Model};
use crate::reply::{Outcome, Record, text, without};

/// So long what is known of listeners is believed.
const BELIEVED_MS: i64 = 1_000;
/// So long a stream that was opened here is believed to be there; by then it is told to whoever asks.
const OPENING_MS: i64 = 5_000;

/// Whether somebody listens to the changes of a model: until when that is believed, and in the last bit whether so.
#[derive(Debug, Default)]
pub(crate) struct Listeners(AtomicI64);

impl Listeners {
    fn opened(&self, now_ms: i64) {
        let believed = (now_ms + OPENING_MS) << 1 | 1;
        self.0.store(believed, Ordering::Relaxed);
    }

    fn are_there(&self, context: &Context<'_>, channel: &str) -> Result<bool, Fault> {
        let known = self.0.load(Ordering::Relaxed);
        if context.now_ms < known >> 1 {
            return Ok(known & 1 == 1);
        }
        let channels = context.call.host().channels()?;
        let found = channels.present(context.call, &[channel.to_owned()])?;
        let are_there = !found.is_empty();
        let believed = (context.now_ms + BELIEVED_MS) << 1 | i64::from(are_there);
        // A stream that was opened meanwhile knows better.
        let _ = (self.0).compare_exchange(known, believed, Ordering::Relaxed, Ordering::Relaxed);
        Ok(are_there)
    }
}

/// What became of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// It is new.
    Create,
    /// It is another one.
    Update,
    /// It is gone.
    Remove,
}

impl Change {
    fn word(self) -> &'static str {
        match self {
            Change::Create => "create",
            Change::Update => "update",
            Change::Remove => "remove",
        }
    }
}

fn channel<M: Model>() -> String {
    format!("changes.{}", M::NAME)
}

/// `GET` and `POST R/change-stream`.
#[expect(clippy::unnecessary_wraps, reason = "handlers of routes may fail")]
pub(crate) fn stream<M: Model>(module: &Loopback, call: &Call<'_>) -> Result<Streamed, Fault> {
    if let Err(error) = M::admit(call, Act::Search) {
        return Ok(Streamed::Body(error.body()));
    }
    let listeners = module.listeners::<M>();
    listeners.opened(call.host().clock().now_ms());
    let stream = Stream::events(channel::<M>(), "changes")
        .since(call.last_event_id())
        .typed();
    Ok(Streamed::Stream(stream))
}

/// Tells whoever listens that records are gone.
pub(crate) fn tell_gone<M: Model>(context: &mut Context<'_>, ids: &[String]) -> Outcome<()> {
    let record = |id: &String| Record::from_iter([("id".to_owned(), json!(id))]);
    let records: Vec<Record> = ids.iter().map(record).collect();
    tell::<M>(context, Change::Remove, &records)
}

/// Tells whoever listens what became of records, in the transaction of the change.
pub(crate) fn tell<M: Model>(
    context: &mut Context<'_>,
    change: Change,
    records: &[Record],
) -> Outcome<()> {
    let channel = channel::<M>();
    if records.is_empty()
        || !context
            .module
            .listeners::<M>()
            .are_there(context, &channel)?
    {
        return Ok(());
    }
    let channels = context.call.host().channels().map_err(Fault::from)?;
    for record in records {
        let target = text(record, "id");
        let mut event =
            json!({ "target": target, "where": { "id": target }, "type": change.word() });
        if change != Change::Remove {
            event["data"] = Value::Object(without(record, M::UNTOLD));
        }
        channels.publish(
            context.call,
            &mut context.connection,
            std::slice::from_ref(&channel),
            &event.to_string(),
        )?;
    }
    Ok(())
}
