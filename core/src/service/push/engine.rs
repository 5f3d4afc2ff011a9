//! The engine: takes what is due, has it sent, and looks after what dead nodes have left.

use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use diesel::QueryResult;
use loggia_push::claim::{self, Claim};
use loggia_push::{Platform, letter, node, retention, settle};
use loggia_sql::Connection;
use parking_lot::{Condvar, Mutex};
use tokio::sync::OwnedSemaphorePermit;

use super::applications::{Applications, ById};
use super::complaints::Complaints;
use super::courier::{self, Courier};
use super::crew::Crew;
use super::flight::Flight;
use super::judge::Judge;
use super::pauses::Pauses;
use super::seal::Seal;
use super::settings::PushSettings;
use super::told;
use super::vendor::{Application, Channel, Messenger, Reason, Sender, Vendors};
use crate::node::Pulse;
use crate::service::channels::Channels;
use crate::service::clock::now_ms;
use crate::store::Pool;
use crate::store::notices::Bell;

/// How often the tables are looked at: another node, or a transaction that has just ended, may have entered something.
const POLL: Duration = Duration::from_millis(250);
/// How often it is looked for what dead nodes have left.
const RECOVER_EVERY: Duration = Duration::from_secs(1);
/// How often what is old is forgotten.
const PRUNE_EVERY: Duration = Duration::from_hours(1);
/// How many devices one claim takes at most.
pub(super) const CLAIM: i64 = 1_000;
/// How many notifications are looked at in turn.
pub(super) const IN_TURN: i64 = 16;
/// How long the end waits for what is under way.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);
/// How many claims of dead nodes are ended at once.
const ORPHANS: i64 = 100;

/// Whoever carries messages to devices.
pub trait Carriers: Send + Sync {
    /// The sender for a platform; `None` where nobody carries anything there.
    fn sender(&self, platform: Platform) -> Option<&dyn Sender>;

    /// Whether an application's credentials could be used; if not, the member and the rule.
    fn check(&self, application: &Application) -> Result<(), String>;

    /// Who calls applications' webhooks; `None` where nobody does.
    fn messenger(&self) -> Option<&Messenger> {
        None
    }
}

impl Carriers for Vendors {
    fn sender(&self, platform: Platform) -> Option<&dyn Sender> {
        let channel = Channel::of_platform(platform.word())?;
        Some(Vendors::sender(self, channel))
    }

    fn check(&self, application: &Application) -> Result<(), String> {
        let refused =
            |(channel, reason): (Channel, Reason)| format!("{}: {reason}", channel.member());
        Vendors::check(self, application).map_err(refused)
    }

    fn messenger(&self) -> Option<&Messenger> {
        Some(Vendors::messenger(self))
    }
}

/// The engine of this process. It sends by itself once it has begun.
pub struct Push {
    pub(super) shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// What threads and tasks share.
pub(super) struct Shared {
    pub(super) pool: Pool,
    pub(super) settings: ArcSwap<PushSettings>,
    pub(super) carriers: Box<dyn Carriers>,
    pub(super) seal: Arc<Seal>,
    pub(super) applications: Applications,
    pub(super) pauses: Pauses,
    pub(super) complaints: Complaints,
    pub(super) crew: OnceLock<Crew>,
    /// Who hands out what was published to pages.
    pub(super) channels: OnceLock<Arc<Channels>>,
    pub(super) courier: Courier,
    /// Rung for other nodes, where the database does not tell them.
    bell: OnceLock<Bell>,
    orders: Mutex<Orders>,
    ordered: Condvar,
}

#[derive(Default)]
struct Orders {
    stop: bool,
    look: bool,
}

impl Push {
    /// Over a migrated database. The key of sealed credentials lies in a folder.
    pub fn new(
        pool: Pool,
        settings: PushSettings,
        carriers: Box<dyn Carriers>,
        key_folder: std::path::PathBuf,
    ) -> Self {
        let seal = Arc::new(Seal::new(key_folder));
        let shared = Shared {
            pool,
            settings: ArcSwap::from_pointee(settings),
            carriers,
            applications: Applications::new(Arc::clone(&seal)),
            seal,
            pauses: Pauses::default(),
            complaints: Complaints::default(),
            crew: OnceLock::new(),
            channels: OnceLock::new(),
            courier: Courier::new(),
            bell: OnceLock::new(),
            orders: Mutex::default(),
            ordered: Condvar::new(),
        };
        Self {
            shared: Arc::new(shared),
            thread: Mutex::new(None),
        }
    }

    /// Begins to send, as a node that is entered and says that it lives.
    pub fn begin(&self, node_id: i64, pulse: Arc<Pulse>) -> std::io::Result<()> {
        let crew = Crew::new(node_id, pulse)?;
        if self.shared.crew.set(crew).is_err() {
            return Ok(());
        }
        if let Some(crew) = self.shared.crew.get() {
            crew.handle.spawn(courier::run(Arc::clone(&self.shared)));
        }
        let shared = Arc::clone(&self.shared);
        let thread = std::thread::Builder::new()
            .name("push-claim".to_owned())
            .spawn(move || shared.run())?;
        *self.thread.lock() = Some(thread);
        Ok(())
    }

    /// What is for open pages is handed out by these channels as soon as it is published.
    pub fn publish_by(&self, channels: Arc<Channels>) {
        // A process has one set of channels.
        let _ = self.shared.channels.set(channels);
    }

    /// What concerns other nodes is told them by this bell.
    pub fn ring_by(&self, bell: Bell) {
        // A process has one bell.
        let _ = self.shared.bell.set(bell);
    }

    /// Sends by other settings from now on.
    pub fn configure(&self, settings: PushSettings) {
        self.shared.settings.store(Arc::new(settings));
    }

    /// How many devices a run sends to where nobody says how many.
    pub fn batch_size(&self) -> i64 {
        self.shared.settings.load().batch_size
    }

    /// Has the tables looked at now.
    pub fn wake(&self) {
        self.shared.orders.lock().look = true;
        self.shared.ordered.notify_all();
        self.shared.courier.wake();
    }

    /// Has them looked at by every node: something was entered, and is committed.
    pub fn tell(&self) {
        self.wake();
        if let Some(bell) = self.shared.bell.get() {
            bell.ring(loggia_push::wake::NOTICE);
        }
    }

    /// Ends: nothing more leaves, and what is under way is written down. `false` where that took longer than the caller
    /// waits; the rest is unknown then.
    pub fn close(&self, patience: Duration) -> bool {
        self.shared.orders.lock().stop = true;
        self.shared.ordered.notify_all();
        let landed = self
            .shared
            .crew
            .get()
            .is_none_or(|crew| crew.close(patience));
        let thread = self.thread.lock().take();
        thread.is_none_or(|thread| thread.join().is_ok()) && landed
    }
}

/// Until when the engine waits for a connection; it comes back for what it did not get.
pub(super) fn soon() -> Instant {
    Instant::now() + Duration::from_secs(10)
}

/// Work that is done now and then.
struct Chores {
    recovered: Option<Instant>,
    pruned: Option<Instant>,
}

/// Whether something is to be done again, and notes that it is.
fn is_time(last: &mut Option<Instant>, span: Duration) -> bool {
    let is_time = last.is_none_or(|at| at.elapsed() >= span);
    if is_time {
        *last = Some(Instant::now());
    }
    is_time
}

impl Shared {
    fn run(self: &Arc<Self>) {
        let mut chores = Chores {
            recovered: None,
            pruned: None,
        };
        while self.wait() {
            let Some(crew) = self.crew.get() else { return };
            if !crew.may_send() {
                continue;
            }
            if let Err(error) = self.look(crew, &mut chores) {
                tracing::warn!("the push tables cannot be read or written: {error}");
            }
        }
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

    fn look(self: &Arc<Self>, crew: &Crew, chores: &mut Chores) -> QueryResult<()> {
        if is_time(&mut chores.recovered, RECOVER_EVERY) {
            self.recover()?;
        }
        if is_time(&mut chores.pruned, PRUNE_EVERY) {
            self.prune()?;
        }
        if !self.settings.load().sends_by_itself {
            return Ok(());
        }
        loop {
            let due = claim::due(&mut self.pool.read(soon())?, now_ms(), IN_TURN)?;
            let mut has_more = false;
            for id in due {
                if self.is_stopping() || !crew.may_send() {
                    return Ok(());
                }
                if is_time(&mut chores.recovered, RECOVER_EVERY) {
                    self.recover()?;
                }
                has_more |= self.take_off(crew, id)?;
            }
            if !has_more {
                return Ok(());
            }
        }
    }

    /// Takes some devices of a notification and has them sent; whether there are more at once.
    fn take_off(self: &Arc<Self>, crew: &Crew, notification_id: i64) -> QueryResult<bool> {
        let Some(place) = place(crew) else {
            return Ok(false);
        };
        let Some((claim, applications)) = self.claim(crew, notification_id, CLAIM)? else {
            return Ok(false);
        };
        let has_more = claim.has_more;
        if !claim.devices.is_empty() {
            let permission = crew.permission();
            let flight = Flight::new(Arc::clone(self), claim, &applications, &permission);
            crew.handle.spawn(async move {
                flight.fly().await;
                drop(place);
            });
        }
        Ok(has_more)
    }

    /// Takes some devices of a notification, and what is needed to send to them.
    pub(super) fn claim(
        &self,
        crew: &Crew,
        notification_id: i64,
        limit: i64,
    ) -> QueryResult<Option<(Claim, ById)>> {
        let mut connection = self.pool.write(soon())?;
        let Some(known) = loggia_push::notification::by_id(&mut connection, notification_id)?
        else {
            return Ok(None);
        };
        let applications = self
            .applications
            .of(&mut connection, known.application_id)?;
        let now_ms = now_ms();
        let judge = Judge {
            applications: &applications,
            carriers: self.carriers.as_ref(),
            pauses: &self.pauses,
            now_ms,
        };
        let key = (notification_id, crew.node_id);
        let say = &mut |notification: &_, target: &_| judge.say(notification, target);
        let is_hooked = applications.values().any(|one| one.is_hooked);
        let claim = if is_hooked {
            let claim = told::claim(&mut connection, key, limit, now_ms, say)?;
            if claim.as_ref().is_some_and(|one| !one.ended.is_empty()) {
                self.courier.wake();
            }
            claim
        } else {
            claim::claim(&mut connection, key, limit, now_ms, say)?
        };
        Ok(claim.map(|claim| (claim, applications)))
    }

    /// Ends what dead nodes had in their hands.
    pub(super) fn recover(&self) -> QueryResult<()> {
        let orphans = {
            let mut connection = self.pool.read(soon())?;
            let since_ms = node::alive_since_ms(&mut connection)?;
            settle::orphans(&mut connection, None, since_ms, ORPHANS)?
        };
        let mut lost = 0;
        for orphan in &orphans {
            lost += settle::recover(&mut self.pool.write(soon())?, orphan, now_ms())?;
        }
        if lost > 0 {
            tracing::warn!(
                "{lost} pushes were in the hands of nodes that have ended; whether they were taken is unknown"
            );
        }
        Ok(())
    }

    fn prune(&self) -> QueryResult<()> {
        let before_ms = now_ms() - self.settings.load().retention_ms;
        let prune = |connection: &mut Connection| retention::prune(connection, before_ms);
        letter::prune(&mut self.pool.write(soon())?, before_ms)?;
        while prune(&mut self.pool.write(soon())?)? {
            if self.is_stopping() {
                break;
            }
        }
        Ok(())
    }
}

/// A place for one more claim, as soon as there is one; `None` at the end.
pub(super) fn place(crew: &Crew) -> Option<OwnedSemaphorePermit> {
    let places = Arc::clone(&crew.places);
    crew.handle.block_on(places.acquire_owned()).ok()
}
