//! Mail: queued in the database, in the transaction of what it is about, and sent by one thread of its own.

pub mod message;
mod outbox;
mod sender;
mod table;
pub mod texts;
mod transport;

use diesel::result::QueryResult;
use loggia_sql::Connection;

use crate::service::secret;
use crate::store::mail_queue::{self, NewMail, state};
pub use message::{Draft, DraftFault};
pub use sender::Sender;
pub use table::MailService;
pub use transport::SetupFault;

/// Why a message was not queued.
#[derive(Debug, thiserror::Error)]
pub enum QueueFault {
    /// The message is not one.
    #[error(transparent)]
    Draft(#[from] DraftFault),
    /// The database refused it.
    #[error("the mail could not be stored")]
    Database(#[from] diesel::result::Error),
}

/// Queues a message in the transaction of the connection: it is sent if and only if that is committed.
pub fn queue(connection: &mut Connection, draft: &Draft, now_ms: i64) -> Result<i64, QueueFault> {
    draft.check()?;
    let message_id = secret::random_token();
    let new = NewMail {
        message_id: &message_id,
        account_id: draft.account_id,
        recipient: &draft.to,
        subject: &draft.subject,
        body: &draft.text,
        created_ms: now_ms,
    };
    Ok(mail_queue::insert(connection, &new)?)
}

/// How the queue stands, for whoever watches over it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Health {
    /// Messages that wait for their turn.
    pub waiting: i64,
    /// How many of those have failed before.
    pub retrying: i64,
    /// Since when the oldest of them waits.
    pub oldest_waiting_ms: Option<i64>,
    /// Messages that were given up.
    pub failed: i64,
    /// Messages of which nobody knows whether they were sent.
    pub unknown: i64,
}

impl Health {
    /// Counts the queue.
    pub fn read(connection: &mut Connection) -> QueryResult<Self> {
        let (waiting, oldest_waiting_ms) = mail_queue::count(connection, state::WAITING)?;
        Ok(Self {
            waiting,
            retrying: mail_queue::count_retrying(connection)?,
            oldest_waiting_ms,
            failed: mail_queue::count(connection, state::FAILED)?.0,
            unknown: mail_queue::count(connection, state::UNKNOWN)?.0,
        })
    }

    /// What an operator should be told, if anything.
    pub fn complaint(&self) -> Option<String> {
        let parts = [
            (self.retrying, "mail is retried"),
            (self.failed, "mail was given up"),
            (self.unknown, "mail may have been sent or not"),
        ];
        let told: Vec<String> = parts
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{what}: {count}"))
            .collect();
        (!told.is_empty()).then(|| told.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_healthy_queue_complains_of_nothing() {
        let healthy = Health {
            waiting: 3,
            retrying: 0,
            oldest_waiting_ms: Some(1),
            failed: 0,
            unknown: 0,
        };
        assert_eq!(healthy.complaint(), None);
        let ailing = Health {
            retrying: 2,
            failed: 1,
            ..healthy
        };
        assert_eq!(
            ailing.complaint().as_deref(),
            Some("mail is retried: 2, mail was given up: 1")
        );
    }
}
