//! What nodes tell one another: that there is something to look for, and no more. Whoever misses it looks now and then by
//! himself.
//!
//! PostgreSQL tells it by NOTIFY, within the transaction that it is about; one connection and one thread hear for
//! everybody. Where a NATS server is named it is told there in its place, once the call that it is about has ended, by
//! whoever rings the [`Bell`], by a command too.

mod bell;
mod database;
mod nats;
#[cfg(test)]
mod tests;

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use loggia_sql::Dialect;
use tokio::sync::Notify;

pub use bell::Bell;

use super::Pool;
use crate::settings;

/// How long it waits before it connects again.
const RECONNECT_AFTER: Duration = Duration::from_secs(1);

/// Who wants to hear of something.
pub struct Hearer {
    /// The name of the notice.
    pub notice: &'static str,
    /// Is called when it was told, and when something may have been missed. It must not take long.
    pub hear: Box<dyn Fn() + Send>,
}

/// Those who want to hear.
struct Hearers(Vec<Hearer>);

impl Hearers {
    fn names(&self) -> Vec<&'static str> {
        self.0.iter().map(|one| one.notice).collect()
    }

    /// Something was told.
    fn hear(&self, notice: &str) {
        let those = self.0.iter().filter(|one| one.notice == notice);
        those.for_each(|one| (one.hear)());
    }

    /// Anything may have been told meanwhile.
    fn hear_all(&self) {
        self.0.iter().for_each(|one| (one.hear)());
    }
}

/// A way in which nodes tell one another something.
trait Ear: Send + 'static {
    /// Hears until it is time to end.
    fn run(self, stop: &Stop);
}

/// Tells the thread to end, also while it waits.
#[derive(Default)]
struct Stop {
    has_ended: AtomicBool,
    told: Notify,
}

impl Stop {
    fn has_ended(&self) -> bool {
        self.has_ended.load(Ordering::Acquire)
    }

    /// Resolves when it is time to end.
    async fn ended(&self) {
        if !self.has_ended() {
            self.told.notified().await;
        }
    }

    fn end(&self) {
        self.has_ended.store(true, Ordering::Release);
        self.told.notify_one();
    }
}

/// Tells other nodes by NATS what was rung and not carried away yet: in a process that hears nobody, all of it.
pub fn tell(settings: &settings::Notices, bell: &Bell) {
    let rung = bell.take();
    if !rung.is_empty() {
        nats::tell(settings, rung);
    }
}

/// The thread that hears; it ends when this value goes.
pub struct Notices {
    stop: Arc<Stop>,
    thread: Option<JoinHandle<()>>,
}

impl Notices {
    /// Begins to hear, by NATS where the settings name a server; nothing on SQLite, where there is one process. The bell
    /// is what is rung for other nodes.
    ///
    /// # Errors
    /// Where no thread can be started.
    pub fn begin(
        pool: &Pool,
        settings: &settings::Notices,
        bell: &Bell,
        hearers: Vec<Hearer>,
    ) -> io::Result<Option<Self>> {
        if pool.dialect() != Dialect::Postgresql {
            return Ok(None);
        }
        let hearers = Hearers(hearers);
        let begun = match nats::Ear::new(settings, bell, hearers) {
            Ok(ear) => Self::start(ear),
            Err(hearers) => Self::start(database::Ear::new(pool, hearers)),
        };
        begun.map(Some)
    }

    fn start(ear: impl Ear) -> io::Result<Self> {
        let stop = Arc::new(Stop::default());
        let own = Arc::clone(&stop);
        let thread = std::thread::Builder::new()
            .name("notices".to_owned())
            .spawn(move || ear.run(&own))?;
        Ok(Notices {
            stop,
            thread: Some(thread),
        })
    }
}

impl Drop for Notices {
    fn drop(&mut self) {
        self.stop.end();
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // A thread that panicked has told so itself.
            let _ = thread.join();
        }
    }
}
