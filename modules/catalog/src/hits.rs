//! Counting reads without slowing them: a hit is kept here until the next one that comes a second or more after the
//! last writing, which writes all of them. What is not yet written is part of what answers show.

use std::collections::HashMap;

use loggia_sdk::{Call, Fault};
use parking_lot::Mutex;

use crate::store::item;

const BETWEEN_WRITINGS_MS: i64 = 1000;

/// The hits that no row has yet.
#[derive(Default)]
pub(crate) struct Hits(Mutex<Pending>);

#[derive(Default)]
struct Pending {
    by_item: HashMap<i64, i64>,
    written_ms: i64,
}

impl Hits {
    /// Counts a read of an item; the next that is counted with a call writes it.
    pub(crate) fn add(&self, item: i64) {
        *self.0.lock().by_item.entry(item).or_default() += 1;
    }

    /// How many hits of an item are not yet in its row.
    pub(crate) fn pending(&self, item: i64) -> i64 {
        let held = self.0.lock();
        held.by_item.get(&item).copied().unwrap_or(0)
    }

    /// Counts a read of an item; how many of its hits are not yet in its row, this one among them.
    pub(crate) fn count(&self, call: &Call<'_>, item: i64) -> i64 {
        let now_ms = call.host().clock().now_ms();
        let (pending, due) = {
            let mut held = self.0.lock();
            let count = held.by_item.entry(item).or_default();
            *count += 1;
            let count = *count;
            let is_due = now_ms - held.written_ms >= BETWEEN_WRITINGS_MS;
            let due = is_due.then(|| {
                held.written_ms = now_ms;
                std::mem::take(&mut held.by_item)
            });
            (count, due)
        };
        if let Some(due) = due
            && write(call, &due).is_err()
        {
            self.take_back(due);
        }
        pending
    }

    /// For a read that succeeds all the same: the hits wait for the next writing.
    fn take_back(&self, hits: HashMap<i64, i64>) {
        let mut held = self.0.lock();
        for (item, count) in hits {
            *held.by_item.entry(item).or_default() += count;
        }
    }
}

/// One statement for all items with the same number of hits.
fn write(call: &Call<'_>, hits: &HashMap<i64, i64>) -> Result<(), Fault> {
    let mut by_count: HashMap<i64, Vec<i64>> = HashMap::new();
    for (item, count) in hits {
        by_count.entry(*count).or_default().push(*item);
    }
    let mut connection = call.database_for_writing()?;
    connection.transaction(|connection| {
        for (count, mut items) in by_count {
            items.sort_unstable();
            item::add_hits(connection, count, &items)?;
        }
        Ok(())
    })
}
