//! Errands under way: which webhooks are being called.

use std::collections::HashSet;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::futures::Notified;
use tokio::sync::{Notify, Semaphore, SemaphorePermit};

/// How many webhooks are called at once.
const AT_ONCE: usize = 16;

/// Who is being called.
pub(super) struct Errands {
    woken: Notify,
    busy: Mutex<HashSet<i64>>,
    places: Semaphore,
}

impl Errands {
    pub(super) fn new() -> Self {
        Self {
            woken: Notify::new(),
            busy: Mutex::default(),
            places: Semaphore::new(AT_ONCE),
        }
    }

    /// There is something to carry.
    pub(super) fn wake(&self) {
        self.woken.notify_one();
    }

    /// Waits until there may be.
    pub(super) fn woken(&self) -> Notified<'_> {
        self.woken.notified()
    }

    /// A place for one call; `None` at the end.
    pub(super) async fn place(&self) -> Option<SemaphorePermit<'_>> {
        self.places.acquire().await.ok()
    }

    /// Calls of one webhook begin; `None` where it is being called already.
    pub(super) fn begin(self: &Arc<Self>, application: i64) -> Option<Busy> {
        let is_free = self.busy.lock().insert(application);
        is_free.then(|| Busy {
            errands: Arc::clone(self),
            application,
        })
    }
}

/// A webhook that is being called; dropped, it may be called again.
pub(super) struct Busy {
    errands: Arc<Errands>,
    pub(super) application: i64,
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.errands.busy.lock().remove(&self.application);
    }
}
