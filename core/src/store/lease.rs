//! Connections in the hands of calls: shared within one call, and taken back when it ends.

use std::sync::Arc;
use std::time::Instant;

use loggia_abi::code;
use parking_lot::Mutex;

use super::failure::Failure;
use super::link::Link;
use super::pool::{Checkout, Pool};

/// A connection that is out, with everybody who holds it. The lock makes two threads of one call wait for
/// each other, where they could destroy each other's statements otherwise.
pub(crate) struct Lease {
    state: Mutex<State>,
    writes: bool,
}

struct State {
    checkout: Option<Checkout>,
    holders: u32,
}

impl Lease {
    pub(super) fn new(checkout: Checkout) -> Arc<Self> {
        let writes = checkout.writes();
        let state = State {
            checkout: Some(checkout),
            holders: 0,
        };
        Arc::new(Lease {
            state: Mutex::new(state),
            writes,
        })
    }

    /// Works on the connection, or refuses where it went back already.
    fn with(&self, work: impl FnOnce(&mut Link) -> i32) -> i32 {
        let mut state = self.state.lock();
        match state.checkout.as_mut().and_then(Checkout::link) {
            Some(link) => work(link),
            None => code::ARGUMENT,
        }
    }

    /// Takes the connection from all who still hold it. `true` where somebody did.
    fn close(&self) -> bool {
        let mut state = self.state.lock();
        let held = state.holders > 0 && state.checkout.is_some();
        state.checkout = None;
        held
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
        let mut state = lease.state.lock();
        let depth = state.checkout.as_mut()?.link()?.depth();
        state.holders += 1;
        Some(Handle {
            lease: lease.clone(),
            depth,
        })
    }

    /// Holds the same connection once more.
    pub(crate) fn again(&self) -> Option<Self> {
        Self::new(&self.lease)
    }

    /// Works on the connection, or answers [`code::ARGUMENT`] where its call has ended.
    pub(super) fn with(&self, work: impl FnOnce(&mut Link) -> i32) -> i32 {
        self.lease.with(work)
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        let mut state = self.lease.state.lock();
        state.holders -= 1;
        if state.holders == 0 {
            state.checkout = None;
        } else if let Some(link) = state.checkout.as_mut().and_then(Checkout::link) {
            link.roll_back_to(self.depth);
        }
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
        let mut held = self.held.lock();
        if let Some(handle) = held.shared(write) {
            return Ok(handle);
        }
        let lease = Lease::new(pool.checkout(write, deadline)?);
        let handle = Handle::new(&lease).ok_or_else(Failure::unreachable)?;
        held.remember(lease);
        Ok(handle)
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
