//! Those who send for this process: a node among others, with threads for what is under way.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::hands::Hands;
use super::vendor::Permission;
use crate::node::Pulse;

/// How many claims are under way at once: while some wait for their last answers, others send.
const FLIGHTS: usize = 4;
/// How many threads send.
const SENDERS: usize = 2;
/// How often it is looked whether this node may still send.
const LOOK: Duration = Duration::from_millis(100);

/// The node's number, its pulse, and where its work runs.
pub(super) struct Crew {
    pub(super) node_id: i64,
    pub(super) handle: Handle,
    pub(super) hands: Arc<Hands>,
    /// A place for each claim under way.
    places: Arc<Semaphore>,
    pulse: Arc<Pulse>,
    permission: Arc<Mutex<Permission>>,
    runtime: Mutex<Option<Runtime>>,
}

impl Crew {
    /// For a node that is entered and says that it lives.
    pub(super) fn new(node_id: i64, pulse: Arc<Pulse>) -> std::io::Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(SENDERS)
            .thread_name_fn(thread_names())
            .enable_all()
            .build()?;
        let permission = Arc::new(Mutex::new(Permission::granted()));
        runtime.spawn(watch(Arc::clone(&pulse), Arc::clone(&permission)));
        Ok(Self {
            node_id,
            handle: runtime.handle().clone(),
            hands: Arc::default(),
            places: Arc::new(Semaphore::new(FLIGHTS)),
            pulse,
            permission,
            runtime: Mutex::new(Some(runtime)),
        })
    }

    /// Whether this node may take anything upon itself. One that others may hold for dead does not, until it has said
    /// again that it lives.
    pub(super) fn may_send(&self) -> bool {
        self.pulse.is_fresh()
    }

    /// The permission under which what is taken now is sent.
    pub(super) fn permission(&self) -> Permission {
        self.permission.lock().clone()
    }

    /// A place for one more claim, as soon as there is one; `None` at the end.
    pub(super) fn place(&self) -> Option<OwnedSemaphorePermit> {
        let places = Arc::clone(&self.places);
        self.handle.block_on(places.acquire_owned()).ok()
    }

    /// Lets nothing more leave, and waits for what is under way to be written down. `false` where that took too long:
    /// then the rest is unknown.
    pub(super) fn close(&self, patience: Duration) -> bool {
        self.permission.lock().withdraw();
        let Some(runtime) = self.runtime.lock().take() else {
            return true;
        };
        let all = u32::try_from(FLIGHTS).unwrap_or(u32::MAX);
        let landed = runtime.block_on(async {
            let places = self.places.acquire_many(all);
            tokio::time::timeout(patience, places).await.is_ok()
        });
        self.places.close();
        runtime.shutdown_background();
        landed
    }
}

/// The first threads send; all later ones are those on which the ledger may block. So an operator sees which it is that
/// works.
fn thread_names() -> impl Fn() -> String + Send + Sync + 'static {
    let made = AtomicUsize::new(0);
    move || {
        let is_sender = made.fetch_add(1, Ordering::Relaxed) < SENDERS;
        let name = if is_sender {
            "push-send"
        } else {
            "push-ledger"
        };
        name.to_owned()
    }
}

/// Takes the permission back while the pulse is not fresh. What was taken before never gets it again: others may have
/// taken it meanwhile. What is taken later has a new one.
async fn watch(pulse: Arc<Pulse>, permission: Arc<Mutex<Permission>>) {
    let mut held = true;
    loop {
        tokio::time::sleep(LOOK).await;
        let is_fresh = pulse.is_fresh();
        if held && !is_fresh {
            tracing::warn!("this node may be held for dead and sends nothing until it is heard of");
            permission.lock().withdraw();
        }
        if !held && is_fresh {
            *permission.lock() = Permission::granted();
        }
        held = is_fresh;
    }
}
