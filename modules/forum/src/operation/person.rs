//! What the module keeps of one person: what he has written, thanked for and subscribed to.

use loggia_sdk::prelude::*;
use loggia_site::{clock, once};

use crate::store::{person, subscription};
use crate::{Forum, searchable};

/// Whose data.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Person {
    /// The account's id.
    user: i64,
}

/// Everything the module keeps of an account.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Kept {
    /// What it has written, oldest first.
    messages: Vec<KeptMessage>,
    /// What it has thanked for.
    thanks: Vec<KeptThanks>,
    /// The files it has attached.
    attachments: Vec<KeptAttachment>,
    /// The topics of which it wants mail.
    topics: Vec<String>,
    /// The categories of which it wants mail.
    categories: Vec<String>,
    /// The categories it moderates; `0` is every one.
    moderates: Vec<String>,
}

/// A message of a person.
#[derive(Serialize, JsonSchema)]
pub(crate) struct KeptMessage {
    /// The id.
    id: String,
    /// Its topic.
    topic: String,
    /// When it was written, in UTC.
    time: String,
    /// The name it bears.
    name: String,
    /// The address its author had.
    email: String,
    /// Where it came from.
    ip: String,
    /// What it is about.
    subject: String,
    /// The text.
    message: String,
    /// `0` shown, `1` awaits approval, `2` deleted.
    hold: String,
}

/// Thanks of a person.
#[derive(Serialize, JsonSchema)]
pub(crate) struct KeptThanks {
    /// The message.
    post: String,
    /// When, in UTC.
    time: String,
}

/// A file of a person.
#[derive(Serialize, JsonSchema)]
pub(crate) struct KeptAttachment {
    /// The message.
    post: String,
    /// Its name.
    filename: String,
}

/// What was erased.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Erased {
    /// So many messages have no author any more; what they say is part of a conversation and stays.
    messages: usize,
}

/// Gives everything that is kept of an account.
pub(crate) fn export(_forum: &Forum, call: &Call<'_>, whose: Person) -> Result<Kept, Fault> {
    let connection = &mut call.database()?;
    let messages = person::messages(connection, whose.user)?.into_iter();
    let thanks = person::thanks(connection, whose.user)?.into_iter();
    let attachments = person::attachments(connection, whose.user)?.into_iter();
    let subjects = subscription::of_person(connection, whose.user)?;
    let ids = |of: fn(&subscription::Subject) -> i64| {
        let ids = subjects.iter().map(of).filter(|&id| id != 0);
        ids.map(|id| id.to_string()).collect()
    };
    let moderates = crate::store::moderator::categories_of(connection, whose.user)?;
    Ok(Kept {
        messages: messages
            .map(|row| KeptMessage {
                id: row.id.to_string(),
                topic: row.facts.topic_id.to_string(),
                time: clock::written(row.facts.time_ms),
                name: row.facts.name,
                email: row.facts.email,
                ip: row.facts.ip,
                subject: row.facts.subject,
                message: row.facts.text,
                hold: row.facts.hold.to_string(),
            })
            .collect(),
        thanks: thanks
            .map(|(post, time_ms)| KeptThanks {
                post: post.to_string(),
                time: clock::written(time_ms),
            })
            .collect(),
        attachments: attachments
            .map(|(post, filename)| KeptAttachment {
                post: post.to_string(),
                filename,
            })
            .collect(),
        topics: ids(|subject| subject.topic_id),
        categories: ids(|subject| subject.category_id),
        moderates: moderates.iter().map(i64::to_string).collect(),
    })
}

/// Takes an account's id, name and addresses from what it has written, and forgets the rest.
pub(crate) fn erase(forum: &Forum, call: &Call<'_>, whose: Person) -> Result<Erased, Fault> {
    let mut connection = call.database_for_writing()?;
    connection.transaction(|connection| {
        once::forget_person(connection, "forum_once", whose.user)?;
        let ids = person::ids_of_messages(connection, whose.user)?;
        person::forget(connection, whose.user, &forum.settings.guest_name)?;
        searchable::messages_changed(forum, call, connection, &ids)?;
        let messages = ids.len();
        Ok(Erased { messages })
    })
}
