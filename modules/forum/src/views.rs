//! How often topics were seen.
//!
//! A view is counted in memory, and written with the first one that comes a second after the last writing, so
//! that readers seldom wait for the database's writer. What a process has not written when it ends is lost.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use loggia_sdk::{Call, Fault};

use crate::store::topic;

/// How long views wait.
const WAIT_US: u64 = 1_000_000;
/// The most topics whose views wait.
const MOST: usize = 1000;

/// Views that are not written yet.
#[derive(Debug, Default)]
pub(crate) struct Views(Mutex<Waiting>);

#[derive(Debug, Default)]
struct Waiting {
    counts: HashMap<i64, i64>,
    written_us: Option<u64>,
}

impl Views {
    /// Counts a view of a topic.
    pub(crate) fn count(&self, call: &Call<'_>, topic: i64) -> Result<(), Fault> {
        let now_us = call.host().clock().monotonic_us();
        let due = {
            let mut waiting = self.waiting();
            *waiting.counts.entry(topic).or_default() += 1;
            let is_early = waiting
                .written_us
                .is_some_and(|written| now_us.saturating_sub(written) < WAIT_US);
            if is_early && waiting.counts.len() < MOST {
                return Ok(());
            }
            waiting.written_us = Some(now_us);
            std::mem::take(&mut waiting.counts)
        };
        write(call, due)
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The views of a topic that are not written yet.
    pub(crate) fn pending(&self, topic: i64) -> i64 {
        self.waiting().counts.get(&topic).copied().unwrap_or(0)
    }
}

/// Writes views, with one statement for all topics that were seen equally often.
fn write(call: &Call<'_>, counts: HashMap<i64, i64>) -> Result<(), Fault> {
    let mut by_times: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    for (topic, times) in counts {
        by_times.entry(times).or_default().push(topic);
    }
    let mut connection = call.database_for_writing()?;
    connection.transaction(|connection| {
        for (times, mut topics) in by_times {
            // Two nodes that write at once take the rows in the same order.
            topics.sort_unstable();
            topic::add_hits(connection, &topics, times)?;
        }
        Ok(())
    })
}
