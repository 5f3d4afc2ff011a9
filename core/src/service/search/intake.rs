//! The intake: what is found at present, and what the table holds beyond it.
//!
//! Every search asks the table first what was written since, and takes that into memory before it looks, so that
//! whatever was committed before the search began is found. What is too much for a search the thread takes.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use parking_lot::{Condvar, Mutex};

use super::class::Categories;
use super::entry::{Category, Document};
use super::index::Row;
use super::view::{Piece, View};
use crate::store::Pool;
use crate::store::search_entry::{self, Entry, Written};

/// The most rows that a search takes itself.
pub(super) const MOST_ROWS: usize = 2000;

/// How often the thread looks for what nobody has searched for yet.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Why the search cannot answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum EngineFault {
    /// The time is over while the index is still being built.
    #[error("the search index is being built")]
    Building,
    /// The database.
    #[error(transparent)]
    Database(#[from] diesel::result::Error),
    /// The index.
    #[error(transparent)]
    Index(#[from] tantivy::TantivyError),
    /// The folder of the index.
    #[error("the folder of the search index: {0}")]
    Folder(#[from] std::io::Error),
}

/// What searches and the thread share.
pub(super) struct Intake {
    pub(super) pool: Pool,
    /// The language of texts that name none.
    pub(super) language: String,
    view: ArcSwap<View>,
    /// Held by whoever makes the next view.
    next: Mutex<()>,
    state: Mutex<State>,
    /// Told when the thread has something to do.
    wake: Condvar,
    /// Told when there is another view.
    changed: Condvar,
}

#[derive(Default)]
struct State {
    has_work: bool,
    is_over: bool,
}

/// How long the engine's own work waits for a connection.
pub(super) fn soon() -> Instant {
    Instant::now() + Duration::from_secs(30)
}

impl Intake {
    /// Of a view to begin with, which lacks what was written since.
    pub(super) fn new(pool: Pool, language: &str, view: View) -> Self {
        Intake {
            pool,
            language: language.to_owned(),
            view: ArcSwap::from_pointee(view),
            next: Mutex::new(()),
            state: Mutex::default(),
            wake: Condvar::new(),
            changed: Condvar::new(),
        }
    }

    /// Ends the thread's waiting: it is over.
    pub(super) fn end(&self) {
        self.state.lock().is_over = true;
        self.wake.notify_all();
    }

    /// What can be found at present.
    pub(super) fn view(&self) -> Arc<View> {
        self.view.load_full()
    }

    /// Puts another view in the place of the present one, made of it by `change`.
    pub(super) fn change<T>(
        &self,
        change: impl FnOnce(&mut View) -> tantivy::Result<T>,
    ) -> tantivy::Result<T> {
        let _next = self.next.lock();
        let mut view = View::clone(&self.view.load());
        let result = change(&mut view)?;
        self.publish(view);
        Ok(result)
    }

    fn publish(&self, view: View) {
        let _state = self.state.lock();
        self.view.store(Arc::new(view));
        self.changed.notify_all();
    }

    /// Waits until there is something to do, or it is time to look; false where it is over.
    pub(super) fn wait_for_work(&self) -> bool {
        let mut state = self.state.lock();
        if !state.has_work && !state.is_over {
            self.wake.wait_for(&mut state, LOOK_EVERY);
        }
        state.has_work = false;
        !state.is_over
    }

    /// Waits for some time, or until it is over.
    pub(super) fn rest(&self, time: Duration) {
        let until = Instant::now() + time;
        let mut state = self.state.lock();
        while !state.is_over && !self.wake.wait_until(&mut state, until).timed_out() {}
    }

    /// Whether it is over.
    pub(super) fn is_over(&self) -> bool {
        self.state.lock().is_over
    }

    /// A view with everything that was committed before this was called.
    pub(super) fn catch_up(&self, deadline: Instant) -> Result<Arc<View>, EngineFault> {
        loop {
            let view = self.view();
            let Some(waiting) = self.waiting(&view, deadline)? else {
                return Ok(view);
            };
            if waiting.rows.len() > MOST_ROWS {
                self.wait_for_thread(&view, deadline)?;
            } else if let Some(view) = self.take(view.generation, &waiting, deadline)? {
                return Ok(view);
            }
        }
    }

    /// What a view has not taken yet, if anything.
    pub(super) fn waiting(
        &self,
        view: &View,
        deadline: Instant,
    ) -> Result<Option<Waiting>, EngineFault> {
        let limit = view.taken.len() + MOST_ROWS + 1;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut connection = self.pool.read(deadline)?;
        let rows = search_entry::written_since(&mut connection, view.epoch, limit)?;
        let Some(first) = rows.first() else {
            return Ok(None);
        };
        let horizon = first.horizon;
        let rows: Vec<Written> = rows.into_iter().filter(|row| !view.has(row)).collect();
        Ok((!rows.is_empty()).then_some(Waiting { horizon, rows }))
    }

    /// Takes rows into memory; `None` where the index was exchanged meanwhile.
    pub(super) fn take(
        &self,
        generation: i64,
        waiting: &Waiting,
        deadline: Instant,
    ) -> Result<Option<Arc<View>>, EngineFault> {
        let _next = self.next.lock();
        let mut view = View::clone(&self.view.load());
        if view.generation != generation {
            return Ok(None);
        }
        let fresh: Vec<Written> = waiting
            .rows
            .iter()
            .filter(|row| !view.has(row))
            .copied()
            .collect();
        let (rows, categories) = self.read(&fresh, deadline)?;
        view.advance(
            waiting.horizon,
            rows.iter().map(|row| (row.number, row.epoch)),
        );
        view.change_categories(categories);
        if !rows.is_empty() {
            view.push(Arc::new(Piece::new(rows, &self.language)?))?;
        }
        self.publish(view);
        Ok(Some(self.view()))
    }

    /// Takes what is waiting, or a part of it where it is much.
    pub(super) fn keep_up(&self, deadline: Instant) -> Result<(), EngineFault> {
        let view = self.view();
        let Some(mut waiting) = self.waiting(&view, deadline)? else {
            return Ok(());
        };
        if waiting.rows.len() > MOST_ROWS {
            waiting.rows.truncate(MOST_ROWS);
            waiting.horizon = i64::MIN;
        }
        self.take(view.generation, &waiting, deadline).map(drop)
    }

    /// Reads what rows say now.
    pub(super) fn read(
        &self,
        written: &[Written],
        deadline: Instant,
    ) -> Result<(Vec<Row>, CategoryChanges), EngineFault> {
        let numbers: Vec<i64> = written.iter().map(|row| row.number).collect();
        let entries = if numbers.is_empty() {
            Vec::new()
        } else {
            search_entry::by_numbers(&mut self.pool.read(deadline)?, &numbers)?
        };
        let mut entries: HashMap<i64, Entry> = entries
            .into_iter()
            .map(|entry| (entry.number, entry))
            .collect();
        let mut rows = Vec::with_capacity(written.len());
        let mut categories = Vec::new();
        for written in written {
            // A row that is gone was withdrawn long ago, and is no more than that.
            let entry = entries.remove(&written.number);
            let epoch = entry.as_ref().map_or(written.epoch, |entry| entry.epoch);
            let mut document = None;
            match entry {
                Some(entry) if entry.is_category => {
                    let category = entry.is_present.then(|| read_content(&entry)).flatten();
                    categories.push(((entry.area, entry.entry_id), category));
                }
                Some(entry) if entry.is_present => document = read_content::<Document>(&entry),
                _ => {}
            }
            rows.push(Row {
                number: written.number,
                epoch,
                document,
            });
        }
        Ok((rows, categories))
    }

    /// Has the thread take what is too much for a search, and waits for another view.
    fn wait_for_thread(&self, before: &Arc<View>, deadline: Instant) -> Result<(), EngineFault> {
        let mut state = self.state.lock();
        state.has_work = true;
        self.wake.notify_all();
        while Arc::ptr_eq(before, &self.view.load()) {
            if state.is_over || self.changed.wait_until(&mut state, deadline).timed_out() {
                return Err(EngineFault::Building);
            }
        }
        Ok(())
    }
}

/// Rows that were not taken yet.
pub(super) struct Waiting {
    /// With these, everything before this epoch is taken.
    horizon: i64,
    pub(super) rows: Vec<Written>,
}

/// What becomes of categories.
pub(super) type CategoryChanges = Vec<((String, i64), Option<Category>)>;

/// Categories by what they are.
pub(super) fn read_categories(entries: Vec<Entry>) -> Categories {
    let read = entries.into_iter().filter_map(|entry| {
        let category = read_content(&entry)?;
        Some(((entry.area, entry.entry_id), category))
    });
    read.collect()
}

/// What a row says. One that cannot be read is told of and found by nobody.
pub(super) fn read_content<T: serde::de::DeserializeOwned>(entry: &Entry) -> Option<T> {
    let read = serde_json::from_str(&entry.content);
    read.inspect_err(|error| {
        tracing::error!(
            "the search entry {} of {} cannot be read: {error}",
            entry.entry_id,
            entry.area
        );
    })
    .ok()
}
