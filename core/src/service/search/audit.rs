//! Comparing: what modules would hand in with the table, and the table with this node's indexes.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;
use std::time::Instant;

use serde::Serialize;

use super::disk::{self, Disk};
use super::entry;
use super::house::Search;
use super::index::Part;
use crate::store::Pool;
use crate::store::search_entry::{self, Changes, Entry, Key, Outline};
use crate::store::search_person::{self, Access};

/// How many rows are read at once.
const PAGE: i64 = 5000;

/// What a comparison has found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Differences {
    /// How many entries there should be.
    pub entries: u64,
    /// How many of them are not there.
    pub missing: u64,
    /// How many are not as they should be.
    pub different: u64,
    /// How many are there and should not be.
    pub surplus: u64,
}

impl Differences {
    /// Whether there are any.
    pub fn any(&self) -> bool {
        self.missing + self.different + self.surplus > 0
    }
}

/// A module that pages through what it would hand in: from the `next` of a page to the JSON of the following one.
pub type Pager<'p> = dyn FnMut(Option<&str>) -> Result<Vec<u8>, String> + 'p;

/// Compares what a module would hand in with the table, and where `repairs` is set makes the table so.
pub fn module(
    pool: &Pool,
    module: &str,
    pager: &mut Pager<'_>,
    repairs: bool,
) -> Result<Differences, String> {
    let mut audit = Audit {
        pool,
        module,
        repairs,
        found: Differences::default(),
        seen: HashSet::new(),
    };
    let begun = audit.horizon()?;
    let mut next: Option<String> = None;
    loop {
        // What is written from here on is newer than what the module is about to say.
        let horizon = audit.horizon()?;
        let (page, following) = told(entry::read_page(&pager(next.as_deref())?))?;
        audit.compare(page, horizon)?;
        match following {
            Some(place) => next = Some(place),
            None => break,
        }
    }
    if module == search_person::AREA {
        audit.compare_silent(begun)?;
    }
    let Audit {
        mut found, seen, ..
    } = audit;
    let surplus = surplus(pool, module, &seen, begun)?;
    found.surplus = surplus.len() as u64;
    if repairs {
        let mut connection = told(pool.write(soon()))?;
        told(search_entry::write_before(
            &mut connection,
            module,
            &surplus,
            begun,
        ))?;
    }
    Ok(found)
}

/// A comparison under way.
struct Audit<'a> {
    pool: &'a Pool,
    module: &'a str,
    repairs: bool,
    found: Differences,
    seen: HashSet<Key>,
}

impl Audit<'_> {
    fn horizon(&self) -> Result<i64, String> {
        let mut connection = told(self.pool.read(soon()))?;
        told(search_entry::present_horizon(&mut connection))
    }

    /// Compares some entries as they were before an epoch, and makes the table so where it is to be repaired.
    fn compare(&mut self, mut page: Changes, horizon: i64) -> Result<(), String> {
        let mut connection = told(self.pool.read(soon()))?;
        let completed = search_person::complete(&mut connection, &mut page, Access::Read);
        told(completed)?;
        drop(connection);
        // Whose account has just gone is surplus, or gone with it.
        page.retain(|_, content| content.is_some());
        self.found.entries += page.len() as u64;
        self.seen.extend(page.keys().cloned());
        let wrong = wrong(self.pool, page, horizon, &mut self.found)?;
        if self.repairs && !wrong.is_empty() {
            let mut connection = told(self.pool.write(soon()))?;
            let written = search_entry::write_before(&mut connection, self.module, &wrong, horizon);
            told(written)?;
        }
        Ok(())
    }

    /// Compares the people of whom the module says nothing: they are found by their names.
    fn compare_silent(&mut self, begun: i64) -> Result<(), String> {
        let mut after = i64::MIN;
        loop {
            let mut connection = told(self.pool.read(soon()))?;
            let keys = told(search_person::keys(&mut connection, after, PAGE))?;
            drop(connection);
            let Some(last) = keys.last() else {
                return Ok(());
            };
            after = last.id;
            let silent = keys.into_iter().filter(|key| !self.seen.contains(key));
            let page = silent.map(|key| (key, None)).collect();
            self.compare(page, begun)?;
        }
    }
}

/// The entries of a page that the table has otherwise.
fn wrong(
    pool: &Pool,
    page: Changes,
    horizon: i64,
    found: &mut Differences,
) -> Result<Changes, String> {
    let mut ids: BTreeMap<(bool, String), Vec<i64>> = BTreeMap::new();
    for key in page.keys() {
        ids.entry((key.is_category, key.area.clone()))
            .or_default()
            .push(key.id);
    }
    let mut rows: HashMap<Key, Entry> = HashMap::new();
    for ((is_category, area), ids) in ids {
        let some = search_entry::by_ids(&mut told(pool.read(soon()))?, is_category, &area, &ids);
        rows.extend(told(some)?.into_iter().map(|row| (row_key(&row), row)));
    }
    let mut wrong = Changes::new();
    for (key, content) in page {
        match rows.get(&key) {
            Some(row) if row.epoch >= horizon => continue,
            Some(row) if row.is_present && Some(&row.content) == content.as_ref() => continue,
            Some(row) if row.is_present => found.different += 1,
            _ => found.missing += 1,
        }
        wrong.insert(key, content);
    }
    Ok(wrong)
}

fn row_key(row: &Entry) -> Key {
    Key {
        is_category: row.is_category,
        area: row.area.clone(),
        id: row.entry_id,
    }
}

/// The rows of a module that it does not hand in any more.
fn surplus(pool: &Pool, module: &str, seen: &HashSet<Key>, begun: i64) -> Result<Changes, String> {
    let mut surplus = Changes::new();
    each_row(pool, |row| {
        let key = Key {
            is_category: row.is_category,
            area: row.area,
            id: row.entry_id,
        };
        let is_meant = row.module == module && row.is_present && row.epoch < begun;
        if is_meant && !seen.contains(&key) {
            surplus.insert(key, None);
        }
    })?;
    Ok(surplus)
}

fn each_row(pool: &Pool, mut look: impl FnMut(Outline)) -> Result<(), String> {
    let mut after = i64::MIN;
    loop {
        let page = told(search_entry::outlines(
            &mut told(pool.read(soon()))?,
            after,
            PAGE,
        ))?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        after = last.number;
        page.into_iter().for_each(&mut look);
    }
}

impl Search {
    /// Compares the table with every index in this node's folder; where `repairs` is set, every node takes again
    /// what is wrong. By the folder of each index.
    pub fn check_indexes(&self, repairs: bool) -> Result<BTreeMap<String, Differences>, String> {
        let mut all = BTreeMap::new();
        for (folder, opened) in disk::all(&self.folder) {
            let (disk, mark) = told(opened)?;
            let differences = self.check_index(&disk, mark.epoch, repairs)?;
            all.insert(shown(&folder), differences);
        }
        Ok(all)
    }

    fn check_index(&self, disk: &Disk, epoch: i64, repairs: bool) -> Result<Differences, String> {
        let mut indexed = told(numbers(disk))?;
        let mut found = Differences::default();
        let mut wrong = Vec::new();
        each_row(&self.pool, |row| {
            let there = indexed.remove(&row.number);
            if row.epoch >= epoch {
                // It is taken, or still to be taken, from memory.
                return;
            }
            let should_be = row.is_present && !row.is_category;
            found.entries += u64::from(should_be);
            let count = match there {
                Some(written) if should_be && written == row.epoch => return,
                None if !should_be => return,
                Some(_) if should_be => &mut found.different,
                Some(_) => &mut found.surplus,
                None => &mut found.missing,
            };
            *count += 1;
            wrong.push(row.number);
        })?;
        let unknown = indexed.len() as u64;
        found.surplus += unknown;
        if repairs && found.any() {
            let mut connection = told(self.pool.write(soon()))?;
            if unknown > 0 {
                // There is no row that could say that they are gone.
                told(search_entry::renew(&mut connection))?;
            } else {
                let touched =
                    connection.transaction(|connection| search_entry::touch(connection, &wrong));
                told(touched)?;
            }
        }
        Ok(found)
    }

    /// Has every node build its index anew.
    pub fn renew(&self) -> Result<i64, String> {
        told(search_entry::renew(&mut told(self.pool.write(soon()))?))
    }

    /// Whether a server has an index of this folder open.
    pub fn is_served(&self) -> bool {
        disk::all(&self.folder)
            .iter()
            .any(|(folder, _)| disk::is_held(folder))
    }

    /// Whether all indexes of this folder that servers have open are of a generation.
    pub fn is_of(&self, generation: i64) -> bool {
        disk::all(&self.folder).into_iter().all(|(folder, opened)| {
            let is_of_it = opened.is_ok_and(|(_, mark)| mark.generation == generation);
            is_of_it || !disk::is_held(&folder)
        })
    }
}

fn shown(folder: &Path) -> String {
    folder.display().to_string()
}

/// The documents of an index: when the row of each number was written.
fn numbers(disk: &Disk) -> tantivy::Result<HashMap<i64, i64>> {
    let searcher = disk.reader.searcher();
    let mut all = HashMap::new();
    for reader in searcher.segment_readers() {
        let part = Part::open(reader.clone())?;
        let alive = (0..reader.max_doc()).filter(|document| !part.deleted.contains(*document));
        all.extend(alive.map(|document| {
            (
                part.number.get_val(document).cast_signed(),
                part.epoch.get_val(document),
            )
        }));
    }
    Ok(all)
}

fn soon() -> Instant {
    super::intake::soon()
}

fn told<T, E: ToString>(result: Result<T, E>) -> Result<T, String> {
    result.map_err(|error| error.to_string())
}
