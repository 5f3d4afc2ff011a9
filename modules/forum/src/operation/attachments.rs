//! Files of messages: attached and taken off by who may change the message. Of a file of the module media the forum
//! knows what it is told, and sends nobody anything: who may have it, that module says.

use loggia_sdk::prelude::*;
use loggia_site::media;
use loggia_site::once::once;

use super::author::check_text;
use super::change;
use super::post::TABLE;
use crate::Forum;
use crate::found::FoundPost;
use crate::sight::Sight;
use crate::store::attachment::{self, Attachment};

/// The most files of one message.
const MOST: i64 = 20;

/// Parameters of `post/attachments`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct PostAttachment {
    /// The message.
    post: i64,
    /// The file: `media:` and its id in the module media.
    #[schemars(length(max = 1024))]
    file: String,
    /// What it is called.
    #[schemars(length(max = 255))]
    #[serde(default)]
    name: String,
    /// What kind of file it is, such as `image/png`.
    #[schemars(length(max = 100))]
    #[serde(rename = "type", default)]
    media_type: String,
    /// How many bytes it has.
    #[schemars(range(min = 0))]
    #[serde(default)]
    size: i64,
    /// What is to be said of it.
    #[schemars(length(max = 255))]
    #[serde(default)]
    comment: String,
}

/// Which attachment.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Which {
    /// The attachment.
    id: i64,
}

/// What was attached or taken off.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(crate) struct Attached {
    /// The attachment.
    id: String,
    /// Its message.
    post: String,
    /// `0` where that is shown, `1` where it awaits a moderator's approval.
    hold: String,
}

/// Attaches a file to a message.
pub(crate) fn add(
    forum: &Forum,
    call: &Call<'_>,
    parameters: PostAttachment,
) -> Result<Versioned<Attached>, Fault> {
    let given = checked(call, parameters)?;
    let now_ms = call.host().clock().now_ms();
    let answer = once(call, TABLE, "post/attachments", |connection| {
        let sight = Sight::member(forum, call, connection)?;
        let mut found = FoundPost::visible(connection, &sight, given.message_id)?;
        found.changeable(forum, &sight, now_ms)?;
        call.if_match(found.post.facts.version)?;
        if attachment::count(connection, given.message_id)? >= MOST {
            let rule = format!("a message has at most {MOST} files");
            return Err(Fault::parameter("file", &rule));
        }
        let row = Attachment {
            user_id: sight.user,
            ..given
        };
        let id = attachment::add(connection, &row)?;
        found.topic.facts.attachments += 1;
        let saved = change::save(forum, call, connection, &sight, found)?;
        Ok((attached(id, row.message_id, saved.hold), saved.version))
    });
    answer.map(versioned)
}

/// Takes a file off a message. The file itself stays where it is.
pub(crate) fn remove(
    forum: &Forum,
    call: &Call<'_>,
    which: Which,
) -> Result<Versioned<Attached>, Fault> {
    let none = || Fault::new("KUN_FNF");
    let now_ms = call.host().clock().now_ms();
    let mut connection = call.database_for_writing()?;
    connection.transaction(|connection| {
        let sight = Sight::member(forum, call, connection)?;
        let message = attachment::message_of(connection, which.id)?.ok_or_else(none)?;
        let found = FoundPost::visible(connection, &sight, message);
        let mut found = found.map_err(|fault| match fault.code() {
            "KUN_PNF" => none(),
            _ => fault,
        })?;
        found.changeable(forum, &sight, now_ms)?;
        call.if_match(found.post.facts.version)?;
        if !attachment::remove(connection, which.id)? {
            return Err(none());
        }
        found.topic.facts.attachments -= 1;
        let saved = change::save(forum, call, connection, &sight, found)?;
        let answer = attached(which.id, message, saved.hold);
        Ok(versioned((answer, saved.version)))
    })
}

fn checked(call: &Call<'_>, parameters: PostAttachment) -> Result<Attachment, Fault> {
    let path = media::kept(call.base_url(), parameters.file).ok();
    let path = path.filter(|path| media::id_of(path).is_some());
    let path = path.ok_or_else(|| {
        Fault::parameter(
            "file",
            "must be media: and the id of a file, such as media:12",
        )
    })?;
    if !parameters.name.is_empty() {
        check_text("name", &parameters.name, true)?;
    }
    if !parameters.comment.is_empty() {
        check_text("comment", &parameters.comment, true)?;
    }
    if !is_media_type(&parameters.media_type) {
        return Err(Fault::parameter(
            "type",
            "must be a media type, such as image/png",
        ));
    }
    Ok(Attachment {
        message_id: parameters.post,
        user_id: 0,
        filename: parameters.name,
        media_type: parameters.media_type,
        size: parameters.size,
        hash: String::new(),
        path,
        comment: parameters.comment,
    })
}

/// Two words with a slash between them, and what may stand behind a semicolon; or nothing.
fn is_media_type(text: &str) -> bool {
    let is_word = |word: &str| {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$&^_.+-".contains(&byte);
        !word.is_empty() && word.bytes().all(is_plain)
    };
    let essence = text.split(';').next().unwrap_or_default().trim();
    let words = essence.split_once('/');
    let is_plain = text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    text.is_empty()
        || (is_plain && words.is_some_and(|(one, other)| is_word(one) && is_word(other)))
}

/// With the version of the message, which a file that is attached or taken off changes.
fn versioned((members, version): (Attached, i64)) -> Versioned<Attached> {
    Versioned {
        version: Some(version),
        members,
    }
}

fn attached(id: i64, post: i64, hold: i64) -> Attached {
    Attached {
        id: id.to_string(),
        post: post.to_string(),
        hold: hold.to_string(),
    }
}
