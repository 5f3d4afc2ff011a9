//! Connections in the hands of calls: shared within one call, and taken back when it ends.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use loggia_abi::code;
use parking_lot::Mutex;

use super::brake::{Brake, Turn};
use super::failure::Failure;
use super::link::Link;
use super::pool::{Checkout, Pool};

/// A connection that is out, with everybody who holds it. The lock makes two threads of one call wait for
/// each other, where they could destroy each other's statements otherwise.
pub(crate) struct Lease {
    state: Mutex<State>,
    withdrawn: AtomicBool,
    writes: bool,
    /// Stops the statement of whoever holds the lock.
    brake: Option<(Arc<Brake>, Turn)>,
}

struct State {
    checkout: Option<Checkout>,
    holders: u32,
    /// The rows and the text that a holder may still be reading when the connection was taken from him.
    left: Option<(Vec<u8>, String)>,
}

impl State {
    fn link(&mut self) -> Option<&mut Link> {
        self.checkout.as_mut().and_then(Checkout::link)
    }

    /// Gives the connection back, rolled back. `true` where somebody still held it.
    fn close(&mut self) -> bool {
        let Some(mut checkout) = self.checkout.take() else {
            return false;
        };
        let held = self.holders > 0;
        if held {
            self.left = checkout.link().map(Link::take_answers);
        }
        held
    }
}

impl Lease {
    pub(super) fn new(mut checkout: Checkout) -> Arc<Self> {
        let writes = checkout.writes();
        let brake = checkout.link().map(|link| link.brake());
        let state = State {
            checkout: Some(checkout),
            holders: 0,
            left: None,
        };
        Arc::new(Lease {
            state: Mutex::new(state),
            withdrawn: AtomicBool::new(false),
            writes,
            brake,
        })
    }

    /// Works on the state. A withdrawal that came meanwhile found the lock taken and left the closing to us.
    fn locked<R>(&self, work: impl FnOnce(&mut State) -> R) -> R {
        let result = work(&mut self.state.lock());
        if self.withdrawn.load(Ordering::SeqCst) {
            self.close();
        }
        result
    }

    /// Works on the connection, or refuses where it went back already.
    fn with(&self, work: impl FnOnce(&mut Link) -> i32) -> i32 {
        self.locked(|state| match state.link() {
            Some(link) => work(link),
            None if self.withdrawn.load(Ordering::SeqCst) => code::DEADLINE,
            None => code::ARGUMENT,
        })
    }

    /// Rolls back; a withdrawal has done so already.
    fn roll_back(&self) -> i32 {
        match self.with(Link::rollback) {
            code::DEADLINE => code::OK,
            result => result,
        }
    }

    /// Takes the connection from all who still hold it. `true` where somebody did.
    fn close(&self) -> bool {
        self.state.lock().close()
    }

    /// As [`Lease::close`], without waiting for a statement that runs: it is stopped, and whoever runs it
    /// closes afterwards.
    fn withdraw(&self) {
        self.withdrawn.store(true, Ordering::SeqCst);
        if let Some(mut state) = self.state.try_lock() {
            state.close();
        } else if let Some((brake, turn)) = &self.brake {
            brake.pull(*turn);
        }
    }
}

/// One holding of a lease: what `*mut loggia_abi::Connection` points at. It knows how deep the
/// transactions were when it was made, so that its release rolls back only what was begun since.
pub(crate) struct Handle {
    lease: Arc<Lease>,
    depth: u32,
}

impl Handle {
    /// Holds a lease, or gives `None` where its connection went back already.
    pub(crate) fn new(lease: &Arc<Lease>) -> Option<Self> {
        let depth = lease.locked(|state| {
            let depth = state.link()?.depth();
            state.holders += 1;
            Some(depth)
        })?;
        Some(Handle {
            lease: lease.clone(),
            depth,
        })
    }

    /// Holds the same connection once more.
    pub(crate) fn again(&self) -> Option<Self> {
        Self::new(&self.lease)
    }

    /// Works on the connection, or answers [`code::DEADLINE`] where its call was given up, and
    /// [`code::ARGUMENT`] where it has ended.
    pub(super) fn with(&self, work: impl FnOnce(&mut Link) -> i32) -> i32 {
        self.lease.with(work)
    }

    /// Rolls the innermost transaction back.
    pub(super) fn roll_back(&self) -> i32 {
        self.lease.roll_back()
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.lease.locked(|state| {
            state.holders -= 1;
            if state.holders == 0 {
                state.checkout = None;
            } else if let Some(link) = state.link() {
                link.roll_back_to(self.depth);
            }
        });
    }
}

/// The connections of one call: at most one, or on SQLite a reader and the writer.
///
/// Whoever asks while the writer is out gets the writer, so that he sees what was written; whoever asks for
/// reading while only a reader is out gets that reader. Asking for writing while only a reader is out takes
/// the writer in addition, and the reader stays with those who hold it, with the snapshot it has. On
/// PostgreSQL there is no difference, and a call never holds more than one connection.
#[derive(Default)]
pub(crate) struct Leases {
    held: Mutex<Held>,
    withdrawn: AtomicBool,
}

#[derive(Default)]
struct Held {
    reader: Option<Arc<Lease>>,
    writer: Option<Arc<Lease>>,
}

impl Leases {
    /// Holds the call's connection, taking one from the pool where it has none yet.
    pub(crate) fn acquire(
        &self,
        pool: &Pool,
        write: bool,
        deadline: Instant,
    ) -> Result<Handle, Failure> {
        if self.withdrawn.load(Ordering::SeqCst) {
            return Err(Failure::deadline());
        }
        let handle = self.held.lock().acquire(pool, write, deadline);
        // A withdrawal that came meanwhile found the lock taken and left the rest to us.
        if self.withdrawn.load(Ordering::SeqCst) {
            self.withdraw();
            return Err(Failure::deadline());
        }
        handle
    }

    /// Takes back what is out while the call still runs, and hands out no more: its caller has given up, and
    /// others wait. What the module was given to read stays readable until it releases its connection.
    pub(crate) fn withdraw(&self) {
        self.withdrawn.store(true, Ordering::SeqCst);
        // Whoever holds the lock is acquiring, and looks at the mark when he is done.
        if let Some(held) = self.held.try_lock() {
            let leases = [&held.reader, &held.writer];
            leases
                .into_iter()
                .flatten()
                .for_each(|lease| lease.withdraw());
        }
    }

    /// Takes back everything that is still out, and rolls back what was not committed. `true` where
    /// somebody still held a connection.
    pub(crate) fn close(&self) -> bool {
        let mut held = self.held.lock();
        let leases = [held.reader.take(), held.writer.take()];
        let leaked = leases.iter().flatten().map(|lease| lease.close());
        leaked.fold(false, |any, leaked| any | leaked)
    }
}

impl Held {
    fn acquire(&mut self, pool: &Pool, write: bool, deadline: Instant) -> Result<Handle, Failure> {
        if let Some(handle) = self.shared(write) {
            return Ok(handle);
        }
        let lease = Lease::new(pool.checkout(write, deadline)?);
        let handle = Handle::new(&lease).ok_or_else(Failure::unreachable)?;
        self.remember(lease);
        Ok(handle)
    }

    fn shared(&self, write: bool) -> Option<Handle> {
        let writer = self.writer.as_ref().and_then(Handle::new);
        if write {
            return writer;
        }
        writer.or_else(|| self.reader.as_ref().and_then(Handle::new))
    }

    fn remember(&mut self, lease: Arc<Lease>) {
        if lease.writes {
            self.writer = Some(lease);
        } else {
            self.reader = Some(lease);
        }
    }
}
