//! The thread that sends what is queued.

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use diesel::result::QueryResult;
use lettre::message::Mailbox;
use loggia_sql::Connection;
use parking_lot::{Condvar, Mutex};

use super::message::{Stamp, compose};
use super::transport::{SendFault, SetupFault, Transport, sender};
use crate::service::clock::now_ms;
use crate::settings::Mail;
use crate::store::Pool;
use crate::store::mail_queue::{self, Claimed, Outcome};

/// How often the queue is looked at; another node, or a transaction that has just ended, may have filled it.
const POLL: Duration = Duration::from_millis(250);
/// How long a node may take over one message before others think it dead.
const LEASE_MS: i64 = 300_000;
/// The longest pause between two attempts.
const LONGEST_PAUSE_MS: i64 = 6 * 3_600_000;
/// How often messages sent long ago are removed, and how old they are then.
const PRUNE_EVERY: Duration = Duration::from_hours(1);
const KEPT_MS: i64 = 30 * 86_400_000;

/// The sender, running until it is stopped.
pub struct Sender {
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

struct Shared {
    pool: Pool,
    node: String,
    way: Mutex<Arc<Way>>,
    orders: Mutex<Orders>,
    ordered: Condvar,
}

#[derive(Default)]
struct Orders {
    stop: bool,
    look: bool,
    stopped: bool,
}

/// What the settings make of a message's way out.
struct Way {
    transport: Transport,
    from: Mailbox,
    attempts: i64,
    retry_ms: i64,
}

impl Way {
    fn new(settings: &Mail) -> Result<Self, SetupFault> {
        Ok(Self {
            transport: Transport::new(settings)?,
            from: sender(settings)?,
            attempts: i64::from(settings.attempts),
            retry_ms: i64::try_from(settings.retry_ms).unwrap_or(LONGEST_PAUSE_MS),
        })
    }

    /// The pause after an attempt: it doubles, up to a bound.
    fn pause_ms(&self, attempts: i64) -> i64 {
        let doublings = u32::try_from(attempts.clamp(1, 30) - 1).unwrap_or(0);
        self.retry_ms
            .saturating_mul(1_i64 << doublings)
            .min(LONGEST_PAUSE_MS)
    }
}

impl Sender {
    /// Starts the thread. Several nodes may each have one on the same database.
    pub fn start(pool: Pool, settings: &Mail, node: &str) -> Result<Self, SetupFault> {
        let shared = Arc::new(Shared {
            pool,
            node: node.to_owned(),
            way: Mutex::new(Arc::new(Way::new(settings)?)),
            orders: Mutex::default(),
            ordered: Condvar::new(),
        });
        let of_thread = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name("mail".to_owned())
            .spawn(move || of_thread.run())
            .map_err(|_| SetupFault::Thread)?;
        Ok(Self {
            shared,
            thread: Mutex::new(Some(thread)),
        })
    }

    /// Sends by other settings from the next message on.
    pub fn configure(&self, settings: &Mail) -> Result<(), SetupFault> {
        *self.shared.way.lock() = Arc::new(Way::new(settings)?);
        Ok(())
    }

    /// Has the queue looked at now.
    pub fn wake(&self) {
        self.shared.orders.lock().look = true;
        self.shared.ordered.notify_all();
    }

    /// Ends the thread after the message in hand. `false` where that takes longer than the caller waits; then
    /// the fate of that message is unknown.
    pub fn stop(&self, patience: Duration) -> bool {
        let until = Instant::now() + patience;
        let mut orders = self.shared.orders.lock();
        orders.stop = true;
        self.shared.ordered.notify_all();
        while !orders.stopped {
            if self
                .shared
                .ordered
                .wait_until(&mut orders, until)
                .timed_out()
            {
                return orders.stopped;
            }
        }
        drop(orders);
        if let Some(thread) = self.thread.lock().take() {
            return thread.join().is_ok();
        }
        true
    }
}

impl Drop for Sender {
    fn drop(&mut self) {
        self.shared.orders.lock().stop = true;
        self.shared.ordered.notify_all();
    }
}

impl Shared {
    fn run(&self) {
        let mut pruned = None;
        while self.wait() {
            if let Err(error) = self.send_due() {
                tracing::warn!("the mail queue cannot be read: {error}");
            }
            if pruned.is_none_or(|at: Instant| at.elapsed() > PRUNE_EVERY) {
                pruned = Some(Instant::now());
                self.prune();
            }
        }
        self.orders.lock().stopped = true;
        self.ordered.notify_all();
    }

    /// Waits for the next look; `false` where it is time to end.
    fn wait(&self) -> bool {
        let mut orders = self.orders.lock();
        if !orders.stop && !orders.look {
            self.ordered.wait_for(&mut orders, POLL);
        }
        orders.look = false;
        !orders.stop
    }

    fn is_stopping(&self) -> bool {
        self.orders.lock().stop
    }

    fn send_due(&self) -> QueryResult<()> {
        let now_ms = now_ms();
        if !mail_queue::has_work(&mut self.pool.read(soon())?, now_ms)? {
            return Ok(());
        }
        let way = Arc::clone(&self.way.lock());
        let lost = {
            let mut connection = self.pool.write(soon())?;
            mail_queue::end_leases(&mut connection, now_ms, way.transport.drops_doubles())?
        };
        if lost > 0 {
            tracing::warn!("{lost} mails were in the hands of a node that has ended");
        }
        while !self.is_stopping() {
            let Some(claimed) = self.claim()? else { break };
            self.send(&way, &claimed)?;
        }
        Ok(())
    }

    fn claim(&self) -> QueryResult<Option<Claimed>> {
        let now_ms = now_ms();
        let mut connection = self.pool.write(soon())?;
        mail_queue::claim(&mut connection, &self.node, now_ms, now_ms + LEASE_MS)
    }

    /// No connection is held while the message is under way, which may take long.
    fn send(&self, way: &Way, claimed: &Claimed) -> QueryResult<()> {
        let result = attempt(way, claimed);
        let now_ms = now_ms();
        let fault = result.err();
        let outcome = match &fault {
            None => Outcome::Sent,
            Some(fault) if fault.is_final || claimed.attempts >= way.attempts => {
                Outcome::GivenUp { error: &fault.text }
            }
            Some(fault) => Outcome::Again {
                next_try_ms: now_ms + way.pause_ms(claimed.attempts),
                error: &fault.text,
            },
        };
        report(claimed, fault.as_ref(), &outcome);
        let mut connection = self.pool.write(soon())?;
        if !mail_queue::finish(&mut connection, claimed, now_ms, outcome)? {
            tracing::warn!(
                mail = claimed.id,
                "the mail's lease was lost while it was sent"
            );
        }
        Ok(())
    }

    fn prune(&self) {
        let prune = |connection: &mut Connection| mail_queue::prune(connection, now_ms() - KEPT_MS);
        if let Err(error) = self.pool.write(soon()).and_then(|mut it| prune(&mut it)) {
            tracing::warn!("old mails could not be removed: {error}");
        }
    }
}

/// Until when the thread waits for a connection; it comes back for what it did not get.
fn soon() -> Instant {
    Instant::now() + Duration::from_secs(10)
}

fn attempt(way: &Way, claimed: &Claimed) -> Result<(), SendFault> {
    let stamp = Stamp {
        from: &way.from,
        message_id: &claimed.message_id,
        created_ms: claimed.created_ms,
    };
    let Some(message) = compose(&claimed.recipient, &claimed.subject, &claimed.body, stamp) else {
        return Err(SendFault {
            text: "the message is not valid".to_owned(),
            kind: "the message is not valid".to_owned(),
            is_final: true,
        });
    };
    let name = format!("{:013}-{}", claimed.created_ms, claimed.message_id);
    way.transport.send(&name, &message)
}

fn report(claimed: &Claimed, fault: Option<&SendFault>, outcome: &Outcome<'_>) {
    let (mail, attempt) = (claimed.id, claimed.attempts);
    let kind = fault.map_or("", |fault| fault.kind.as_str());
    match outcome {
        Outcome::Sent => tracing::info!(mail, attempt, "mail sent"),
        Outcome::Again { .. } => {
            tracing::warn!(mail, attempt, "mail not sent, to be retried: {kind}");
        }
        Outcome::GivenUp { .. } => tracing::error!(mail, attempt, "mail given up: {kind}"),
    }
}

#[cfg(test)]
mod tests;
