//! The thread that writes: everything that waits goes into as few transactions as possible.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use diesel::QueryResult;
use diesel::result::Error;
use loggia_sql::{Connection, Dialect};

use super::Shared;
use super::bank::Bank;
use super::message::{Call, Message};
use super::queue::is_keyed;
use super::record::{Batch, Failure, Waiting};
use crate::store::pool::Pool;

/// Most calls of one transaction.
const MOST_CALLS: usize = 2_048;
/// How long the writer waits for a connection.
const CONNECTION_PATIENCE: Duration = Duration::from_secs(5);
/// How long it waits before it tries a failing database again.
const RETRY: Duration = Duration::from_millis(250);
/// How long it waits for messages when nothing is due.
const IDLE: Duration = Duration::from_mins(1);
/// How often a batch is tried before its calls are unavailable.
const TRIES: u32 = 3;

/// The writer, with what only it knows.
pub(super) struct Writer {
    shared: Arc<Shared>,
    pool: Pool,
    /// PostgreSQL: a connection of its own, so that busy modules cannot keep it waiting.
    connection: Option<Connection>,
    /// This node's part of the keys' days, where it does not decide from counters alone.
    bank: Option<Bank>,
    /// Rows that could not be written yet.
    unwritten: Vec<Waiting>,
}

impl Writer {
    pub(super) fn new(pool: Pool, shared: Arc<Shared>) -> QueryResult<Self> {
        let mut writer = Writer {
            shared,
            pool,
            connection: None,
            bank: None,
            unwritten: Vec::new(),
        };
        if !writer.shared.counts_in_memory() {
            let shared = Arc::clone(&writer.shared);
            writer.bank =
                Some(writer.with_connection(|connection| Bank::join(connection, shared))?);
        }
        Ok(writer)
    }

    /// Works until the queue is closed and empty.
    pub(super) fn run(mut self) {
        let worked = catch_unwind(AssertUnwindSafe(|| self.work()));
        if worked.is_err() {
            tracing::error!("the ledger's writer died; keyed calls are unavailable");
        }
        self.shared.is_failing.store(true, Ordering::Relaxed);
        // Whoever waits for room or for an answer learns that none comes.
        self.shared.room.close();
        self.shared.queue.abandon();
    }

    fn work(&mut self) {
        let mut messages = Vec::new();
        while self.shared.queue.take(&mut messages, self.longest_wait()) {
            let keyed = messages.iter().filter(|message| is_keyed(message)).count();
            self.turn(messages.drain(..));
            self.shared.queue.done(keyed);
        }
        self.leave();
    }

    fn longest_wait(&self) -> Duration {
        if self.is_failing() {
            return RETRY;
        }
        self.bank.as_ref().map_or(IDLE, Bank::longest_wait)
    }

    fn is_failing(&self) -> bool {
        self.shared.is_failing.load(Ordering::Relaxed)
    }

    /// One turn: who waits to be admitted first, then what has ended.
    fn turn(&mut self, messages: impl Iterator<Item = Message>) {
        let mut calls = Vec::new();
        for message in messages {
            match (message, self.bank.as_mut()) {
                (Message::Call(call), _) => calls.push(call),
                (Message::Ask(ask), Some(bank)) => bank.ask(ask),
                (Message::Changed(counter), Some(bank)) => bank.changed(&counter),
                // Where counters decide nobody asks.
                (Message::Ask(_) | Message::Changed(_), None) => {}
            }
        }
        self.bank_turn();
        if calls.is_empty() && self.is_failing() {
            self.record(Vec::new());
        }
        while !calls.is_empty() {
            let rest = calls.split_off(calls.len().min(MOST_CALLS));
            self.record(std::mem::replace(&mut calls, rest));
        }
    }

    fn bank_turn(&mut self) {
        let Some(mut bank) = self.bank.take() else {
            return;
        };
        let decided = self.with_connection(|connection| {
            bank.tick(connection)?;
            bank.decide(connection)
        });
        self.bank = Some(bank);
        if let Err(error) = decided {
            self.note_failure("decide on quotas", &error);
        }
    }

    /// Writes calls and what could not be written before.
    fn record(&mut self, calls: Vec<Call>) {
        let mut batch = Batch::new(calls, std::mem::take(&mut self.unwritten));
        if batch.is_empty() && !self.is_failing() {
            return;
        }
        let begun = Instant::now();
        match self.write(&mut batch) {
            Ok(()) => {
                self.shared.is_failing.store(false, Ordering::Relaxed);
                metrics::counter!("loggia_ledger_commits_total").increment(1);
                metrics::histogram!("loggia_ledger_commit_seconds")
                    .record(begun.elapsed().as_secs_f64());
                batch.finish(&self.shared);
            }
            Err(error) => {
                self.note_failure("write charges and the access log", &error);
                self.unwritten = batch.fail(self.bank.as_mut());
                self.bound_unwritten();
            }
        }
    }

    /// Tries until it is written, or it is useless or dangerous to go on.
    fn write(&mut self, batch: &mut Batch) -> QueryResult<()> {
        let mut tries = 0;
        loop {
            if let Some(bank) = self.bank.as_mut() {
                batch.judge(bank);
            }
            tries += 1;
            match self.write_once(batch) {
                Ok(()) => return Ok(()),
                Err(Failure::AtCommit(error)) => return Err(error),
                Err(Failure::Before(error)) if tries >= TRIES => return Err(error),
                Err(Failure::Before(_)) => {}
                Err(Failure::Lost(keys)) => {
                    if let Some(bank) = self.bank.as_mut() {
                        bank.settle_later(&keys);
                    }
                    self.bank_turn();
                    if tries >= TRIES {
                        return Err(Error::NotFound);
                    }
                }
            }
        }
    }

    fn write_once(&mut self, batch: &mut Batch) -> Result<(), Failure> {
        let shared = Arc::clone(&self.shared);
        let mut bank = self.bank.take();
        let mut result = Ok(());
        let connected = self.with_connection(|connection| {
            result = batch.write(connection, &shared, bank.as_mut());
            match &result {
                // The connection may be broken; another one is taken next time.
                Err(Failure::Before(_) | Failure::AtCommit(_)) => {
                    Err(Error::BrokenTransactionManager)
                }
                Ok(()) | Err(Failure::Lost(_)) => Ok(()),
            }
        });
        self.bank = bank;
        match (result, connected) {
            (Err(failure), _) => Err(failure),
            (Ok(()), Err(error)) => Err(Failure::Before(error)),
            (Ok(()), Ok(())) => Ok(()),
        }
    }

    /// Works on a connection. On SQLite the only writing one is given back at once; on PostgreSQL it is kept
    /// as long as it works.
    fn with_connection<R>(
        &mut self,
        work: impl FnOnce(&mut Connection) -> QueryResult<R>,
    ) -> QueryResult<R> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.pool.write(Instant::now() + CONNECTION_PATIENCE)?,
        };
        let result = work(&mut connection);
        if result.is_ok() && self.shared.dialect == Dialect::Postgresql {
            self.connection = Some(connection);
        }
        result
    }

    /// More rows than the queue may hold are not kept.
    fn bound_unwritten(&mut self) {
        let excess = self
            .unwritten
            .len()
            .saturating_sub(self.shared.options.queue);
        let places = self.unwritten.drain(..excess).filter(|row| row.holds_place);
        let places = places.count();
        self.shared.room.add_permits(places);
        if excess > 0 {
            self.shared
                .drop_rows(u64::try_from(excess).unwrap_or(u64::MAX));
        }
    }

    /// Says it once, not again for each try.
    fn note_failure(&self, what: &str, error: &Error) {
        if !self.shared.is_failing.swap(true, Ordering::Relaxed) {
            tracing::error!(%error, "the ledger cannot {what}; it goes on trying");
        }
        metrics::counter!("loggia_ledger_failures_total").increment(1);
    }

    /// Writes what is left and gives back this node's shares.
    fn leave(&mut self) {
        if !self.unwritten.is_empty() {
            self.record(Vec::new());
        }
        let rows = self.unwritten.len();
        if rows > 0 {
            self.shared
                .drop_rows(u64::try_from(rows).unwrap_or(u64::MAX));
            tracing::error!(
                rows,
                "rows of the access log could not be written before the end"
            );
        }
        if let Some(mut bank) = self.bank.take()
            && let Err(error) = self.with_connection(|connection| bank.leave(connection))
        {
            tracing::warn!(%error, "this node's shares of quotas stay until its lease runs out");
        }
    }
}
