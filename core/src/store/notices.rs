//! What nodes tell one another by PostgreSQL's NOTIFY: one connection and one thread for everybody who wants to hear
//! of something. A notice says only that there is something to look for; whoever misses it looks now and then by
//! himself.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use super::Pool;
use super::listener::Listener;

/// How long one wait takes at most.
const TURN: Duration = Duration::from_millis(100);
/// How long it waits before it connects again.
const RECONNECT_AFTER: Duration = Duration::from_secs(1);

/// Who wants to hear of something.
pub struct Hearer {
    /// The name of the notice.
    pub notice: &'static str,
    /// Is called when it was told, and when something may have been missed. It must not take long.
    pub hear: Box<dyn Fn() + Send>,
}

/// The thread that hears; it ends when this value goes.
pub struct Notices {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Notices {
    /// Begins to hear; nothing on SQLite, where there is one process.
    ///
    /// # Errors
    /// Where no thread can be started.
    pub fn begin(pool: &Pool, hearers: Vec<Hearer>) -> io::Result<Option<Self>> {
        if pool.dialect() != loggia_sql::Dialect::Postgresql {
            return Ok(None);
        }
        let stop = Arc::new(AtomicBool::new(false));
        let ear = Ear {
            pool: pool.clone(),
            hearers,
            stop: Arc::clone(&stop),
        };
        let thread = std::thread::Builder::new()
            .name("notices".to_owned())
            .spawn(move || ear.run())?;
        Ok(Some(Notices {
            stop,
            thread: Some(thread),
        }))
    }
}

impl Drop for Notices {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // A thread that panicked has told so itself.
            let _ = thread.join();
        }
    }
}

struct Ear {
    pool: Pool,
    hearers: Vec<Hearer>,
    stop: Arc<AtomicBool>,
}

impl Ear {
    fn run(&self) {
        while !self.has_ended() {
            if let Some(listener) = self.connect() {
                // What was told meanwhile.
                self.hearers.iter().for_each(|one| (one.hear)());
                self.listen(listener);
            }
            if !self.has_ended() {
                std::thread::park_timeout(RECONNECT_AFTER);
            }
        }
    }

    fn has_ended(&self) -> bool {
        self.stop.load(Ordering::Acquire)
    }

    fn connect(&self) -> Option<Listener> {
        let names: Vec<_> = self.hearers.iter().map(|one| one.notice).collect();
        match self.pool.listener(&names)? {
            Ok(listener) => Some(listener),
            Err(error) => {
                tracing::warn!("what other nodes tell is heard late: {error}");
                None
            }
        }
    }

    /// Hears until the connection breaks or it is time to end.
    fn listen(&self, mut listener: Listener) {
        while !self.has_ended() {
            match listener.wait(TURN, || self.has_ended()) {
                Ok(told) => {
                    let those = self.hearers.iter();
                    those
                        .filter(|one| told.iter().any(|name| name == one.notice))
                        .for_each(|one| (one.hear)());
                }
                Err(error) => {
                    tracing::warn!("what other nodes tell is heard late: {error}");
                    return;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;
    use std::time::Instant;

    use loggia_push::notification::{self, NewNotification};

    use super::*;
    use crate::store::channel;
    use crate::store::testing::{TestDatabase, patience};

    /// A hearer that counts.
    fn counted(notice: &'static str) -> (Arc<AtomicUsize>, Hearer) {
        let count = Arc::<AtomicUsize>::default();
        let own = Arc::clone(&count);
        let hear = Box::new(move || {
            own.fetch_add(1, Ordering::SeqCst);
        });
        (count, Hearer { notice, hear })
    }

    fn until(count: &AtomicUsize, least: usize) {
        let give_up = Instant::now() + Duration::from_secs(30);
        while count.load(Ordering::SeqCst) < least {
            assert!(Instant::now() < give_up, "nothing was heard");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    #[test]
    fn a_notification_of_another_node_is_heard_once_it_is_committed_and_nothing_else() {
        let Some(database) = TestDatabase::postgresql() else {
            println!(
                "NOT RUN: nodes share a PostgreSQL database, and LOGGIA_TEST_POSTGRES names none"
            );
            return;
        };
        let pool = database.migrated_pool();
        let (push, hears_push) = counted(loggia_push::wake::NOTICE);
        let (pages, hears_pages) = counted(channel::NOTICE);
        let _notices = Notices::begin(&pool, vec![hears_push, hears_pages]).unwrap();
        until(&push, 1);
        until(&pages, 1);
        let mut connection = pool.write(patience()).unwrap();
        let mut enter = |scheduled_ms| {
            let new = NewNotification {
                scheduled_ms,
                ..NewNotification::new(None, r#""all""#, "{}", 5)
            };
            notification::create(&mut connection, &new, 5).unwrap();
        };
        enter(9);
        enter(5);
        until(&push, 2);
        drop(connection);
        channel::publish(&mut pool.write(patience()).unwrap(), "1", &[], 5).unwrap();
        until(&pages, 2);
        assert_eq!(
            push.load(Ordering::SeqCst),
            2,
            "what is due later wakes nobody"
        );
    }
}
