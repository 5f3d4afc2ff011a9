//! Mail to those who have subscribed to a topic or a category.
//!
//! Who is to be told is found out before the writing begins, so that nobody waits for the database's writer
//! meanwhile; the mails are queued in the transaction of what they tell.

use loggia_sdk::MailMessage;
use loggia_sdk::prelude::*;
use loggia_sql::Connection;

use crate::Forum;
use crate::store::subscription::{self, Subject};
use crate::store::{category, topic};

/// The most subscribers of one topic or category, each of whom is one mail a message.
pub(crate) const MOST: i64 = 500;

/// What subscribers are told.
pub(crate) struct Notice<'n> {
    pub(crate) topic: i64,
    pub(crate) subject: &'n str,
    /// The account that wrote the message; it is not told of it.
    pub(crate) author: i64,
    pub(crate) name: &'n str,
}

/// Somebody who is to be told.
pub(crate) struct Reader {
    user: i64,
    email: String,
}

/// The subscribers of a topic that there is, and of its category.
pub(crate) fn readers_of_topic(
    forum: &Forum,
    call: &Call<'_>,
    id: i64,
) -> Result<Vec<Reader>, Fault> {
    let found = topic::by_id(&mut call.database()?, id)?;
    let Some(category) = found.map(|row| row.facts.category_id) else {
        return Ok(Vec::new());
    };
    let subjects = [Subject::topic(id), Subject::category(category)];
    readers(forum, call, category, &subjects)
}

/// The subscribers who may read a category at present, and are not blocked.
pub(crate) fn readers(
    forum: &Forum,
    call: &Call<'_>,
    category: i64,
    subjects: &[Subject],
) -> Result<Vec<Reader>, Fault> {
    if !forum.settings.mail {
        return Ok(Vec::new());
    }
    let mut connection = call.database()?;
    let users = subscription::subscribers(&mut connection, subjects, MOST)?;
    if users.is_empty() {
        return Ok(Vec::new());
    }
    let gates = category::gates(&mut connection, category)?;
    let identity = call.host().identity()?;
    let mut readers = Vec::with_capacity(users.len());
    for user in users {
        let Some(account) = identity.by_id(call, user)? else {
            continue;
        };
        let may_read = gates
            .iter()
            .all(|gate| gate.passes(&account.view_levels, &account.groups));
        if may_read && !account.blocked && !account.email.is_empty() {
            let email = account.email;
            readers.push(Reader { user, email });
        }
    }
    Ok(readers)
}

/// Queues the mails.
pub(crate) fn send(
    forum: &Forum,
    call: &Call<'_>,
    connection: &mut Connection,
    readers: &[Reader],
    notice: &Notice<'_>,
) -> Result<(), Fault> {
    let mail = call.host().mail()?;
    let address = forum
        .settings
        .topic_url
        .replace("{topic}", &notice.topic.to_string());
    // A subject that breaks into lines would be headers.
    let subject = notice.subject.replace(['\r', '\n'], " ");
    for reader in readers.iter().filter(|reader| reader.user != notice.author) {
        let message = MailMessage {
            to: reader.email.clone(),
            subject: format!("New message: {subject}"),
            text: format!(
                "Hello,\n\n{} has written in the topic \"{subject}\".\n\n{address}\n\n\
                 You receive this because you subscribed to the topic or its category. \
                 The site's forum lets you end that.\n",
                notice.name
            ),
        };
        mail.queue(call, Some(&mut *connection), &message)?;
    }
    Ok(())
}
