//! A message with its topic and category, as one finds it who wants to change something.

use loggia_sdk::{Call, Fault};
use loggia_sql::Connection;

use crate::sight::Sight;
use crate::store::category::{self, CategoryRow};
use crate::store::message::{self, MessageRow};
use crate::store::topic::{self, TopicRow};
use crate::store::{HELD, SHOWN};
use crate::{Forum, searchable};

/// A topic that is locked until the transaction ends, and its category.
pub(crate) struct FoundTopic {
    pub(crate) topic: TopicRow,
    pub(crate) category: CategoryRow,
}

/// A message, and what it is in.
pub(crate) struct FoundPost {
    pub(crate) post: MessageRow,
    pub(crate) topic: TopicRow,
    pub(crate) category: CategoryRow,
}

impl FoundTopic {
    /// The topic, where the caller may see it.
    pub(crate) fn visible(
        connection: &mut Connection,
        sight: &Sight,
        id: i64,
    ) -> Result<FoundTopic, Fault> {
        let row = topic::lock(connection, id)?;
        let row = row.filter(|row| {
            let own = row.facts.hold == HELD && sight.is(row.facts.first_post_user_id);
            row.facts.hold == SHOWN || own || sight.moderates(row.facts.category_id)
        });
        let topic = row.ok_or(Fault::new("KUN_TNF"))?;
        let category = category::visible(connection, sight, topic.facts.category_id)?;
        Ok(FoundTopic {
            topic,
            category: category.ok_or(Fault::new("KUN_TNF"))?,
        })
    }

    /// Refuses those who do not moderate its category.
    pub(crate) fn moderated(self, sight: &Sight) -> Result<FoundTopic, Fault> {
        if sight.moderates(self.topic.facts.category_id) {
            Ok(self)
        } else {
            Err(not_authorized("only moderators may do this"))
        }
    }

    /// Refuses those who may not write in it.
    pub(crate) fn writable(&self, sight: &Sight) -> Result<(), Fault> {
        let facts = &self.topic.facts;
        if sight.moderates(facts.category_id) {
            return Ok(());
        }
        if self.category.facts.locked {
            return Err(not_authorized("the category is locked"));
        }
        if facts.locked {
            return Err(not_authorized("the topic is locked"));
        }
        if facts.hold != SHOWN {
            return Err(not_authorized("the topic awaits approval"));
        }
        Ok(())
    }
}

impl FoundPost {
    /// The message, where the caller may see it.
    pub(crate) fn visible(
        connection: &mut Connection,
        sight: &Sight,
        id: i64,
    ) -> Result<FoundPost, Fault> {
        let found = FoundPost::any(connection, sight, id)?;
        if found.is_visible(sight) {
            Ok(found)
        } else {
            Err(Fault::new("KUN_PNF"))
        }
    }

    /// The message, wherever it is in a category that the caller may read; even one that is deleted.
    pub(crate) fn any(
        connection: &mut Connection,
        sight: &Sight,
        id: i64,
    ) -> Result<FoundPost, Fault> {
        let none = || Fault::new("KUN_PNF");
        let post = message::by_id(connection, id)?.ok_or_else(none)?;
        let topic = topic::lock(connection, post.facts.topic_id)?.ok_or_else(none)?;
        // It may have been changed while somebody else had the lock.
        let post = message::by_id(connection, id)?.ok_or_else(none)?;
        let category = category::visible(connection, sight, topic.facts.category_id)?;
        Ok(FoundPost {
            post,
            topic,
            category: category.ok_or_else(none)?,
        })
    }

    /// Whether the caller is shown it.
    fn is_visible(&self, sight: &Sight) -> bool {
        let (post, topic) = (&self.post.facts, &self.topic.facts);
        let shows = |hold, user| hold == SHOWN || (hold == HELD && sight.is(user));
        sight.moderates(topic.category_id)
            || (shows(topic.hold, topic.first_post_user_id) && shows(post.hold, post.user_id))
    }

    /// Whether it stands for its topic.
    pub(crate) fn is_first(&self) -> bool {
        self.post.id == self.topic.facts.first_post_id
    }

    /// Tells the search of it, or of its whole topic where it stands for that.
    pub(crate) fn changed(
        &self,
        forum: &Forum,
        call: &Call<'_>,
        connection: &mut Connection,
    ) -> Result<(), Fault> {
        if self.is_first() {
            searchable::topics_changed(forum, call, connection, &[self.topic.id])
        } else {
            searchable::messages_changed(forum, call, connection, &[self.post.id])
        }
    }

    /// Refuses those who may not change it: neither a moderator, nor its author soon after he wrote it.
    pub(crate) fn changeable(
        &self,
        forum: &Forum,
        sight: &Sight,
        now_ms: i64,
    ) -> Result<(), Fault> {
        let facts = &self.post.facts;
        if sight.moderates(self.topic.facts.category_id) {
            return Ok(());
        }
        if !sight.is(facts.user_id) {
            return Err(not_authorized("only its author and moderators may do this"));
        }
        if self.category.facts.locked || self.topic.facts.locked || facts.locked {
            return Err(not_authorized("it is locked"));
        }
        let age_ms = now_ms.saturating_sub(facts.time_ms);
        if age_ms > forum.settings.edit_time_s.saturating_mul(1000) {
            return Err(not_authorized("the time for changes has passed"));
        }
        Ok(())
    }

    /// Refuses those who do not moderate its category.
    pub(crate) fn moderated(self, sight: &Sight) -> Result<FoundPost, Fault> {
        if sight.moderates(self.topic.facts.category_id) {
            Ok(self)
        } else {
            Err(not_authorized("only moderators may do this"))
        }
    }
}

/// The fault of somebody who sees a thing, but may not do what he wants with it.
pub(crate) fn not_authorized(why: &str) -> Fault {
    Fault::new("KUN_ANA").detail(why)
}
