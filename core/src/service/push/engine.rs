//! The engine as the rest of the server holds it.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use diesel::QueryResult;
use loggia_sql::Connection;
use parking_lot::Mutex;

use super::carriers::Carriers;
use super::clerk::Clerk;
use super::courier;
use super::credentials::Kept;
use super::crew::Crew;
use super::depot::Depot;
use super::refusal::CredentialsFault;
use super::settings::PushSettings;
use super::tally::Tally;
use crate::node::Pulse;
use crate::service::channels::Channels;
use crate::store::Pool;
use crate::store::notices::Bell;

/// The engine of this process. It sends by itself once it has begun.
pub struct Push {
    pub(super) depot: Arc<Depot>,
    /// Rung for other nodes, where the database does not tell them.
    bell: OnceLock<Bell>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Push {
    /// Over a migrated database. The key of sealed credentials lies in a folder.
    pub fn new(
        pool: Pool,
        settings: PushSettings,
        carriers: Box<dyn Carriers>,
        key_folder: PathBuf,
    ) -> Self {
        Self {
            depot: Arc::new(Depot::new(pool, settings, carriers, key_folder)),
            bell: OnceLock::new(),
            thread: Mutex::new(None),
        }
    }

    /// Begins to send, as a node that is entered and says that it lives.
    pub fn begin(&self, node_id: i64, pulse: Arc<Pulse>) -> std::io::Result<()> {
        let crew = Crew::new(node_id, pulse)?;
        if self.depot.crew.set(crew).is_err() {
            return Ok(());
        }
        if let Some(crew) = self.depot.crew.get() {
            crew.handle.spawn(courier::run(Arc::clone(&self.depot)));
        }
        let clerk = Clerk::new(Arc::clone(&self.depot));
        let thread = std::thread::Builder::new()
            .name("push-claim".to_owned())
            .spawn(move || clerk.work())?;
        *self.thread.lock() = Some(thread);
        Ok(())
    }

    /// What is for open pages is handed out by these channels as soon as it is published.
    pub fn publish_by(&self, channels: Arc<Channels>) {
        // A process has one set of channels.
        let _ = self.depot.channels.set(channels);
    }

    /// What concerns other nodes is told them by this bell.
    pub fn ring_by(&self, bell: Bell) {
        // A process has one bell.
        let _ = self.bell.set(bell);
    }

    /// Sends by other settings from now on.
    pub fn configure(&self, settings: PushSettings) {
        self.depot.settings.store(Arc::new(settings));
    }

    /// How many devices a run sends to where nobody says how many.
    pub fn batch_size(&self) -> i64 {
        self.depot.settings.load().batch_size
    }

    /// Has the tables looked at now.
    pub fn wake(&self) {
        self.depot.order_look();
        self.depot.errands.wake();
    }

    /// Has them looked at by every node: something was entered, and is committed.
    pub fn tell(&self) {
        self.wake();
        if let Some(bell) = self.bell.get() {
            bell.ring(loggia_push::wake::NOTICE);
        }
    }

    /// Sends what is due to so many devices, or to as many as the settings say, and waits for the answers.
    pub fn run(&self, batch_size: Option<i64>, deadline: Option<Instant>) -> QueryResult<Tally> {
        self.depot.run(batch_size, deadline)
    }

    /// Keeps an application's credentials, or its webhook, in the transaction of the connection.
    pub fn set_credentials(
        &self,
        connection: &mut Connection,
        application_id: i64,
        json: &str,
    ) -> Result<Kept, CredentialsFault> {
        self.depot.set_credentials(connection, application_id, json)
    }

    /// Ends: nothing more leaves, and what is under way is written down. `false` where that took longer than the caller
    /// waits; the rest is unknown then.
    pub fn close(&self, patience: Duration) -> bool {
        self.depot.order_stop();
        let landed = self
            .depot
            .crew
            .get()
            .is_none_or(|crew| crew.close(patience));
        let thread = self.thread.lock().take();
        thread.is_none_or(|thread| thread.join().is_ok()) && landed
    }
}
