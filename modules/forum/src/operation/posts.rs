//! One message, and the messages that await approval.

use loggia_sdk::prelude::*;
use loggia_site::cursor;
use loggia_site::page::last_of_full;

use super::message::{self, Asked, Format, Shown, Texts};
use crate::Forum;
use crate::sight::Sight;
use crate::store::message as messages;
use crate::store::{condition, topic};

/// Parameters of `get/posts`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Posts {
    /// The message.
    id: i64,
    /// Whether its text is shown as it was written, or as HTML that does no harm.
    #[schemars(extend("x-fallback" = true))]
    format: Option<Format>,
}

/// Parameters of `get/held`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Held {
    /// Only those of this category.
    catid: Option<i64>,
    /// How many a page has; 20 where nothing is said.
    #[schemars(range(min = 1, max = 1000))]
    limit: Option<i64>,
    /// Where the page before ended: its `next`.
    cursor: Option<String>,
}

/// A message.
#[derive(Serialize, JsonSchema)]
pub(crate) struct One {
    /// The message.
    post: Shown,
}

/// Messages that await approval.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Queue {
    /// The messages, first ones first; the first message of a topic stands for the topic.
    posts: Vec<Waiting>,
    /// Where the page ends; empty at the end of the list.
    next: String,
}

/// A message that awaits approval.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Waiting {
    /// The message.
    id: String,
    /// Its topic.
    topic: String,
    /// The category of that.
    category: String,
    /// What it is about.
    subject: String,
    /// The account that wrote it; `0` for none.
    userid: String,
    /// The name of who wrote it.
    name: String,
    /// When, in seconds since 1970 (UTC).
    time: String,
    /// The text, as it was written.
    message: String,
}

/// Shows one message, with everything about it.
pub(crate) fn get(
    forum: &Forum,
    call: &Call<'_>,
    parameters: Posts,
) -> Result<Versioned<One>, Fault> {
    let none = || Fault::new("KUN_PNF");
    let mut connection = call.database()?;
    let sight = Sight::of(forum, call, &mut connection)?;
    let found = messages::by_id(&mut connection, parameters.id)?.ok_or_else(none)?;
    let topic = topic::visible(&mut connection, &sight, found.facts.topic_id)?;
    let topic = topic.ok_or_else(none)?;
    let seen = condition::messages(&sight, topic.facts.category_id, true);
    let row = messages::seen(&mut connection, parameters.id, seen)?.ok_or_else(none)?;
    let version = row.facts.version;
    let before = messages::count_before(&mut connection, &row)?;
    let asked = Asked {
        limit: None,
        offset: before,
        cursor: None,
        deleted: true,
        texts: Texts::new(forum, &sight, topic.facts.category_id, parameters.format),
        details: true,
    };
    let shown = message::shown(call, &mut connection, &topic, vec![row], asked)?;
    Ok(Versioned {
        version: Some(version),
        members: One {
            post: shown.into_iter().next().ok_or_else(none)?,
        },
    })
}

/// Shows what awaits the caller's approval.
pub(crate) fn held(forum: &Forum, call: &Call<'_>, parameters: Held) -> Result<Queue, Fault> {
    let limit = parameters.limit.unwrap_or(20);
    let after: i64 = match parameters.cursor.as_deref() {
        None | Some("") => 0,
        Some(cursor) => cursor::read(cursor)?,
    };
    let mut connection = call.database()?;
    let sight = Sight::member(forum, call, &mut connection)?;
    let rows = messages::held(&mut connection, &sight, parameters.catid, after, limit)?;
    let last = last_of_full(&rows, limit).map(|(row, _)| row.id);
    let posts = rows
        .into_iter()
        .map(|(row, category)| Waiting {
            id: row.id.to_string(),
            topic: row.facts.topic_id.to_string(),
            category: category.to_string(),
            subject: row.facts.subject,
            userid: row.facts.user_id.to_string(),
            name: row.facts.name,
            time: super::written::time(row.facts.time_ms),
            message: row.facts.text,
        })
        .collect();
    let next = last.map(|id| cursor::write(&id)).transpose()?;
    let next = next.unwrap_or_default();
    Ok(Queue { posts, next })
}
