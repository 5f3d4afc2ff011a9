//! Mail of new messages: who wants it of what.

use loggia_sdk::prelude::*;

use super::notice;
use super::thanks::account;
use crate::Forum;
use crate::found::FoundTopic;
use crate::sight::Sight;
use crate::store::category;
use crate::store::subscription::{self, Subject};

/// A topic or a category.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct What {
    /// The topic.
    topic: Option<i64>,
    /// The category, for all its topics.
    catid: Option<i64>,
}

impl What {
    fn subject(&self) -> Result<Subject, Fault> {
        match (self.topic, self.catid) {
            (Some(topic), None) => Ok(Subject::topic(topic)),
            (None, Some(category)) => Ok(Subject::category(category)),
            _ => Err(Fault::parameter(
                "topic",
                "must be given, or catid, not both",
            )),
        }
    }
}

/// Nothing is asked for.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Nothing {}

/// What the caller has subscribed to.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Subscriptions {
    /// The topics.
    topics: Vec<String>,
    /// The categories.
    categories: Vec<String>,
}

/// What has become of a subscription.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Subscribed {
    /// Whether there is one.
    subscribed: bool,
}

/// Shows what the caller has subscribed to.
pub(crate) fn get(
    _forum: &Forum,
    call: &Call<'_>,
    _nothing: Nothing,
) -> Result<Subscriptions, Fault> {
    let subjects = subscription::of_person(&mut call.database()?, account(call)?)?;
    let ids = |of: fn(&Subject) -> i64| {
        let ids = subjects.iter().map(of).filter(|&id| id != 0);
        ids.map(|id| id.to_string()).collect()
    };
    Ok(Subscriptions {
        topics: ids(|subject| subject.topic_id),
        categories: ids(|subject| subject.category_id),
    })
}

/// Subscribes to a topic or a category.
pub(crate) fn add(forum: &Forum, call: &Call<'_>, what: What) -> Result<Subscribed, Fault> {
    let (user, subject) = (account(call)?, what.subject()?);
    let mut connection = call.database_for_writing()?;
    connection.transaction(|connection| {
        let sight = Sight::member(forum, call, connection)?;
        if subject.topic_id == 0 {
            let found = category::visible(connection, &sight, subject.category_id)?;
            found.ok_or(Fault::new("KUN_CNF"))?;
        } else {
            FoundTopic::visible(connection, &sight, subject.topic_id)?;
        }
        let is_new = subscription::add(connection, user, subject)?;
        if is_new && subscription::count(connection, subject)? > notice::MOST {
            return Err(Fault::new("KUN_SFL"));
        }
        Ok(Subscribed { subscribed: true })
    })
}

/// Ends a subscription, even of what the caller may no longer see.
pub(crate) fn remove(_forum: &Forum, call: &Call<'_>, what: What) -> Result<Subscribed, Fault> {
    let (user, subject) = (account(call)?, what.subject()?);
    subscription::remove(&mut call.database_for_writing()?, user, subject)?;
    Ok(Subscribed { subscribed: false })
}
