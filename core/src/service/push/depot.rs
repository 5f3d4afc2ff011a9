//! The depot: what all who work at sending in this process share, and the orders to the one who takes what is due.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use parking_lot::{Condvar, Mutex};

use super::applications::Applications;
use super::carriers::Carriers;
use super::complaints::Complaints;
use super::crew::Crew;
use super::errands::Errands;
use super::pauses::Pauses;
use super::seal::Seal;
use super::settings::PushSettings;
use crate::service::channels::Channels;
use crate::store::Pool;

/// What threads and tasks share.
pub(super) struct Depot {
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
    pub(super) errands: Arc<Errands>,
    orders: Mutex<Orders>,
    ordered: Condvar,
}

#[derive(Default)]
struct Orders {
    stop: bool,
    look: bool,
}

impl Depot {
    /// Over a migrated database. The key of sealed credentials lies in a folder.
    pub(super) fn new(
        pool: Pool,
        settings: PushSettings,
        carriers: Box<dyn Carriers>,
        key_folder: PathBuf,
    ) -> Self {
        let seal = Arc::new(Seal::new(key_folder));
        Self {
            pool,
            settings: ArcSwap::from_pointee(settings),
            carriers,
            applications: Applications::new(Arc::clone(&seal)),
            seal,
            pauses: Pauses::default(),
            complaints: Complaints::default(),
            crew: OnceLock::new(),
            channels: OnceLock::new(),
            errands: Arc::new(Errands::new()),
            orders: Mutex::default(),
            ordered: Condvar::new(),
        }
    }

    /// Orders a look at the tables, now.
    pub(super) fn order_look(&self) {
        self.orders.lock().look = true;
        self.ordered.notify_all();
    }

    /// Orders the end.
    pub(super) fn order_stop(&self) {
        self.orders.lock().stop = true;
        self.ordered.notify_all();
    }

    /// Waits for the next look, no longer than so long; `false` where it is time to end.
    pub(super) fn wait(&self, longest: Duration) -> bool {
        let mut orders = self.orders.lock();
        if !orders.stop && !orders.look {
            self.ordered.wait_for(&mut orders, longest);
        }
        orders.look = false;
        !orders.stop
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.orders.lock().stop
    }
}

/// Until when the engine waits for a connection; it comes back for what it did not get.
pub(super) fn soon() -> Instant {
    Instant::now() + Duration::from_secs(10)
}
