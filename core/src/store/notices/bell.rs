//! What is rung when other nodes are to look for something: it rings until somebody carries it away.

use std::collections::BTreeSet;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::Notify;

/// Notices for other nodes. However often one is rung before it is carried away, it is told once. Cloning it gives the
/// same bell.
#[derive(Clone, Default)]
pub struct Bell(Arc<Inner>);

#[derive(Default)]
struct Inner {
    rung: Mutex<BTreeSet<&'static str>>,
    told: Notify,
}

impl Bell {
    /// Tells other nodes something.
    pub fn ring(&self, notice: &'static str) {
        if self.0.rung.lock().insert(notice) {
            self.0.told.notify_one();
        }
    }

    /// Waits until something was rung, and takes it.
    pub(super) async fn rung(&self) -> BTreeSet<&'static str> {
        loop {
            let rung = self.take();
            if !rung.is_empty() {
                return rung;
            }
            self.0.told.notified().await;
        }
    }

    /// Takes what was rung and not carried away yet.
    pub(super) fn take(&self) -> BTreeSet<&'static str> {
        std::mem::take(&mut *self.0.rung.lock())
    }
}
