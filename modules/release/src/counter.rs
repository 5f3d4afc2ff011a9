//! Counts downloads durably before the answer leaves, many of them in one commit.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use loggia_sdk::{Call, Fault};

use crate::store::downloads;

/// Downloads that were admitted and are not written yet.
#[derive(Default)]
pub(crate) struct Counter {
    waiting: Mutex<HashMap<String, i64>>,
    writing: Mutex<()>,
}

impl Counter {
    /// Counts one download of a package. Whoever writes first writes for all that wait behind him.
    pub(crate) fn count(&self, call: &Call<'_>, package: &str) -> Result<(), Fault> {
        *self.waiting().entry(package.to_owned()).or_default() += 1;
        let _turn = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let batch = std::mem::take(&mut *self.waiting());
        if batch.is_empty() {
            return Ok(());
        }
        let written = write(call, &batch);
        if written.is_err() {
            // This call is refused, so it does not count; the others wait for their own turn.
            let mut waiting = self.waiting();
            for (name, downloads) in batch {
                let refused = i64::from(name == package);
                *waiting.entry(name).or_default() += downloads - refused;
            }
        }
        written
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, HashMap<String, i64>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn write(call: &Call<'_>, batch: &HashMap<String, i64>) -> Result<(), Fault> {
    let now_ms = call.host().clock().now_ms();
    let mut connection = call.database_for_writing()?;
    let mut packages: Vec<_> = batch.iter().collect();
    // Every node takes the rows in one order, so that two never wait for each other.
    packages.sort_unstable();
    connection.transaction(|connection| {
        for (package, count) in packages {
            downloads::add(connection, package, now_ms, *count)?;
        }
        Ok::<(), Fault>(())
    })
}
