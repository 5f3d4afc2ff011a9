//! What is known of each host that devices named as their receiver: a dead one holds up nobody else for long.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tokio::sync::{Mutex as Turn, MutexGuard};
use url::Url;

use super::gate::Gate;

/// Whoever invents thousands of hosts does not fill the memory.
const MOST: usize = 10_000;

/// A connection that was used so lately is still there.
const WARM: Duration = Duration::from_mins(1);

/// All hosts.
#[derive(Debug, Default)]
pub(super) struct Origins(Mutex<HashMap<String, Arc<Origin>>>);

/// One host.
#[derive(Debug, Default)]
pub(super) struct Origin {
    /// Its pause.
    pub(super) gate: Gate,
    answered: Mutex<Option<Instant>>,
    first: Turn<()>,
}

impl Origins {
    /// The host of this address.
    pub(super) fn of(&self, url: &Url) -> Arc<Origin> {
        let mut origins = self.0.lock();
        let name = url.origin().ascii_serialization();
        if origins.len() >= MOST && !origins.contains_key(&name) {
            origins.clear();
        }
        Arc::clone(origins.entry(name).or_default())
    }
}

impl Origin {
    /// The turn to be the first who calls, where nobody called lately: all others wait, and then share the
    /// connection, rather than that each opens one of its own.
    pub(super) async fn turn(&self) -> Option<MutexGuard<'_, ()>> {
        if self.is_warm() {
            return None;
        }
        let turn = self.first.lock().await;
        (!self.is_warm()).then_some(turn)
    }

    /// It answered.
    pub(super) fn succeeded(&self) {
        self.gate.succeeded();
        *self.answered.lock() = Some(Instant::now());
    }

    /// It did not. The first who calls speaks for all who wait.
    pub(super) fn failed(&self, was_first: bool) {
        if was_first {
            self.gate.back_off();
        } else {
            self.gate.failed();
        }
    }

    fn is_warm(&self) -> bool {
        self.answered
            .lock()
            .is_some_and(|answered| answered.elapsed() < WARM)
    }
}
