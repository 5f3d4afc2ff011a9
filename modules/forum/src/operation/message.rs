//! Messages, as topics show them.

use std::collections::HashMap;

use loggia_sdk::prelude::*;
use loggia_site::page::last_of_full;
use loggia_site::{cursor, media};
use loggia_sql::Connection;

use super::written;
use crate::Forum;
use crate::markup::{Insight, Markup, Renderer};
use crate::sight::Sight;
use crate::store::attachment::{self, AttachmentRow};
use crate::store::message::MessageRow;
use crate::store::thanks::{self, ThanksRow};
use crate::store::topic::TopicRow;
use crate::store::{SHOWN, condition, message};

/// The most messages of one answer.
const MOST: i64 = 5000;

/// How the texts of messages are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Format {
    /// As they were written.
    #[default]
    Text,
    /// As HTML that does no harm.
    Html,
}

/// How an answer shows texts.
#[derive(Clone, Copy)]
pub(crate) struct Texts<'f> {
    renderer: &'f Renderer,
    format: Format,
    user: i64,
    moderates: bool,
}

impl<'f> Texts<'f> {
    /// For who reads in a category.
    pub(crate) fn new(
        forum: &'f Forum,
        sight: &Sight,
        category: i64,
        format: Option<Format>,
    ) -> Texts<'f> {
        Texts {
            renderer: &forum.renderer,
            format: format.unwrap_or_default(),
            user: sight.user,
            moderates: sight.moderates(category),
        }
    }

    /// A text of an author as it is to be shown.
    pub(crate) fn of(self, text: &str, markup: &str, author: i64) -> String {
        let markup = Markup::of(markup);
        let insight = Insight {
            hidden: self.user != 0 || self.moderates,
            confidential: self.moderates || (author != 0 && author == self.user),
        };
        let text = insight.veil(text, markup);
        match self.format {
            Format::Text => text.into_owned(),
            Format::Html => self.renderer.html(&text, markup),
        }
    }
}

/// What a caller asks of the messages of a topic.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'f> {
    pub(crate) limit: Option<i64>,
    pub(crate) offset: i64,
    /// Where to begin instead: empty at first.
    pub(crate) cursor: Option<&'f str>,
    pub(crate) deleted: bool,
    pub(crate) texts: Texts<'f>,
    pub(crate) details: bool,
}

/// A message.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Shown {
    /// The id.
    id: String,
    /// The message that it answers; `0` for none.
    parent: String,
    /// Its topic.
    thread: String,
    /// The category of that.
    catid: String,
    /// The name of who wrote it.
    name: String,
    /// His account; `0` for none.
    userid: String,
    /// His e-mail address, where the endpoint shows it.
    email: String,
    /// What it is about.
    subject: String,
    /// When it was written, in seconds since 1970 (UTC).
    time: String,
    /// The address it came from, where the endpoint shows it.
    ip: String,
    /// Its icon.
    topic_emoticon: String,
    /// `1` where only moderators change it.
    locked: String,
    /// `0` shown, `1` awaits approval, `2` deleted.
    hold: String,
    /// How often it was seen.
    hits: String,
    /// The text.
    message: String,
    /// Its number in the topic; the first is 1.
    replynum: i64,
    /// Who thanked for it.
    thankyou: Vec<Thanks>,
    /// More about it, where that was asked for.
    #[serde(flatten)]
    details: Option<Details>,
}

/// Somebody's thanks.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Thanks {
    /// The account.
    userid: String,
    /// The name.
    name: String,
    /// When, in seconds since 1970 (UTC).
    time: String,
}

/// What is shown of a message where it is asked for.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Details {
    /// `bbcode` or `markdown`.
    markup: String,
    /// The version, for `If-Match`.
    version: String,
    /// Who changed it last; `0` for nobody.
    modified_by: String,
    /// When, in seconds since 1970 (UTC); `null` for never.
    modified_time: Option<String>,
    /// Why.
    modified_reason: String,
    /// The files that are attached to it.
    attachments: Vec<Attachment>,
}

/// A file of a message.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Attachment {
    /// The id.
    id: String,
    /// Its name.
    filename: String,
    /// What kind of file it is.
    media_type: String,
    /// How many bytes it has.
    size: i64,
    /// Where it is sent from; empty where the forum does not know it.
    url: String,
    /// The hash of its bytes, where it is known.
    hash: String,
    /// What was said of it.
    comment: String,
}

/// The place of a message in its topic, and how many stand before the next one.
#[derive(Serialize, Deserialize)]
struct Place(i64, i64, i64);

/// The messages of a topic that the caller may see, with one statement for all their thanks; and where the next ones
/// begin, if he reads by cursor.
pub(crate) fn of_topic(
    call: &Call<'_>,
    connection: &mut Connection,
    sight: &Sight,
    topic: &TopicRow,
    mut asked: Asked<'_>,
) -> Result<(Vec<Shown>, Option<String>), Fault> {
    let seen = condition::messages(sight, topic.facts.category_id, asked.deleted);
    let limit = asked.limit.unwrap_or(MOST).min(MOST);
    let Some(cursor) = asked.cursor else {
        let rows = message::of_topic(connection, topic.id, seen, limit, asked.offset)?;
        return Ok((shown(call, connection, topic, rows, asked)?, None));
    };
    let mut after = None;
    asked.offset = 0;
    if !cursor.is_empty() {
        let Place(time_ms, id, before) = cursor::read(cursor)?;
        (after, asked.offset) = (Some((time_ms, id)), before);
    }
    let rows = message::behind(connection, topic.id, seen, after, limit)?;
    let last = last_of_full(&rows, limit);
    let next =
        last.map(|row| cursor::write(&Place(row.facts.time_ms, row.id, asked.offset + limit)));
    let next = next.transpose()?.unwrap_or_default();
    Ok((shown(call, connection, topic, rows, asked)?, Some(next)))
}

/// Messages of one topic as they are shown; the first is the one behind `asked.offset`.
pub(crate) fn shown(
    call: &Call<'_>,
    connection: &mut Connection,
    topic: &TopicRow,
    rows: Vec<MessageRow>,
    asked: Asked<'_>,
) -> Result<Vec<Shown>, Fault> {
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    let mut thanks: HashMap<i64, Vec<ThanksRow>> = HashMap::new();
    for row in thanks::of_messages(connection, &ids)? {
        thanks.entry(row.message_id).or_default().push(row);
    }
    let mut files: HashMap<i64, Vec<AttachmentRow>> = HashMap::new();
    if asked.details && topic.facts.attachments > 0 {
        for row in attachment::of_messages(connection, &ids)? {
            files.entry(row.message_id).or_default().push(row);
        }
    }
    let shows = Personal::of(call);
    let rows = rows.into_iter().zip(asked.offset + 1..);
    Ok(rows
        .map(|(row, number)| {
            let thanks = thanks.remove(&row.id).unwrap_or_default();
            let files = files.remove(&row.id).unwrap_or_default();
            let details = asked.details.then(|| details(call, &row, files));
            let mut shown = one(topic, row, number, shows, asked.texts);
            shown.thankyou = thanks.into_iter().map(thanked).collect();
            shown.details = details;
            shown
        })
        .collect())
}

/// Which of a poster's personal data the endpoint shows.
#[derive(Clone, Copy, Debug)]
struct Personal {
    email: bool,
    ip: bool,
}

impl Personal {
    fn of(call: &Call<'_>) -> Personal {
        Personal {
            email: call.may_show("email"),
            ip: call.may_show("ip"),
        }
    }
}

fn one(
    topic: &TopicRow,
    row: MessageRow,
    replynum: i64,
    shows: Personal,
    texts: Texts<'_>,
) -> Shown {
    let facts = row.facts;
    let only = |shows: bool, text: String| if shows { text } else { String::new() };
    let hold = if facts.hold == SHOWN && row.id == topic.facts.first_post_id {
        topic.facts.hold
    } else {
        facts.hold
    };
    Shown {
        id: row.id.to_string(),
        parent: facts.parent_id.to_string(),
        thread: facts.topic_id.to_string(),
        catid: topic.facts.category_id.to_string(),
        name: facts.name,
        userid: facts.user_id.to_string(),
        email: only(shows.email, facts.email),
        subject: facts.subject,
        time: written::time(facts.time_ms),
        ip: only(shows.ip, facts.ip),
        topic_emoticon: facts.emoticon.to_string(),
        locked: written::flag(facts.locked),
        hold: hold.to_string(),
        hits: facts.hits.to_string(),
        message: texts.of(&facts.text, &facts.markup, facts.user_id),
        replynum,
        thankyou: Vec::new(),
        details: None,
    }
}

fn thanked(row: ThanksRow) -> Thanks {
    Thanks {
        userid: row.user_id.to_string(),
        name: row.name,
        time: written::time(row.time_ms),
    }
}

fn details(call: &Call<'_>, row: &MessageRow, files: Vec<AttachmentRow>) -> Details {
    let facts = &row.facts;
    Details {
        markup: facts.markup.clone(),
        version: facts.version.to_string(),
        modified_by: facts.modified_by.to_string(),
        modified_time: facts.modified_ms.map(written::time),
        modified_reason: facts.modified_reason.clone(),
        attachments: files.into_iter().map(|file| attached(call, file)).collect(),
    }
}

fn attached(call: &Call<'_>, row: AttachmentRow) -> Attachment {
    Attachment {
        id: row.id.to_string(),
        filename: row.filename,
        media_type: row.media_type,
        size: row.size,
        url: address(call, row.path),
        hash: row.hash,
        comment: row.comment,
    }
}

/// The address of a file, if its path is one: paths of the forum that was moved in lead nowhere here.
fn address(call: &Call<'_>, path: String) -> String {
    let shown = media::shown(call.base_url(), path);
    let is_address = shown.starts_with("https://") || shown.starts_with("http://");
    if is_address { shown } else { String::new() }
}
