//! Approving, holding, deleting and restoring messages; locking, sticking and moving topics.
//!
//! The first message of a topic stands for the topic: what is done to it is done to the whole.

use loggia_sdk::prelude::*;
use loggia_sql::Connection;

use super::notice::{self, Notice};
use crate::found::{FoundPost, FoundTopic, not_authorized};
use crate::sight::Sight;
use crate::store::topic::{Topic, TopicRow};
use crate::store::{DELETED, HELD, SHOWN, category, message, tally, topic};
use crate::{Forum, searchable};

/// Which one.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Which {
    /// The id.
    pub(crate) id: i64,
}

/// Parameters of `post/move`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Move {
    /// The topic.
    id: i64,
    /// The category it is moved to.
    #[schemars(extend("x-missing" = "KUN_CNS"))]
    catid: i64,
}

/// What has become of a message or topic.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Standing {
    /// The topic.
    topic: String,
    /// Its category.
    category: String,
    /// The message; a topic's first where the topic is meant.
    post: String,
    /// `0` shown, `1` awaits approval, `2` deleted.
    hold: String,
    /// Whether only moderators write in the topic.
    locked: bool,
    /// Whether the topic stands before others.
    sticky: bool,
}

/// Shows a message that awaits approval.
pub(crate) fn approve(
    forum: &Forum,
    call: &Call<'_>,
    which: Which,
) -> Result<Versioned<Standing>, Fault> {
    let topic = message::by_id(&mut call.database()?, which.id)?;
    let readers = match topic {
        Some(row) => notice::readers_of_topic(forum, call, row.facts.topic_id)?,
        None => Vec::new(),
    };
    let mut connection = call.database_for_writing()?;
    connection.transaction(|connection| {
        let sight = Sight::member(forum, call, connection)?;
        let found = FoundPost::visible(connection, &sight, which.id)?.moderated(&sight)?;
        call.if_match(found.post.facts.version)?;
        let was_held = current(&found) == HELD;
        let found = if was_held {
            put_on_hold(forum, call, connection, found, (SHOWN, 0))?
        } else {
            found
        };
        if was_held && found.topic.facts.hold == SHOWN {
            let notice = Notice {
                topic: found.topic.id,
                subject: &found.topic.facts.subject,
                author: found.post.facts.user_id,
                name: &found.post.facts.name,
            };
            notice::send(forum, call, connection, &readers, &notice)?;
        }
        Ok(standing(&found))
    })
}

/// Takes a message from sight until it is approved.
pub(crate) fn hold(
    forum: &Forum,
    call: &Call<'_>,
    which: Which,
) -> Result<Versioned<Standing>, Fault> {
    let mut connection = call.database_for_writing()?;
    connection.transaction(|connection| {
        let sight = Sight::member(forum, call, connection)?;
        let found = FoundPost::visible(connection, &sight, which.id)?.moderated(&sight)?;
        call.if_match(found.post.facts.version)?;
        if current(&found) != SHOWN {
            return Ok(standing(&found));
        }
        put_on_hold(forum, call, connection, found, (HELD, 0)).map(|found| standing(&found))
    })
}

/// Deletes a message.
pub(crate) fn delete_post(
    forum: &Forum,
    call: &Call<'_>,
    which: Which,
) -> Result<Versioned<Standing>, Fault> {
    let mut connection = call.database_for_writing()?;
    connection.transaction(|connection| {
        let sight = Sight::member(forum, call, connection)?;
        let found = FoundPost::visible(connection, &sight, which.id)?;
        call.if_match(found.post.facts.version)?;
        let found = delete(forum, call, connection, &sight, found)?;
        Ok(standing(&found))
    })
}

/// Deletes a topic.
pub(crate) fn delete_topic(
    forum: &Forum,
    call: &Call<'_>,
    which: Which,
) -> Result<Versioned<Standing>, Fault> {
    let mut connection = call.database_for_writing()?;
    connection.transaction(|connection| {
        let sight = Sight::member(forum, call, connection)?;
        let found = FoundTopic::visible(connection, &sight, which.id)?;
        call.if_match(found.topic.facts.version)?;
        let found = first_of(connection, found)?;
        let found = delete(forum, call, connection, &sight, found)?;
        Ok(Versioned {
            version: Some(found.topic.facts.version),
            ..standing(&found)
        })
    })
}

fn delete(
    forum: &Forum,
    call: &Call<'_>,
    connection: &mut Connection,
    sight: &Sight,
    found: FoundPost,
) -> Result<FoundPost, Fault> {
    found.changeable(forum, sight, call.host().clock().now_ms())?;
    if current(&found) == DELETED {
        return Ok(found);
    }
    let moderates = sight.moderates(found.category.id);
    if found.is_first()
        && !moderates
        && message::count_of_others(connection, found.topic.id, sight.user)? > 0
    {
        return Err(not_authorized("others have answered"));
    }
    put_on_hold(forum, call, connection, found, (DELETED, sight.user))
}

/// Shows again what was deleted: for moderators, and for the author who has deleted it himself.
pub(crate) fn restore(
    forum: &Forum,
    call: &Call<'_>,
    which: Which,
) -> Result<Versioned<Standing>, Fault> {
    let now_ms = call.host().clock().now_ms();
    let mut connection = call.database_for_writing()?;
    connection.transaction(|connection| {
        let sight = Sight::member(forum, call, connection)?;
        let found = FoundPost::any(connection, &sight, which.id)?;
        let deleted_by = if found.is_first() {
            found.topic.facts.deleted_by
        } else {
            found.post.facts.deleted_by
        };
        let is_own = sight.is(found.post.facts.user_id) && sight.is(deleted_by);
        if !is_own && !sight.moderates(found.category.id) {
            // Who is not shown that it was there is not told of it here.
            let found = FoundPost::visible(connection, &sight, which.id)?;
            return Err(found
                .moderated(&sight)
                .err()
                .unwrap_or(Fault::new("KUN_PNF")));
        }
        found.changeable(forum, &sight, now_ms)?;
        call.if_match(found.post.facts.version)?;
        if current(&found) != DELETED {
            return Ok(standing(&found));
        }
        let hold = super::post::hold(&sight, &found.category);
        put_on_hold(forum, call, connection, found, (hold, 0)).map(|found| standing(&found))
    })
}

/// The hold of a message, or of its topic where it is the first.
fn current(found: &FoundPost) -> i64 {
    if found.is_first() {
        found.topic.facts.hold.max(found.post.facts.hold)
    } else {
        found.post.facts.hold
    }
}

fn put_on_hold(
    forum: &Forum,
    call: &Call<'_>,
    connection: &mut Connection,
    mut found: FoundPost,
    (hold, by): (i64, i64),
) -> Result<FoundPost, Fault> {
    let before = found.topic.facts.clone();
    if found.is_first() {
        found.topic.facts.hold = hold;
        found.topic.facts.deleted_by = by;
        found.topic.facts.version += 1;
        // The topic's hold is the first message's, too, which other forums keep twice.
        found.post.facts.hold = SHOWN;
    } else {
        found.post.facts.hold = hold;
        found.post.facts.deleted_by = by;
    }
    found.post.facts.version += 1;
    message::save(connection, &found.post)?;
    tally::recount(connection, &mut found.topic)?;
    tally::save(connection, &before, &found.topic)?;
    found.changed(forum, call, connection)?;
    Ok(found)
}

/// Lets only moderators write in a topic.
pub(crate) fn lock(
    forum: &Forum,
    call: &Call<'_>,
    which: Which,
) -> Result<Versioned<Standing>, Fault> {
    of_topic(forum, call, which.id, |topic| topic.locked = true)
}

/// Lets everybody write in a topic again.
pub(crate) fn unlock(
    forum: &Forum,
    call: &Call<'_>,
    which: Which,
) -> Result<Versioned<Standing>, Fault> {
    of_topic(forum, call, which.id, |topic| topic.locked = false)
}

/// Puts a topic before others.
pub(crate) fn stick(
    forum: &Forum,
    call: &Call<'_>,
    which: Which,
) -> Result<Versioned<Standing>, Fault> {
    of_topic(forum, call, which.id, |topic| topic.sticky = true)
}

/// Puts a topic among the others again.
pub(crate) fn unstick(
    forum: &Forum,
    call: &Call<'_>,
    which: Which,
) -> Result<Versioned<Standing>, Fault> {
    of_topic(forum, call, which.id, |topic| topic.sticky = false)
}

fn of_topic(
    forum: &Forum,
    call: &Call<'_>,
    id: i64,
    change: impl FnOnce(&mut Topic),
) -> Result<Versioned<Standing>, Fault> {
    let mut connection = call.database_for_writing()?;
    connection.transaction(|connection| {
        let sight = Sight::member(forum, call, connection)?;
        let mut found = FoundTopic::visible(connection, &sight, id)?.moderated(&sight)?;
        call.if_match(found.topic.facts.version)?;
        change(&mut found.topic.facts);
        found.topic.facts.version += 1;
        topic::save(connection, &found.topic)?;
        Ok(topic_standing(&found.topic))
    })
}

/// Moves a topic to another category, both of which the caller moderates.
pub(crate) fn move_topic(
    forum: &Forum,
    call: &Call<'_>,
    to: Move,
) -> Result<Versioned<Standing>, Fault> {
    let mut connection = call.database_for_writing()?;
    connection.transaction(|connection| {
        let sight = Sight::member(forum, call, connection)?;
        let mut found = FoundTopic::visible(connection, &sight, to.id)?.moderated(&sight)?;
        call.if_match(found.topic.facts.version)?;
        if category::visible(connection, &sight, to.catid)?.is_none() {
            return Err(Fault::new("KUN_CNF"));
        }
        if !sight.moderates(to.catid) {
            return Err(not_authorized("the other category has other moderators"));
        }
        let before = found.topic.facts.clone();
        found.topic.facts.category_id = to.catid;
        found.topic.facts.version += 1;
        tally::save(connection, &before, &found.topic)?;
        searchable::topics_changed(forum, call, connection, &[found.topic.id])?;
        Ok(topic_standing(&found.topic))
    })
}

fn first_of(connection: &mut Connection, found: FoundTopic) -> Result<FoundPost, Fault> {
    let post = message::by_id(connection, found.topic.facts.first_post_id)?;
    Ok(FoundPost {
        post: post.ok_or(Fault::new("KUN_TNF"))?,
        topic: found.topic,
        category: found.category,
    })
}

fn topic_standing(topic: &TopicRow) -> Versioned<Standing> {
    Versioned {
        version: Some(topic.facts.version),
        members: standing_of(topic),
    }
}

fn standing_of(topic: &TopicRow) -> Standing {
    let facts = &topic.facts;
    Standing {
        topic: topic.id.to_string(),
        category: facts.category_id.to_string(),
        post: facts.first_post_id.to_string(),
        hold: facts.hold.to_string(),
        locked: facts.locked,
        sticky: facts.sticky,
    }
}

fn standing(found: &FoundPost) -> Versioned<Standing> {
    Versioned {
        version: Some(found.post.facts.version),
        members: Standing {
            post: found.post.id.to_string(),
            hold: current(found).to_string(),
            ..standing_of(&found.topic)
        },
    }
}
