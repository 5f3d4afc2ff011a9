//! A pause for each host that devices named as their receiver: a dead one holds up nobody else for long.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use url::Url;

use super::gate::Gate;

/// Whoever invents thousands of hosts does not fill the memory.
const MOST: usize = 10_000;

/// The pauses by host.
#[derive(Debug, Default)]
pub(super) struct Origins(Mutex<HashMap<String, Arc<Gate>>>);

impl Origins {
    /// The pause of the host of this address.
    pub(super) fn gate(&self, url: &Url) -> Arc<Gate> {
        let mut gates = self.0.lock();
        let origin = url.origin().ascii_serialization();
        if gates.len() >= MOST && !gates.contains_key(&origin) {
            gates.clear();
        }
        Arc::clone(gates.entry(origin).or_default())
    }
}
