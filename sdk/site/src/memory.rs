//! What was found out of a module's tables, kept until they change.
//!
//! Each module that remembers counts the changes of its tables in a table of one row, in the transaction of every change.
//! What was found belongs to the number that was read before it: so it is never older than its number. The number itself
//! is believed for a moment; a write of this process, by [`Memory::write`], ends that at once.
//!
//! ```sql
//! CREATE TABLE "forum_change" ("id" BIGINT PRIMARY KEY, "number" BIGINT NOT NULL);
//! INSERT INTO "forum_change" ("id", "number") VALUES (1, 0);
//! ```

use std::any::Any;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use diesel::prelude::*;
use diesel::sql_types::BigInt;
use loggia_sdk::{Call, Fault};
use loggia_sql::Connection;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::once::once;

/// How long a write of another process may stay unseen.
const BELIEF: Duration = Duration::from_millis(100);

/// What a module remembers.
pub struct Memory {
    table: &'static str,
    /// How much may be kept, in the measure of those who keep it.
    capacity: usize,
    /// Counts what this process has forgotten, so that a number read before does not count as read after.
    forgotten: AtomicU64,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    believed: Option<(i64, Instant)>,
    kept: HashMap<String, Kept>,
    weight: usize,
    uses: u64,
}

struct Kept {
    number: i64,
    until_ms: i64,
    value: Arc<dyn Any + Send + Sync>,
    weight: usize,
    used: u64,
}

/// Something found, and how long it holds if nothing changes.
pub struct Found<T> {
    /// What it is.
    pub value: T,
    /// From when it no longer holds.
    pub until_ms: i64,
    /// How much it takes of the capacity.
    pub weight: usize,
}

/// The tables as they are now, by the number of their changes.
#[derive(Clone, Copy, Debug)]
pub struct Now {
    number: i64,
    now_ms: i64,
}

impl Memory {
    /// For the tables whose changes are counted in `table`.
    pub fn new(table: &'static str, capacity: usize) -> Self {
        Memory {
            table,
            capacity,
            forgotten: AtomicU64::new(0),
            state: Mutex::default(),
        }
    }

    /// The tables as they were a moment ago, without looking; `None` where that is not known.
    pub fn believed(&self, now_ms: i64) -> Option<Now> {
        let (number, since) = self.state().believed?;
        (since.elapsed() < BELIEF).then_some(Now { number, now_ms })
    }

    /// The tables as they are.
    pub fn now(&self, connection: &mut Connection, now_ms: i64) -> Result<Now, Fault> {
        if let Some(now) = self.believed(now_ms) {
            return Ok(now);
        }
        let forgotten = self.forgotten.load(Ordering::SeqCst);
        let begun = Instant::now();
        let table = self.table;
        let row: Number =
            diesel::sql_query(format!(r#"SELECT "number" FROM "{table}" WHERE "id" = 1"#))
                .get_result(connection)?;
        let mut state = self.state();
        if self.forgotten.load(Ordering::SeqCst) == forgotten {
            state.believed = Some((row.number, begun));
        }
        Ok(Now {
            number: row.number,
            now_ms,
        })
    }

    /// This process has committed a change.
    fn forget(&self) {
        let mut state = self.state();
        self.forgotten.fetch_add(1, Ordering::SeqCst);
        state.believed = None;
    }

    /// Changes the tables, in one transaction that counts as a change of them.
    pub fn write<R>(
        &self,
        call: &Call<'_>,
        work: impl FnOnce(&mut Connection) -> Result<R, Fault>,
    ) -> Result<R, Fault> {
        let mut connection = call.database_for_writing()?;
        let written = connection.transaction(|connection| self.counted(connection, work));
        self.forget();
        written
    }

    /// The same for what is created [`once`], whose answers are kept in the table `answers`.
    pub fn write_once<A: Serialize + DeserializeOwned>(
        &self,
        call: &Call<'_>,
        answers: &'static str,
        operation: &'static str,
        create: impl FnOnce(&mut Connection) -> Result<A, Fault>,
    ) -> Result<A, Fault> {
        let created = once(call, answers, operation, |connection| {
            self.counted(connection, create)
        });
        self.forget();
        created
    }

    fn counted<R>(
        &self,
        connection: &mut Connection,
        work: impl FnOnce(&mut Connection) -> Result<R, Fault>,
    ) -> Result<R, Fault> {
        let result = work(connection)?;
        let table = self.table;
        diesel::sql_query(format!(
            r#"UPDATE "{table}" SET "number" = "number" + 1 WHERE "id" = 1"#
        ))
        .execute(connection)?;
        Ok(result)
    }

    /// What is kept under a key and still holds.
    pub fn recall<T: Any + Send + Sync>(&self, key: &str, now: Now) -> Option<Arc<T>> {
        let mut state = self.state();
        state.uses += 1;
        let uses = state.uses;
        let kept = state.kept.get_mut(key)?;
        if kept.number != now.number || kept.until_ms <= now.now_ms {
            return None;
        }
        kept.used = uses;
        Arc::clone(&kept.value).downcast().ok()
    }

    /// What is kept under a key, or what `find` finds, which is kept from now on.
    pub fn recall_or<T: Any + Send + Sync>(
        &self,
        key: String,
        now: Now,
        find: impl FnOnce() -> Result<Found<T>, Fault>,
    ) -> Result<Arc<T>, Fault> {
        if let Some(value) = self.recall(&key, now) {
            return Ok(value);
        }
        let found = find()?;
        let value = Arc::new(found.value);
        let kept = Kept {
            number: now.number,
            until_ms: found.until_ms,
            value: Arc::clone(&value) as Arc<dyn Any + Send + Sync>,
            weight: found.weight + key.len(),
            used: 0,
        };
        self.state().keep(key, kept, self.capacity);
        Ok(value)
    }

    /// Until when a reader sees the same, if nothing changes: for one who sees by the clock (`clock_ms`) until the next row
    /// appears or disappears by itself, which `next_ms` looks up; for others for ever.
    pub fn until(
        &self,
        now: Now,
        clock_ms: Option<i64>,
        next_ms: impl FnOnce(i64) -> QueryResult<Option<i64>>,
    ) -> Result<i64, Fault> {
        let Some(clock_ms) = clock_ms else {
            return Ok(i64::MAX);
        };
        let next = self.recall_or("next time".to_owned(), now, || {
            let value = next_ms(clock_ms)?.unwrap_or(i64::MAX);
            Ok(Found {
                value,
                until_ms: value,
                weight: size_of::<i64>(),
            })
        })?;
        Ok(*next)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

impl State {
    /// Keeps something, in the place of what was used least of late.
    fn keep(&mut self, key: String, mut kept: Kept, capacity: usize) {
        self.drop(&key);
        if kept.weight > capacity {
            return;
        }
        kept.used = self.uses;
        self.weight += kept.weight;
        self.kept.insert(key, kept);
        while self.weight > capacity {
            let oldest = self.kept.iter().min_by_key(|(_, kept)| kept.used);
            let Some(oldest) = oldest.map(|(key, _)| key.clone()) else {
                return;
            };
            self.drop(&oldest);
        }
    }

    fn drop(&mut self, key: &str) {
        if let Some(gone) = self.kept.remove(key) {
            self.weight -= gone.weight;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Now = Now {
        number: 7,
        now_ms: 1_000,
    };

    fn kept(memory: &Memory, key: &str, value: i64, weight: usize) -> i64 {
        let find = || {
            Ok(Found {
                value,
                until_ms: 2_000,
                weight,
            })
        };
        *memory.recall_or(key.to_owned(), NOW, find).unwrap()
    }

    #[test]
    fn what_is_kept_holds_until_the_tables_change_or_its_time_comes() {
        let memory = Memory::new("t", 100);
        assert_eq!(kept(&memory, "a", 1, 10), 1);
        assert_eq!(kept(&memory, "a", 2, 10), 1, "kept");
        let later = |number, now_ms| memory.recall::<i64>("a", Now { number, now_ms });
        assert_eq!(later(7, 1_999).as_deref(), Some(&1));
        assert_eq!(later(7, 2_000), None);
        assert_eq!(later(8, 1_000), None);
    }

    #[test]
    fn what_was_used_least_of_late_makes_room() {
        let memory = Memory::new("t", 25);
        kept(&memory, "a", 1, 9);
        kept(&memory, "b", 2, 9);
        assert_eq!(kept(&memory, "a", 0, 9), 1);
        kept(&memory, "c", 3, 9);
        let is_there = |key| memory.recall::<i64>(key, NOW).is_some();
        assert_eq!(["a", "b", "c"].map(is_there), [true, false, true]);
        kept(&memory, "d", 4, 99);
        assert_eq!(
            ["a", "c", "d"].map(is_there),
            [true, true, false],
            "too large"
        );
    }
}
