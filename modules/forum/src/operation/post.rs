//! Writing: new topics, and messages in them.

use loggia_sdk::prelude::*;
use loggia_site::once::once;
use loggia_sql::Connection;

use super::author::{Claim, check_text};
use super::notice::{self, Notice, Reader};
use crate::found::{FoundTopic, not_authorized};
use crate::markup::Markup;
use crate::sight::Sight;
use crate::store::category::{self, CategoryRow};
use crate::store::message::{self, Message};
use crate::store::subscription::{self, Subject};
use crate::store::topic::{self, Topic, TopicRow};
use crate::store::{HELD, SHOWN, tally};
use crate::{Forum, searchable};

/// Where the answers of requests that may come again are kept.
pub(super) const TABLE: &str = "forum_once";

/// What a message is written in.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum MarkupName {
    Bbcode,
    Markdown,
}

impl MarkupName {
    pub(crate) fn word(name: Option<MarkupName>) -> String {
        let markup = match name {
            Some(MarkupName::Markdown) => Markup::Markdown,
            Some(MarkupName::Bbcode) | None => Markup::Bbcode,
        };
        markup.word().to_owned()
    }
}

/// Parameters of `post/topics`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct PostTopic {
    /// The category it is for.
    #[schemars(extend("x-missing" = "KUN_CNS"))]
    catid: i64,
    /// What it is about.
    #[schemars(length(min = 1, max = 255))]
    subject: String,
    /// The text.
    #[schemars(length(min = 1, max = 65536))]
    message: String,
    /// What the text is written in; `bbcode` where nothing is said.
    markup: Option<MarkupName>,
    /// The id of its icon.
    icon_id: Option<i64>,
    /// Whether to write without one's name, where the category allows it.
    anonymous: Option<bool>,
    /// The name shown, where no account stands behind the message.
    #[schemars(length(min = 1, max = 255))]
    name: Option<String>,
    /// The id of the account that wrote it, if that is not the caller's: only for those who manage the forum.
    #[schemars(range(min = 1))]
    author: Option<i64>,
    /// Whether to be told of answers by mail.
    #[serde(default)]
    subscribe: bool,
}

/// Parameters of `post/posts`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct PostPost {
    /// The topic it is for.
    topic: i64,
    /// The message that it answers; the topic's first where nothing is said.
    parent: Option<i64>,
    /// The text.
    #[schemars(length(min = 1, max = 65536))]
    message: String,
    /// What the text is written in; `bbcode` where nothing is said.
    markup: Option<MarkupName>,
    /// Whether to write without one's name, where the category allows it.
    anonymous: Option<bool>,
    /// The name shown, where no account stands behind the message.
    #[schemars(length(min = 1, max = 255))]
    name: Option<String>,
    /// The id of the account that wrote it, if that is not the caller's: only for those who manage the forum.
    #[schemars(range(min = 1))]
    author: Option<i64>,
    /// Whether to be told of answers by mail.
    #[serde(default)]
    subscribe: bool,
}

/// What was written.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(crate) struct Posted {
    /// The topic.
    topic: String,
    /// The message.
    post: String,
    /// `0` where it is shown, `1` where it awaits a moderator's approval.
    hold: String,
}

/// Refuses who writes again too soon.
fn check_pace(
    forum: &Forum,
    connection: &mut Connection,
    sight: &Sight,
    now_ms: i64,
) -> Result<(), Fault> {
    let interval_ms = forum.settings.interval_s.saturating_mul(1000);
    if interval_ms <= 0 || sight.user == 0 || sight.manages {
        return Ok(());
    }
    let last_ms = message::last_of_person(connection, sight.user)?;
    let wait_ms = last_ms.map_or(0, |last_ms| last_ms + interval_ms - now_ms);
    if wait_ms <= 0 {
        return Ok(());
    }
    let wait_s = u64::try_from(wait_ms).unwrap_or(0).div_ceil(1000);
    Err(Fault::new("REQ_RLM").retry_after(wait_s))
}

/// Adds a topic with its first message.
pub(crate) fn topic(
    forum: &Forum,
    call: &Call<'_>,
    parameters: PostTopic,
) -> Result<Versioned<Posted>, Fault> {
    let catid = parameters.catid;
    check_text("subject", &parameters.subject, true)?;
    check_text("message", &parameters.message, false)?;
    let readers = notice::readers(forum, call, catid, &[Subject::category(catid)])?;
    let answer = once(call, TABLE, "post/topics", |connection| {
        begin(forum, call, connection, parameters, &readers)
    });
    answer.map(first_version)
}

/// Begins a topic, where the caller may.
fn begin(
    forum: &Forum,
    call: &Call<'_>,
    connection: &mut Connection,
    parameters: PostTopic,
    readers: &[Reader],
) -> Result<Posted, Fault> {
    let sight = Sight::member(forum, call, connection)?;
    let category = open_category(connection, &sight, parameters.catid)?;
    let claim = Claim {
        anonymous: parameters.anonymous,
        name: parameters.name,
        author: parameters.author,
    };
    let author = claim.author(forum, call, &sight, &category)?;
    let now_ms = call.host().clock().now_ms();
    check_pace(forum, connection, &sight, now_ms)?;
    let facts = Topic {
        category_id: category.id,
        subject: parameters.subject,
        icon_id: parameters.icon_id.unwrap_or(0),
        hold: hold(&sight, &category),
        ..Topic::new()
    };
    let first = Message {
        text: parameters.message,
        markup: MarkupName::word(parameters.markup),
        time_ms: now_ms,
        ..author.signed()
    };
    let (row, first) = add_topic(connection, facts, first)?;
    if parameters.subscribe {
        subscribe(connection, &sight, row.id)?;
    }
    if row.facts.hold == SHOWN {
        tell(forum, call, connection, readers, &row, &first)?;
    }
    let post = row.facts.first_post_id;
    searchable::messages_changed(forum, call, connection, &[post])?;
    Ok(posted(row.id, post, row.facts.hold))
}

/// The category that a topic is for: one that is seen, and not locked for the caller.
fn open_category(
    connection: &mut Connection,
    sight: &Sight,
    id: i64,
) -> Result<CategoryRow, Fault> {
    let category = category::visible(connection, sight, id)?;
    let category = category.ok_or(Fault::new("KUN_CNF"))?;
    if category.facts.locked && !sight.moderates(id) {
        return Err(not_authorized("the category is locked"));
    }
    Ok(category)
}

/// Writes a topic and its first message down, and counts both.
fn add_topic(
    connection: &mut Connection,
    facts: Topic,
    first: Message,
) -> Result<(TopicRow, Message), Fault> {
    let facts = Topic {
        first_post_ms: first.time_ms,
        first_post_user_id: first.user_id,
        last_post_ms: first.time_ms,
        last_post_user_id: first.user_id,
        ..facts
    };
    let mut row = TopicRow {
        id: topic::add(connection, &facts)?,
        facts,
    };
    let first = Message {
        topic_id: row.id,
        subject: row.facts.subject.clone(),
        ..first
    };
    let post = message::add(connection, &first)?;
    // What was added without its messages is not counted yet.
    let before = Topic {
        hold: HELD,
        ..row.facts.clone()
    };
    row.facts.first_post_id = post;
    row.facts.last_post_id = post;
    row.facts.posts = 1;
    tally::save(connection, &before, &row)?;
    Ok((row, first))
}

/// Tells those who have subscribed of a message that is shown.
fn tell(
    forum: &Forum,
    call: &Call<'_>,
    connection: &mut Connection,
    readers: &[Reader],
    topic: &TopicRow,
    message: &Message,
) -> Result<(), Fault> {
    let notice = Notice {
        topic: topic.id,
        subject: &topic.facts.subject,
        author: message.user_id,
        name: &message.name,
    };
    notice::send(forum, call, connection, readers, &notice)
}

/// Adds a message to a topic.
pub(crate) fn post(
    forum: &Forum,
    call: &Call<'_>,
    parameters: PostPost,
) -> Result<Versioned<Posted>, Fault> {
    check_text("message", &parameters.message, false)?;
    let readers = notice::readers_of_topic(forum, call, parameters.topic)?;
    let answer = once(call, TABLE, "post/posts", |connection| {
        let sight = Sight::member(forum, call, connection)?;
        let found = FoundTopic::visible(connection, &sight, parameters.topic)?;
        found.writable(&sight)?;
        let parent = parameters.parent.unwrap_or(found.topic.facts.first_post_id);
        check_parent(connection, &sight, &found, parent)?;
        let claim = Claim {
            anonymous: parameters.anonymous,
            name: parameters.name,
            author: parameters.author,
        };
        let author = claim.author(forum, call, &sight, &found.category)?;
        let FoundTopic {
            mut topic,
            category,
        } = found;
        let hold = hold(&sight, &category);
        let now_ms = call.host().clock().now_ms();
        check_pace(forum, connection, &sight, now_ms)?;
        let message = Message {
            topic_id: topic.id,
            parent_id: parent,
            subject: topic.facts.subject.clone(),
            text: parameters.message,
            markup: MarkupName::word(parameters.markup),
            // The last message of a topic is its latest, whatever the clocks of two nodes say.
            time_ms: now_ms.max(topic.facts.last_post_ms),
            hold,
            ..author.signed()
        };
        let post = message::add(connection, &message)?;
        if hold == SHOWN {
            let before = topic.facts.clone();
            topic.facts.posts += 1;
            topic.facts.last_post_id = post;
            topic.facts.last_post_ms = message.time_ms;
            topic.facts.last_post_user_id = message.user_id;
            tally::save(connection, &before, &topic)?;
            tell(forum, call, connection, &readers, &topic, &message)?;
        }
        if parameters.subscribe {
            subscribe(connection, &sight, topic.id)?;
        }
        searchable::messages_changed(forum, call, connection, &[post])?;
        Ok(posted(topic.id, post, hold))
    });
    answer.map(first_version)
}

/// The answered message must be one of the topic that the caller sees.
fn check_parent(
    connection: &mut Connection,
    sight: &Sight,
    found: &FoundTopic,
    parent: i64,
) -> Result<(), Fault> {
    let row = message::by_id(connection, parent)?;
    let is_there = row.is_some_and(|row| {
        let facts = row.facts;
        facts.topic_id == found.topic.id
            && (facts.hold == SHOWN || sight.moderates(found.category.id))
    });
    if is_there {
        Ok(())
    } else {
        Err(Fault::new("KUN_PNF").detail("parent: must be a message of the topic"))
    }
}

/// What is written in a reviewed category awaits approval, unless a moderator writes it.
pub(crate) fn hold(sight: &Sight, category: &CategoryRow) -> i64 {
    if category.facts.review && !sight.moderates(category.id) {
        HELD
    } else {
        SHOWN
    }
}

/// What was just written has the version that it was made with.
fn first_version(members: Posted) -> Versioned<Posted> {
    Versioned {
        version: Some(1),
        members,
    }
}

fn posted(topic: i64, post: i64, hold: i64) -> Posted {
    Posted {
        topic: topic.to_string(),
        post: post.to_string(),
        hold: hold.to_string(),
    }
}

/// Who writes may ask for mail with it; where too many have, it is written without.
fn subscribe(connection: &mut Connection, sight: &Sight, topic: i64) -> Result<(), Fault> {
    let subject = Subject::topic(topic);
    if sight.user != 0 && subscription::count(connection, subject)? < notice::MOST {
        subscription::add(connection, sight.user, subject)?;
    }
    Ok(())
}
