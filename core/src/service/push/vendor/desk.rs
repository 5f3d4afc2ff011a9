//! What a sender keeps for each application: made from its credentials, thrown away when those change.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;

use super::{Application, Reason};

/// The desks of one channel.
pub(super) struct Desks<D> {
    by_application: Mutex<HashMap<i64, (i64, Arc<D>)>>,
}

impl<D> Desks<D> {
    pub(super) fn new() -> Self {
        Self {
            by_application: Mutex::new(HashMap::new()),
        }
    }

    /// The desk of an application as it is now. An older row, read before a change, does not bring the old one back.
    pub(super) fn get(
        &self,
        application: &Application,
        make: impl FnOnce() -> Result<D, Reason>,
    ) -> Result<Arc<D>, Reason> {
        let mut desks = self.by_application.lock();
        if let Some((version, desk)) = desks.get(&application.id)
            && *version >= application.version
        {
            return Ok(Arc::clone(desk));
        }
        let desk = Arc::new(make()?);
        desks.insert(application.id, (application.version, Arc::clone(&desk)));
        Ok(desk)
    }
}
