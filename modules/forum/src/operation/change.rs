//! Changing what was written.

use loggia_sdk::prelude::*;
use loggia_sql::Connection;

use super::author::check_text;
use super::post::{MarkupName, hold};
use crate::found::FoundPost;
use crate::sight::Sight;
use crate::store::{HELD, SHOWN, message, tally, topic};
use crate::{Forum, searchable};

/// Parameters of `put/topics`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct PutTopic {
    /// The topic.
    id: i64,
    /// What it is about.
    #[schemars(length(min = 1, max = 255))]
    subject: Option<String>,
    /// The id of its icon.
    icon_id: Option<i64>,
}

/// Parameters of `put/posts`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct PutPost {
    /// The message.
    id: i64,
    /// The text.
    #[schemars(length(min = 1, max = 65536))]
    message: Option<String>,
    /// What the text is written in.
    markup: Option<MarkupName>,
    /// Why it was changed.
    #[schemars(length(max = 255))]
    reason: Option<String>,
}

/// What was changed.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Changed {
    /// Its id.
    id: String,
    /// `0` where it is shown, `1` where it awaits a moderator's approval.
    hold: String,
}

/// Changes what a topic is about.
pub(crate) fn topic(
    forum: &Forum,
    call: &Call<'_>,
    parameters: PutTopic,
) -> Result<Versioned<Changed>, Fault> {
    if let Some(subject) = &parameters.subject {
        check_text("subject", subject, true)?;
    }
    let now_ms = call.host().clock().now_ms();
    let mut connection = call.database_for_writing()?;
    connection.transaction(|connection| {
        let sight = Sight::member(forum, call, connection)?;
        let none = || Fault::new("KUN_TNF");
        let first = topic::by_id(connection, parameters.id)?.ok_or_else(none)?;
        let found = FoundPost::visible(connection, &sight, first.facts.first_post_id);
        let mut found = found.map_err(|fault| match fault.code() {
            "KUN_PNF" => none(),
            _ => fault,
        })?;
        found.changeable(forum, &sight, now_ms)?;
        call.if_match(found.topic.facts.version)?;
        let before = found.topic.facts.clone();
        if let Some(subject) = parameters.subject {
            found.post.facts.subject.clone_from(&subject);
            found.topic.facts.subject = subject;
        }
        let facts = &mut found.topic.facts;
        facts.icon_id = parameters.icon_id.unwrap_or(facts.icon_id);
        facts.version += 1;
        if facts.hold == SHOWN {
            facts.hold = hold(&sight, &found.category);
        }
        message::save(connection, &found.post)?;
        tally::save(connection, &before, &found.topic)?;
        searchable::topics_changed(forum, call, connection, &[found.topic.id])?;
        Ok(changed(
            found.topic.id,
            found.topic.facts.hold,
            found.topic.facts.version,
        ))
    })
}

/// Changes a message.
pub(crate) fn post(
    forum: &Forum,
    call: &Call<'_>,
    parameters: PutPost,
) -> Result<Versioned<Changed>, Fault> {
    if let Some(text) = &parameters.message {
        check_text("message", text, false)?;
    }
    let now_ms = call.host().clock().now_ms();
    let mut connection = call.database_for_writing()?;
    connection.transaction(|connection| {
        let sight = Sight::member(forum, call, connection)?;
        let mut found = FoundPost::visible(connection, &sight, parameters.id)?;
        found.changeable(forum, &sight, now_ms)?;
        call.if_match(found.post.facts.version)?;
        let facts = &mut found.post.facts;
        if let Some(text) = parameters.message {
            facts.text = text;
        }
        if parameters.markup.is_some() {
            facts.markup = MarkupName::word(parameters.markup);
        }
        facts.modified_reason = parameters.reason.unwrap_or_default();
        let saved = save(forum, call, connection, &sight, found)?;
        Ok(changed(parameters.id, saved.hold, saved.version))
    })
}

/// What has become of a message that was changed.
pub(super) struct SavedPost {
    /// Whether it is shown now.
    pub(super) hold: i64,
    /// Its version.
    pub(super) version: i64,
}

/// Saves a message that was changed, with its topic.
pub(super) fn save(
    forum: &Forum,
    call: &Call<'_>,
    connection: &mut Connection,
    sight: &Sight,
    mut found: FoundPost,
) -> Result<SavedPost, Fault> {
    let is_first = found.is_first();
    let facts = &mut found.post.facts;
    facts.modified_by = sight.user;
    facts.modified_ms = Some(call.host().clock().now_ms());
    facts.version += 1;
    let before = found.topic.facts.clone();
    if hold(sight, &found.category) == HELD {
        // What was approved was the message before.
        if is_first && before.hold == SHOWN {
            found.topic.facts.hold = HELD;
        } else if !is_first {
            found.post.facts.hold = HELD;
        }
    }
    message::save(connection, &found.post)?;
    tally::recount(connection, &mut found.topic)?;
    tally::save(connection, &before, &found.topic)?;
    if before.hold == found.topic.facts.hold {
        searchable::messages_changed(forum, call, connection, &[found.post.id])?;
    } else {
        found.changed(forum, call, connection)?;
    }
    Ok(SavedPost {
        hold: found.post.facts.hold.max(found.topic.facts.hold),
        version: found.post.facts.version,
    })
}

fn changed(id: i64, hold: i64, version: i64) -> Versioned<Changed> {
    Versioned {
        version: Some(version),
        members: Changed {
            id: id.to_string(),
            hold: hold.to_string(),
        },
    }
}
