//! The one thread behind the channels: hands out what other nodes have published, asks silent pages whether they are
//! there, tells other nodes who is here, settles deliveries, forgets what is old.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use loggia_push::page;
use loggia_sql::Dialect;

use super::{Channels, PATIENCE};
use crate::service::clock::now_ms;
use crate::store::channel;

/// How long the thread rests.
const TURN: Duration = Duration::from_millis(100);
/// How often it looks for messages of which nobody has told it.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How often it forgets.
const FORGET_EVERY: Duration = Duration::from_mins(1);

/// The thread.
pub(super) struct Follower {
    stop: Arc<AtomicBool>,
    told: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl Follower {
    pub(super) fn start(channels: Arc<Channels>, node: i64) -> io::Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let told = Arc::new(AtomicBool::new(false));
        let mut work = Work {
            channels,
            node,
            stop: Arc::clone(&stop),
            told: Arc::clone(&told),
            look_at: Instant::now(),
            ask_at: Instant::now(),
            forget_at: Instant::now() + FORGET_EVERY,
        };
        let thread = std::thread::Builder::new()
            .name("channels".to_owned())
            .spawn(move || work.run())?;
        Ok(Follower { stop, told, thread })
    }

    /// Another node has published something.
    pub(super) fn hear(&self) {
        self.told.store(true, Ordering::Release);
        self.thread.thread().unpark();
    }

    pub(super) fn stop(self) {
        self.stop.store(true, Ordering::Release);
        self.thread.thread().unpark();
        // A thread that panicked has told so itself.
        let _ = self.thread.join();
    }
}

struct Work {
    channels: Arc<Channels>,
    node: i64,
    stop: Arc<AtomicBool>,
    told: Arc<AtomicBool>,
    look_at: Instant,
    ask_at: Instant,
    forget_at: Instant,
}

impl Work {
    fn run(&mut self) {
        let is_shared = self.channels.pool.dialect() == Dialect::Postgresql;
        while !self.stop.load(Ordering::Acquire) {
            let was_told = self.rest();
            let now = Instant::now();
            if was_told || now >= self.look_at {
                self.channels.catch_up();
                self.look_at = now + LOOK_EVERY;
            }
            self.ask(now);
            self.tell_presence();
            self.settle();
            if now >= self.forget_at {
                self.forget();
                self.forget_at = now + FORGET_EVERY;
            }
        }
        self.settle();
        if is_shared {
            self.clear();
        }
    }

    /// Waits for a turn, or until another node has published something.
    fn rest(&self) -> bool {
        if !self.told.load(Ordering::Acquire) {
            std::thread::park_timeout(TURN);
        }
        self.told.swap(false, Ordering::AcqRel)
    }

    /// Asks silent pages whether they are there, and gives up who does not answer.
    fn ask(&mut self, now: Instant) {
        if now < self.ask_at {
            return;
        }
        let settings = self.channels.settings.load();
        let every = Duration::from_millis(settings.ping_ms);
        let patience = Duration::from_millis(settings.ping_timeout_ms);
        self.ask_at = now + (every.min(patience) / 8).clamp(TURN, Duration::from_secs(1));
        let mut board = self.channels.board.lock();
        let silent = board
            .everybody()
            .filter(|one| !one.ask(now, every, patience));
        let silent: Vec<_> = silent.cloned().collect();
        for outlet in silent {
            outlet.cut();
            // Its connection may take long to end; it is not there any more.
            board.leave(&outlet);
        }
    }

    /// Tells other nodes who has come and left.
    fn tell_presence(&self) {
        let changes = self.channels.board.lock().take_changes();
        let Some(changes) = changes.filter(|changes| !changes.is_empty()) else {
            return;
        };
        let (come, left) = changes.seats();
        let told = self.write(|connection| {
            connection.transaction(|connection| {
                channel::change_presence(connection, self.node, &come, &left)
            })
        });
        if !told {
            self.channels.board.lock().give_back(changes);
        }
    }

    /// Enters in the ledger what was handed to a page.
    fn settle(&self) {
        let accepted = std::mem::take(&mut *self.channels.accepted.lock());
        if accepted.is_empty() {
            return;
        }
        let settled = self.write(|connection| page::accept(connection, &accepted, now_ms()));
        if !settled {
            self.channels.accepted.lock().extend(accepted);
        }
    }

    /// Forgets what is older than the settings say; a delivery that still waited then is over.
    fn forget(&self) {
        let kept_ms = self
            .channels
            .settings
            .load()
            .history_s
            .saturating_mul(1_000);
        let kept_ms = i64::try_from(kept_ms).unwrap_or(i64::MAX);
        let before_ms = now_ms().saturating_sub(kept_ms);
        loop {
            let mut gone = 0;
            self.write(|connection| {
                connection.transaction(|connection| {
                    let (count, waiting) = channel::forget(connection, before_ms)?;
                    gone = count;
                    page::expire(connection, &waiting, now_ms())
                })
            });
            if gone == 0 || self.stop.load(Ordering::Acquire) {
                return;
            }
        }
    }

    fn clear(&self) {
        self.write(|connection| channel::clear_presence(connection, self.node));
    }

    fn write(
        &self,
        work: impl FnOnce(&mut loggia_sql::Connection) -> diesel::QueryResult<()>,
    ) -> bool {
        let done = self
            .channels
            .pool
            .write(Instant::now() + PATIENCE)
            .and_then(|mut connection| work(&mut connection));
        if let Err(error) = &done {
            tracing::warn!("the state of channels could not be written: {error}");
        }
        done.is_ok()
    }
}
