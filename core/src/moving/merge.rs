//! Puts the records of a Joomla site beside those that are here.
//!
//! Three streams run along together by their ids: the records there, the records here, and how both were at the last
//! import. What changed there comes over, what changed here stays, and where both changed or something is gone there,
//! the owner decides. What is gone is deleted when all kinds of a module have been moved, the last kind first, for a
//! record may be needed by one of a later kind. Last it is noted how the records are here now, so that what was written
//! beside them, such as counts, is not taken for a change the next time.

mod decision;
mod stream;

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use super::keeper::Keeper;
use super::record::{Record, digest, id_of, members_of};
use super::report::{Line, Tally};
use super::{MovingError, Outcome};
use crate::settings::Owner;
use crate::store::imported::{self, Imported};
use crate::store::{Pool, records};
use decision::{Decision, Seen, decide};
use stream::{Here, Noted};

/// How many records are written, read or deleted at once.
pub const BATCH: usize = 250;

/// The most records that wait for a second try, because what they name may have come after them.
const SECOND_TRIES: usize = 10_000;

/// How long a connection is waited for.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// Records of the site that is moved in, by their ids.
#[derive(Debug, Default)]
pub struct Batch {
    /// The records.
    pub records: Vec<Record>,
    /// What cannot be moved, and why.
    pub skipped: Vec<(i64, String)>,
    /// What is to be said of records that are moved all the same.
    pub notes: Vec<(i64, String)>,
    /// Behind which id the next batch begins; none at the end.
    pub next: Option<i64>,
}

/// What moves one kind of records in.
pub struct Merge<'a> {
    /// Where the records go.
    pub keeper: &'a dyn Keeper,
    /// Their kind there.
    pub kind: &'a str,
    /// Where they come from, for the report.
    pub table: &'a str,
    /// Whose change stays where both have changed.
    pub owner: Owner,
    /// Whether what is refused is tried again, for it may name what comes later.
    pub tries_again: bool,
    /// Whether nothing is written.
    pub is_dry: bool,
    /// Where the last import is noted.
    pub pool: &'a Pool,
}

/// A record that is to be written.
struct Pending {
    id: i64,
    record: Record,
    decision: Decision,
    /// How it is there, whatever has to be changed of it here.
    there: String,
}

/// A kind that is moved in.
pub struct Run<'m, 'a> {
    merge: &'m Merge<'a>,
    tally: Tally,
    /// The members of the records that are moved in; what else a record here has is its own affair.
    members: Option<BTreeSet<String>>,
    again: Vec<Pending>,
    gone: Vec<i64>,
    /// What the keeper has refused for good, with the rule.
    refused: Vec<(i64, String)>,
    has_written: bool,
}

impl Merge<'_> {
    /// Moves everything that `read` gives, which is told behind which id to go on. `step` is told how many records
    /// are done.
    pub fn run(
        &self,
        mut read: impl FnMut(i64) -> Outcome<Batch>,
        mut step: impl FnMut(u64),
    ) -> Outcome<Run<'_, '_>> {
        let (mut here, mut noted) = (Here::new(self), Noted::new(self));
        let mut run = Run {
            merge: self,
            tally: Tally::new(self.table, self.keeper.name(), self.kind),
            members: None,
            again: Vec::new(),
            gone: Vec::new(),
            refused: Vec::new(),
            has_written: false,
        };
        let mut after = i64::MIN;
        loop {
            let batch = read(after)?;
            let upper = batch.next.unwrap_or(i64::MAX);
            step(u64::try_from(batch.records.len() + batch.skipped.len()).unwrap_or_default());
            // A record that is passed over is there all the same, and nothing is deleted for it.
            let passed_over: BTreeSet<i64> = batch.skipped.iter().map(|(id, _)| *id).collect();
            for (id, why) in &batch.skipped {
                run.tally.skip(*id, why);
            }
            for (id, why) in &batch.notes {
                run.tally.note(*id, why);
            }
            let noted = noted.up_to(upper)?;
            let is_needed = !batch.records.is_empty() || !noted.is_empty();
            let here = if is_needed {
                here.up_to(upper)?
            } else {
                BTreeMap::new()
            };
            run.batch(batch.records, here, noted, &passed_over)?;
            match batch.next {
                Some(next) => after = next,
                None => break,
            }
        }
        run.second_try()?;
        Ok(run)
    }

    fn note(&self, notes: &[Imported]) -> Outcome<()> {
        if notes.is_empty() {
            return Ok(());
        }
        let mut connection = self
            .pool
            .write(Instant::now() + PATIENCE)
            .map_err(database)?;
        imported::note(&mut connection, notes).map_err(database)
    }

    fn forget(&self, ids: &[i64]) -> Outcome<()> {
        let mut connection = self
            .pool
            .write(Instant::now() + PATIENCE)
            .map_err(database)?;
        imported::forget(&mut connection, (self.keeper.name(), self.kind), ids).map_err(database)
    }

    fn imported(&self, id: i64, source_digest: String, our_digest: Option<String>) -> Imported {
        Imported {
            module: self.keeper.name().to_owned(),
            kind: self.kind.to_owned(),
            id,
            source_digest,
            our_digest,
        }
    }
}

impl Run<'_, '_> {
    /// What the keeper has refused since this was asked last.
    pub fn take_refused(&mut self) -> Vec<(i64, String)> {
        std::mem::take(&mut self.refused)
    }

    fn batch(
        &mut self,
        records: Vec<Record>,
        mut here: BTreeMap<i64, Record>,
        mut noted: BTreeMap<i64, Imported>,
        passed_over: &BTreeSet<i64>,
    ) -> Outcome<()> {
        let (mut puts, mut notes) = (Vec::new(), Vec::new());
        for record in records {
            let id = id_of(&record).ok_or_else(|| MovingError::new("a record has no id"))?;
            let members = self.members.get_or_insert_with(|| members_of(&record));
            let seen = Seen {
                there: digest(&record, members),
                here: here.get(&id).map(|record| digest(record, members)),
                noted: noted.remove(&id),
            };
            let decision = decide(&seen, self.merge.owner);
            if is_another_person(self.merge, &seen, here.get(&id), &record) {
                self.tally
                    .skip(id, "the id belongs to another account here");
                continue;
            }
            match decision {
                Decision::Take | Decision::Update | Decision::Overrule => {
                    puts.push(Pending {
                        id,
                        record: following(record, here.get(&id)),
                        decision,
                        there: seen.there,
                    });
                }
                Decision::Agree => {
                    self.tally.line.unchanged += 1;
                    notes.push(self.merge.imported(id, seen.there, seen.here));
                }
                Decision::Unchanged => self.tally.line.unchanged += 1,
                Decision::Keep(why) => {
                    self.tally.line.kept += 1;
                    self.tally.note(id, why);
                }
            }
            here.remove(&id);
        }
        noted.retain(|id, _| !passed_over.contains(id));
        if !self.merge.is_dry {
            self.merge.note(&notes)?;
        }
        self.put(puts, self.merge.tries_again)?;
        self.gone(&noted, &here)
    }

    /// Writes records, and keeps those that were refused for a second try.
    fn put(&mut self, puts: Vec<Pending>, again: bool) -> Outcome<()> {
        let mut puts = puts.into_iter().peekable();
        while puts.peek().is_some() {
            let some: Vec<Pending> = puts.by_ref().take(BATCH).collect();
            let refused = self.refused(&some)?;
            let mut notes = Vec::new();
            for one in some {
                match refused.get(&one.id) {
                    Some(_) if again && self.again.len() < SECOND_TRIES => self.again.push(one),
                    Some(why) => {
                        self.tally.skip(one.id, why);
                        self.refused.push((one.id, why.clone()));
                    }
                    None => {
                        self.count(one.id, one.decision);
                        notes.push(self.merge.imported(one.id, one.there, None));
                    }
                }
            }
            if !self.merge.is_dry {
                self.has_written |= !notes.is_empty();
                self.merge.note(&notes)?;
            }
        }
        Ok(())
    }

    /// Writes some records and gives those that were refused, with the reason.
    fn refused(&self, some: &[Pending]) -> Outcome<BTreeMap<i64, String>> {
        if self.merge.is_dry {
            return Ok(BTreeMap::new());
        }
        let records: Vec<Record> = some.iter().map(|one| one.record.clone()).collect();
        let outcome = self.merge.keeper.put(self.merge.kind, &records)?;
        let refused = outcome.refused.into_iter();
        Ok(refused
            .filter_map(|one| Some((one.id.as_i64()?, one.why)))
            .collect())
    }

    fn count(&mut self, id: i64, decision: Decision) {
        match decision {
            Decision::Take => self.tally.line.taken += 1,
            Decision::Overrule => {
                self.tally.line.updated += 1;
                self.tally
                    .note(id, "changed on both sites; Joomla's was taken");
            }
            _ => self.tally.line.updated += 1,
        }
    }

    /// What is gone there.
    fn gone(
        &mut self,
        noted: &BTreeMap<i64, Imported>,
        here: &BTreeMap<i64, Record>,
    ) -> Outcome<()> {
        let (there, away): (Vec<i64>, Vec<i64>) =
            noted.keys().partition(|id| here.contains_key(id));
        match self.merge.owner {
            Owner::Joomla => self.gone.extend(there),
            Owner::Loggia => self.keep(&there, "gone there, kept here"),
        }
        if away.is_empty() || self.merge.is_dry {
            return Ok(());
        }
        self.merge.forget(&away)
    }

    fn keep(&mut self, ids: &[i64], why: &str) {
        for id in ids {
            self.tally.line.kept += 1;
            self.tally.note(*id, why);
        }
    }

    /// Deletes what is gone there, as far as the owner wants it.
    pub fn delete(&mut self) -> Outcome<()> {
        let gone = std::mem::take(&mut self.gone);
        for some in gone.chunks(BATCH) {
            let count = u64::try_from(some.len()).unwrap_or_default();
            if self.merge.is_dry {
                self.tally.line.deleted += count;
                continue;
            }
            let Some(deleted) = self.merge.keeper.delete(self.merge.kind, some)? else {
                self.keep(some, "gone there, but no import deletes these here");
                continue;
            };
            self.tally.line.deleted += deleted;
            self.tally.line.kept += count.saturating_sub(deleted);
            self.merge.forget(some)?;
        }
        Ok(())
    }

    /// Tries once more what was refused, with another alias where that was the reason.
    fn second_try(&mut self) -> Outcome<()> {
        let again = std::mem::take(&mut self.again);
        if again.is_empty() {
            return Ok(());
        }
        self.put(again, true)?;
        let mut renamed = std::mem::take(&mut self.again);
        for Pending { id, record, .. } in &mut renamed {
            let alias = record.get("alias").and_then(|alias| alias.as_str());
            if let Some(alias) = alias.map(|alias| format!("{alias}-{id}")) {
                let alias = alias.trim_start_matches('-').to_owned();
                record.insert("alias".to_owned(), alias.into());
            }
        }
        self.put(renamed, false)
    }

    /// Notes how the records that were written are here now, and gives the numbers.
    pub fn settle(self) -> Outcome<Line> {
        let Some(members) = self.members.as_ref().filter(|_| self.has_written) else {
            return Ok(self.tally.finish());
        };
        let (mut here, mut noted) = (Here::new(self.merge), Noted::new(self.merge));
        loop {
            let some = noted.some()?;
            let Some(upper) = some.last().map(|one| one.id) else {
                return Ok(self.tally.finish());
            };
            let here = here.up_to(upper)?;
            let settled: Vec<Imported> = some
                .into_iter()
                .filter(|one| one.our_digest.is_none())
                .filter_map(|one| {
                    let now = digest(here.get(&one.id)?, members);
                    Some(Imported {
                        our_digest: Some(now),
                        ..one
                    })
                })
                .collect();
            self.merge.note(&settled)?;
        }
    }
}

/// A record with the version that follows the one here, so that nobody's page of before is taken for the newest.
fn following(mut record: Record, here: Option<&Record>) -> Record {
    let version = here.and_then(|here| here.get("version")?.as_i64());
    if let Some(version) = version.filter(|_| record.contains_key("version")) {
        record.insert("version".to_owned(), (version + 1).into());
    }
    record
}

/// Whether an account that was never moved in has the id of one that is to be: they are two persons then, and the one
/// must not get what is the other's.
fn is_another_person(
    merge: &Merge<'_>,
    seen: &Seen,
    here: Option<&Record>,
    record: &Record,
) -> bool {
    let Some(here) = here.filter(|_| seen.noted.is_none()) else {
        return false;
    };
    let name = |record: &Record| {
        let name = record.get("username")?.as_str()?;
        Some(name.trim().to_lowercase())
    };
    merge.kind == records::account::KIND && name(here) != name(record)
}

fn database(error: diesel::result::Error) -> MovingError {
    MovingError::new(format!("the database refused: {error}"))
}
