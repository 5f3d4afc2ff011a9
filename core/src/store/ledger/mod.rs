//! The ledger: charges of keys and rows of the access log, committed many calls at a time by one thread.
//!
//! # Who decides
//!
//! **SQLite.** One process owns the file ([`Ownership`]), so a counter in memory decides, seeded from the
//! database. The charge is committed together with the call's row after the call and before its answer: a
//! crash forgets only calls that were never answered.
//!
//! **PostgreSQL.** Nodes decide together, without a round trip for each call. A node takes a *block* of calls
//! from the day's limit (`api_key_share.granted`), admits from it in memory, and commits `used` with the
//! calls' rows. What all nodes were granted and what is counted in `api_key_usage` never exceed the limit,
//! because whoever takes a block holds the lock of the key's usage row. Charging needs no lock that another
//! node wants: each node charges its own share.
//! When too little is left for blocks, the key's day is marked *near*: every node adds its share to the usage
//! row and gives back what it has not used, and from then on each admission is charged before the call, many
//! in one transaction. Somebody is refused only when nothing is left and no other node holds any part; until
//! then he waits.
//! A node that dies keeps its shares until its lease runs out by the database's clock; then whoever comes
//! first adds up what it had charged. A node that was only slow finds its share gone, and its calls are
//! charged like new ones or refused: a lease that was outlived never lets a call too many through.
//!
//! **Leases.** `[quota] mode = "lease"` pays blocks in advance, on either database: what a node took and did not
//! use is given back at a clean stop or near the limit, and is never served when the node dies. Calls then wait
//! for no commit, and their rows are written like those of other calls.
//!
//! # What an answer waits for
//!
//! A keyed call's charge and row are committed before [`Ticket::record`] ends. If the commit fails the call is
//! unavailable (`REQ_AKG`), never "limit exceeded". Rows of other calls wait in the same queue.

mod account;
mod at_once;
mod bank;
mod clock;
mod counter;
mod message;
mod ownership;
mod queue;
mod record;
mod shares;
mod turn;
mod writer;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use loggia_sql::Dialect;
use parking_lot::Mutex;
use tokio::sync::{Semaphore, SemaphorePermit, oneshot};

use super::access_log::{AccessEntry, Row};
use super::pool::Pool;
use crate::settings::{Overflow, QuotaMode};

pub(crate) use clock::Clock;
pub use counter::Counter;
pub use message::{Ticket, Unavailable, Verdict};
pub use ownership::{InUse, Ownership};

use counter::Taken;
use message::{Ask, Call, Charge, Message};
use queue::Queue;

/// How a ledger works.
#[derive(Clone, Debug)]
pub struct Options {
    /// The node's name in the log.
    pub node: Arc<str>,
    /// How many rows of calls without a key may wait, and how many keyed calls.
    pub queue: usize,
    /// What happens to rows of calls without a key when that many wait.
    pub overflow: Overflow,
    /// Whether the last part of client addresses is blanked.
    pub anonymise_addresses: bool,
    /// How long the shares of a node that died are kept.
    pub lease: Duration,
    /// How calls of limited keys are counted.
    pub mode: QuotaMode,
    /// Lease mode: how many calls a node takes at once.
    pub lease_size: u32,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            node: "node".into(),
            queue: 10_000,
            overflow: Overflow::Wait,
            anonymise_addresses: false,
            lease: Duration::from_secs(10),
            mode: QuotaMode::Strict,
            lease_size: 500,
        }
    }
}

/// The one writer of charges and log rows.
pub struct Ledger {
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// What the path of requests and the writer have in common.
pub(crate) struct Shared {
    pub(crate) options: Options,
    pub(crate) dialect: Dialect,
    pub(crate) queue: Queue,
    pub(crate) clock: Clock,
    /// Room for rows of calls without a key.
    pub(crate) room: Semaphore,
    /// Whether the last transaction failed, so that calls need not even begin.
    pub(crate) is_failing: AtomicBool,
    /// Until when this node may use its shares, by [`Clock::elapsed_ms`].
    pub(crate) fence_ms: AtomicU64,
    /// Rows that were dropped since the start.
    pub(crate) dropped: AtomicU64,
}

impl Ledger {
    /// Starts the writer. On PostgreSQL the node takes its lease first.
    pub fn start(pool: Pool, options: Options) -> diesel::QueryResult<Self> {
        let shared = Arc::new(Shared {
            dialect: pool.dialect(),
            queue: Queue::new(options.queue),
            clock: Clock::new(),
            room: Semaphore::new(options.queue),
            is_failing: AtomicBool::new(false),
            fence_ms: AtomicU64::new(u64::MAX),
            dropped: AtomicU64::new(0),
            options,
        });
        let writer = writer::Writer::new(pool, Arc::clone(&shared))?;
        let thread = std::thread::Builder::new()
            .name("ledger".to_owned())
            .spawn(move || writer.run())
            .map_err(|error| diesel::result::Error::QueryBuilderError(error.into()))?;
        Ok(Ledger {
            shared,
            thread: Mutex::new(Some(thread)),
        })
    }

    /// Asks whether a key may call now. While the limit is far the answer is there at once.
    pub fn admit(&self, counter: &Arc<Counter>, deadline: Instant) -> Verdict {
        let shared = &self.shared;
        if shared.is_failing.load(Ordering::Relaxed) || shared.queue.is_full() {
            return Verdict::Unavailable;
        }
        let day = shared.clock.day();
        match (shared.counts_in_memory(), counter.limit()) {
            (true, limit) => match counter.count(day, limit) {
                Some(day) => self.admitted(Charge::Counted(Arc::clone(counter), day)),
                None => Verdict::Exhausted,
            },
            (false, 0) => self.admitted(Charge::Open(Arc::clone(counter), day)),
            (false, _) => self.admit_from_share(counter, day, deadline),
        }
    }

    fn admit_from_share(&self, counter: &Arc<Counter>, day: i64, deadline: Instant) -> Verdict {
        let fence_ms = self.shared.fence_ms.load(Ordering::Relaxed);
        if self.shared.clock.elapsed_ms() < fence_ms {
            match counter.take(day) {
                Taken::Call(day, epoch) => {
                    return self.admitted(Charge::Share(Arc::clone(counter), day, epoch));
                }
                Taken::Exhausted => return Verdict::Exhausted,
                Taken::Nothing => {}
            }
        }
        let (reply, answer) = oneshot::channel();
        let ask = Ask {
            counter: Arc::clone(counter),
            deadline,
            reply,
        };
        match self.shared.queue.push(Message::Ask(ask)) {
            Ok(()) => Verdict::Undecided(answer),
            Err(_) => Verdict::Unavailable,
        }
    }

    fn admitted(&self, charge: Charge) -> Verdict {
        Verdict::Admitted(Ticket::new(Arc::clone(&self.shared), charge))
    }

    /// Writes the row of a call without a ticket. Where the queue is full it waits, or drops the row and
    /// counts it, as the operator has set.
    pub async fn record(&self, entry: AccessEntry) {
        let shared = &self.shared;
        if !shared.take_place().await {
            return shared.drop_rows(1);
        }
        let row = Row::new(entry, shared.options.anonymise_addresses);
        if shared.queue.push(Message::Call(Call::of_row(row))).is_err() {
            shared.drop_rows(1);
        }
    }

    /// Tells the writer that a key's limit has changed, so that it takes new shares.
    pub fn limit_changed(&self, counter: &Arc<Counter>) {
        if !self.shared.counts_in_memory() {
            counter.ask_again();
            // A writer that has ended has no shares left.
            let _ = self
                .shared
                .queue
                .push(Message::Changed(Arc::clone(counter)));
        }
    }

    /// Whether counters in memory are exact, because this process decides alone.
    pub fn counts_in_memory(&self) -> bool {
        self.shared.counts_in_memory()
    }

    /// The UTC day and time that quotas go by.
    pub fn now_ms(&self) -> i64 {
        self.shared.clock.now_ms()
    }

    /// How many rows were dropped since the start.
    pub fn dropped(&self) -> u64 {
        self.shared.dropped.load(Ordering::Relaxed)
    }

    /// Writes everything that waits, gives back shares, and ends. Calls that end later are unavailable.
    pub fn stop(&self) {
        self.shared.queue.close();
        if let Some(thread) = self.thread.lock().take()
            && thread.join().is_err()
        {
            tracing::error!("the ledger's writer had died");
        }
    }

    #[cfg(test)]
    pub(crate) fn clock(&self) -> &Clock {
        &self.shared.clock
    }
}

/// What other nodes do to the share of a node whose lease has run out.
#[cfg(test)]
pub(crate) fn take_over_all(connection: &mut loggia_sql::Connection) -> diesel::QueryResult<()> {
    for share in shares::orphans(connection, i64::MAX)? {
        shares::fold(connection, share)?;
    }
    Ok(())
}

impl Drop for Ledger {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Shared {
    /// Whether this process decides alone, from counters in memory.
    pub(crate) fn counts_in_memory(&self) -> bool {
        self.dialect == Dialect::Sqlite && self.options.mode == QuotaMode::Strict
    }

    /// Lease mode: the size of blocks that are paid in advance.
    pub(crate) fn lease_size(&self) -> Option<i64> {
        (self.options.mode == QuotaMode::Lease).then_some(self.options.lease_size.into())
    }

    /// Takes a place for a row among those that wait, or says that there is none, as the operator has set.
    async fn take_place(&self) -> bool {
        let permit = match self.options.overflow {
            Overflow::Wait => self.room.acquire().await.ok(),
            Overflow::Drop => self.room.try_acquire().ok(),
        };
        // The writer gives the place back when the row is written.
        permit.map(SemaphorePermit::forget).is_some()
    }

    /// Lease mode: hands in a call that is paid already, like one without a key.
    async fn hand_in(&self, charge: Charge, row: Option<Box<Row>>) -> Result<(), Unavailable> {
        let holds_place = row.is_some() && self.take_place().await;
        if row.is_some() && !holds_place {
            self.drop_rows(1);
        }
        let call = Call {
            charge: Some(charge),
            row: row.filter(|_| holds_place),
            reply: None,
            holds_place,
        };
        self.queue
            .push(Message::Call(call))
            .map_err(|_| Unavailable)
    }

    pub(crate) fn drop_rows(&self, count: u64) {
        self.dropped.fetch_add(count, Ordering::Relaxed);
        metrics::counter!("loggia_access_log_dropped_total").increment(count);
    }
}
