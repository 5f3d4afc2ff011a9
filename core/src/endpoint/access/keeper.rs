//! The thread that keeps the keys in memory fresh and the access log short.

use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use diesel::QueryResult;
use parking_lot::{Condvar, Mutex};

use super::table::KeyTable;
use crate::store::keys::{self, DAY_MS};
use crate::store::ledger::Ledger;
use crate::store::{Pool, access_log};

/// How often changes of keys are looked for.
const LOOK: Duration = Duration::from_millis(250);
/// How often old rows are deleted, and first so long after the start.
const PRUNE: Duration = Duration::from_mins(10);
/// Most rows of one deletion.
const PRUNED_AT_ONCE: i64 = 2_000;
/// How long the thread waits for a connection.
const PATIENCE: Duration = Duration::from_secs(5);

/// The thread, while it runs.
pub(super) struct Keeper {
    work: Arc<Work>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

struct Work {
    pool: Pool,
    table: Arc<KeyTable>,
    ledger: Arc<Ledger>,
    retention_days: u32,
    is_stopped: Mutex<bool>,
    stopped: Condvar,
    /// Two refreshes at once could put an older state over a newer one.
    refreshing: Mutex<()>,
}

impl Keeper {
    /// Reads all keys, then starts the thread.
    pub(super) fn start(
        pool: Pool,
        table: Arc<KeyTable>,
        ledger: Arc<Ledger>,
        retention_days: u32,
    ) -> Result<Self, super::StartError> {
        let work = Arc::new(Work {
            pool,
            table,
            ledger,
            retention_days,
            is_stopped: Mutex::new(false),
            stopped: Condvar::new(),
            refreshing: Mutex::new(()),
        });
        work.refresh()?;
        let thread = spawn(&work)?;
        Ok(Keeper {
            work,
            thread: Mutex::new(Some(thread)),
        })
    }

    pub(super) fn refresh(&self) -> QueryResult<()> {
        self.work.refresh()
    }

    pub(super) fn stop(&self) {
        *self.work.is_stopped.lock() = true;
        self.work.stopped.notify_one();
        if let Some(thread) = self.thread.lock().take()
            && thread.join().is_err()
        {
            tracing::error!("the keeper of keys had died");
        }
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.stop();
    }
}

fn spawn(work: &Arc<Work>) -> io::Result<JoinHandle<()>> {
    let work = Arc::clone(work);
    let builder = std::thread::Builder::new().name("keys".to_owned());
    builder.spawn(move || work.run())
}

impl Work {
    fn run(&self) {
        let mut prune_at = Instant::now() + PRUNE;
        let mut has_failed = false;
        while !self.wait() {
            let refreshed = self.refresh();
            note(refreshed, "read changes of keys", &mut has_failed);
            if Instant::now() >= prune_at {
                let pruned = self.prune();
                note(pruned, "delete old rows of the access log", &mut has_failed);
                prune_at = Instant::now() + PRUNE;
            }
        }
    }

    /// Waits until it is time to look; whether it is time to stop.
    fn wait(&self) -> bool {
        let mut is_stopped = self.is_stopped.lock();
        if !*is_stopped {
            self.stopped.wait_for(&mut is_stopped, LOOK);
        }
        *is_stopped
    }

    fn refresh(&self) -> QueryResult<()> {
        let _one_at_a_time = self.refreshing.lock();
        let mut connection = self.pool.read(Instant::now() + PATIENCE)?;
        let known = self.table.version();
        let version = keys::version(&mut connection)?;
        if version == known {
            return Ok(());
        }
        // A version that fell means that another database was put in the place of this one.
        let is_whole = version < known;
        let after = if is_whole { 0 } else { known };
        let snapshot = keys::changed_after(&mut connection, after)?;
        for counter in self.table.apply(snapshot, is_whole) {
            self.ledger.limit_changed(&counter);
        }
        Ok(())
    }

    fn prune(&self) -> QueryResult<()> {
        if self.retention_days == 0 {
            return Ok(());
        }
        let before_ms = self.ledger.now_ms() - i64::from(self.retention_days) * DAY_MS;
        loop {
            let mut connection = self.pool.write(Instant::now() + PATIENCE)?;
            let deleted = access_log::prune(&mut connection, before_ms, PRUNED_AT_ONCE)?;
            drop(connection);
            if i64::try_from(deleted).unwrap_or(i64::MAX) < PRUNED_AT_ONCE || self.wait() {
                return Ok(());
            }
        }
    }
}

/// Says a failure once, not again for each look.
fn note(result: QueryResult<()>, what: &str, has_failed: &mut bool) {
    match result {
        Ok(()) => *has_failed = false,
        Err(error) if !*has_failed => {
            *has_failed = true;
            tracing::error!(%error, "cannot {what}; going on with what is known");
        }
        Err(_) => {}
    }
}
