//! What goes between the path of requests and the writer.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::{Counter, Shared};
use crate::store::access_log::{AccessEntry, Row};

/// How long an answer waits for its commit before it is given up. The commit may still come.
const COMMIT_PATIENCE: Duration = Duration::from_secs(20);

/// The charge or the row could not be written, or not in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the ledger is not available")]
pub struct Unavailable;

/// Whether a key may call now.
pub enum Verdict {
    /// It may, and the call counts.
    Admitted(Ticket),
    /// The day's limit is reached.
    Exhausted,
    /// It cannot be said or written.
    Unavailable,
    /// It is near the limit: the writer will answer.
    Undecided(oneshot::Receiver<Verdict>),
}

impl Verdict {
    /// Waits until it is decided, at most until the deadline.
    pub async fn decided(self, deadline: Instant) -> Verdict {
        match self {
            Verdict::Undecided(answer) => {
                match tokio::time::timeout_at(deadline.into(), answer).await {
                    Ok(Ok(verdict)) => verdict,
                    Ok(Err(_)) | Err(_) => Verdict::Unavailable,
                }
            }
            verdict => verdict,
        }
    }
}

/// How an admitted call is charged.
pub(crate) enum Charge {
    /// SQLite: it is counted in memory for this day.
    Counted(Arc<Counter>, i64),
    /// PostgreSQL: from this day's block of this number.
    Share(Arc<Counter>, i64, u16),
    /// PostgreSQL: without a limit, on this day.
    Open(Arc<Counter>, i64),
    /// It was charged to the key's usage row before it ended; given back where it cannot be answered.
    Paid(Arc<Counter>, i64),
    /// Nothing is left to charge.
    Done,
}

impl Charge {
    /// Whether the database has it already.
    fn is_settled(&self) -> bool {
        matches!(self, Charge::Paid(..) | Charge::Done)
    }
}

/// An admitted call. It counts, whether or not it is ever answered: a ticket that is dropped is charged.
pub struct Ticket {
    shared: Arc<Shared>,
    charge: Option<Charge>,
}

impl Ticket {
    pub(crate) fn new(shared: Arc<Shared>, charge: Charge) -> Self {
        Ticket {
            shared,
            charge: Some(charge),
        }
    }

    /// Hands in the call's charge and, on an endpoint with trace, its row; ends when both are committed. No
    /// answer may leave before. Where calls are paid in advance it ends at once.
    pub async fn record(mut self, entry: Option<AccessEntry>) -> Result<(), Unavailable> {
        let Some(charge) = self.charge.take() else {
            return Ok(());
        };
        let anonymise = self.shared.options.anonymise_addresses;
        let row = entry.map(|entry| Box::new(Row::new(entry, anonymise)));
        if self.shared.lease_size().is_some() {
            return self.shared.hand_in(charge, row).await;
        }
        if row.is_none() && charge.is_settled() {
            return Ok(());
        }
        let (reply, committed) = oneshot::channel();
        let call = Call {
            charge: Some(charge),
            row,
            reply: Some(reply),
            holds_place: false,
        };
        if self.shared.queue.push(Message::Call(call)).is_err() {
            return Err(Unavailable);
        }
        match tokio::time::timeout(COMMIT_PATIENCE, committed).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) | Err(_) => Err(Unavailable),
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if let Some(charge) = self.charge.take()
            && !charge.is_settled()
        {
            let call = Call {
                charge: Some(charge),
                row: None,
                reply: None,
                holds_place: false,
            };
            // A writer that has ended has counted what was out.
            let _ = self.shared.queue.push(Message::Call(call));
        }
    }
}

/// A call that has ended.
pub(crate) struct Call {
    pub(crate) charge: Option<Charge>,
    pub(crate) row: Option<Box<Row>>,
    pub(crate) reply: Option<oneshot::Sender<Result<(), Unavailable>>>,
    /// Whether its row takes a place that others wait for.
    pub(crate) holds_place: bool,
}

impl Call {
    /// Of a call without a key.
    pub(crate) fn of_row(row: Row) -> Self {
        Call {
            charge: None,
            row: Some(Box::new(row)),
            reply: None,
            holds_place: true,
        }
    }

    /// Whether it was counted among the keyed calls that wait.
    pub(crate) fn is_keyed(&self) -> bool {
        self.charge.is_some()
    }

    pub(crate) fn answer(&mut self, result: Result<(), Unavailable>) {
        if let Some(reply) = self.reply.take() {
            // Whoever has stopped waiting needs no answer.
            let _ = reply.send(result);
        }
    }
}

/// A call that asks to be admitted.
pub(crate) struct Ask {
    pub(crate) counter: Arc<Counter>,
    pub(crate) deadline: Instant,
    pub(crate) reply: oneshot::Sender<Verdict>,
}

/// What the writer is told.
pub(crate) enum Message {
    Call(Call),
    Ask(Ask),
    /// A key's limit has changed.
    Changed(Arc<Counter>),
}

impl std::fmt::Debug for Ticket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ticket(..)")
    }
}

impl std::fmt::Debug for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Verdict::Admitted(_) => "Admitted",
            Verdict::Exhausted => "Exhausted",
            Verdict::Unavailable => "Unavailable",
            Verdict::Undecided(_) => "Undecided",
        })
    }
}
