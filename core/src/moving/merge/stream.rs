//! Records here, and notes of the last import, by their ids: only forward, a page at a time.

use std::collections::{BTreeMap, VecDeque};
use std::time::Instant;

use super::{BATCH, Merge, PATIENCE, database};
use crate::moving::Outcome;
use crate::moving::record::{Record, id_of};
use crate::store::imported::{self, Imported};

/// The records here.
pub(super) struct Here<'m, 'a> {
    merge: &'m Merge<'a>,
    waiting: VecDeque<(i64, Record)>,
    next: Option<i64>,
}

impl<'m, 'a> Here<'m, 'a> {
    pub(super) fn new(merge: &'m Merge<'a>) -> Self {
        Self {
            merge,
            waiting: VecDeque::new(),
            next: Some(0),
        }
    }

    /// Those up to an id that were not given before.
    pub(super) fn up_to(&mut self, upper: i64) -> Outcome<BTreeMap<i64, Record>> {
        let mut found = BTreeMap::new();
        loop {
            while let Some((id, record)) = self.waiting.pop_front() {
                if id > upper {
                    self.waiting.push_front((id, record));
                    return Ok(found);
                }
                found.insert(id, record);
            }
            let Some(after) = self.next.filter(|after| *after < upper) else {
                return Ok(found);
            };
            let page = self.merge.keeper.page(self.merge.kind, after, BATCH)?;
            self.next = page.next;
            let records = page.records.into_iter();
            self.waiting
                .extend(records.filter_map(|one| Some((id_of(&one)?, one))));
        }
    }
}

/// The notes.
pub(super) struct Noted<'m, 'a> {
    merge: &'m Merge<'a>,
    waiting: VecDeque<Imported>,
    next: Option<i64>,
}

impl<'m, 'a> Noted<'m, 'a> {
    pub(super) fn new(merge: &'m Merge<'a>) -> Self {
        Self {
            merge,
            waiting: VecDeque::new(),
            next: Some(i64::MIN),
        }
    }

    /// Those up to an id that were not given before.
    pub(super) fn up_to(&mut self, upper: i64) -> Outcome<BTreeMap<i64, Imported>> {
        let mut found = BTreeMap::new();
        loop {
            while let Some(one) = self.waiting.pop_front() {
                if one.id > upper {
                    self.waiting.push_front(one);
                    return Ok(found);
                }
                found.insert(one.id, one);
            }
            if self.next.is_none_or(|after| after >= upper) {
                return Ok(found);
            }
            self.fetch()?;
        }
    }

    /// The next ones; none at the end.
    pub(super) fn some(&mut self) -> Outcome<Vec<Imported>> {
        self.fetch()?;
        Ok(self.waiting.drain(..).collect())
    }

    fn fetch(&mut self) -> Outcome<()> {
        let Some(after) = self.next else {
            return Ok(());
        };
        let limit = i64::try_from(BATCH).unwrap_or(i64::MAX);
        let mut connection = self
            .merge
            .pool
            .read(Instant::now() + PATIENCE)
            .map_err(database)?;
        let place = (self.merge.keeper.name(), self.merge.kind);
        let page = imported::page(&mut connection, place, after, limit).map_err(database)?;
        self.next = page
            .last()
            .filter(|_| page.len() >= BATCH)
            .map(|one| one.id);
        self.waiting.extend(page);
        Ok(())
    }
}
