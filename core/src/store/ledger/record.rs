//! One transaction of the writer: charges added up a key, and all rows.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use diesel::prelude::*;
use diesel::result::Error;
use diesel::sql_types::BigInt;
use loggia_sql::{Connection, Dialect};

use super::at_once::{self, Charged};
use super::bank::{Bank, Place};
use super::message::{Call, Charge, Unavailable};
use super::{Shared, shares};
use crate::store::access_log::{self, Columns, Row};

/// What the row of a call says that could not be charged.
const UNCHARGED: Cow<'static, str> = Cow::Borrowed("REQ_AKG");

/// A row that waits to be written, and whether it takes a place that others wait for.
pub(super) struct Waiting {
    pub(super) row: Box<Row>,
    pub(super) holds_place: bool,
}

/// Calls that go into one transaction.
pub(super) struct Batch {
    /// The calls, and whether each may be answered.
    calls: Vec<(Call, bool)>,
    /// Rows that an earlier transaction failed to write.
    rows: Vec<Waiting>,
}

/// Why a batch was not written.
pub(super) enum Failure {
    /// Nothing was written.
    Before(Error),
    /// The commit failed; what became of it is unknown.
    AtCommit(Error),
    /// Shares of these keys were gone. Nothing was written.
    Lost(Vec<i64>),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure::Before(error)
    }
}

/// Charges of one transaction, in the order of the keys.
#[derive(Default)]
struct Sums {
    /// SQLite: by key and day.
    counted: BTreeMap<(i64, i64), i64>,
    /// PostgreSQL: by key, node, day and block.
    shares: BTreeMap<(i64, i64, i64, u16), i64>,
    /// PostgreSQL: by key and day.
    open: BTreeMap<(i64, i64), i64>,
}

impl Batch {
    pub(super) fn new(calls: Vec<Call>, rows: Vec<Waiting>) -> Self {
        let calls = calls.into_iter().map(|call| (call, true)).collect();
        Batch { calls, rows }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.calls.is_empty() && self.rows.is_empty()
    }

    /// Writes everything, or nothing.
    pub(super) fn write(
        &mut self,
        connection: &mut Connection,
        shared: &Shared,
        bank: Option<&mut Bank>,
    ) -> Result<(), Failure> {
        let sums = self.sums(bank.as_deref());
        let node_id = bank.as_ref().map_or(0, |bank| bank.node_id());
        self.write_sums(connection, shared, &sums, node_id)?;
        if let Some(bank) = bank {
            sums.end(bank);
        }
        Ok(())
    }

    fn write_sums(
        &self,
        connection: &mut Connection,
        shared: &Shared,
        sums: &Sums,
        node_id: i64,
    ) -> Result<(), Failure> {
        let is_prepaid = shared.lease_size().is_some();
        let now_ms = shared.clock.now_ms();
        let node = &shared.options.node;
        if shared.dialect == Dialect::Postgresql
            && let Some(charges) = sums.for_one_statement(node_id, is_prepaid)
            && self.write_at_once(connection, node, &charges, now_ms)?
        {
            return Ok(());
        }
        let mut is_complete = false;
        let written = connection.transaction(|connection| {
            sums.write(connection, node_id, now_ms, is_prepaid)?;
            access_log::insert(connection, node, self.rows())?;
            is_complete = true;
            Ok(())
        });
        written.map_err(|failure| match failure {
            Failure::Before(error) if is_complete => Failure::AtCommit(error),
            failure => failure,
        })
    }

    /// PostgreSQL: writes everything in one statement, where that can be done; false where nothing was written.
    fn write_at_once(
        &self,
        connection: &mut Connection,
        node: &str,
        charges: &Charges,
        now_ms: i64,
    ) -> Result<bool, Failure> {
        let rows = Columns::of(self.rows());
        if rows.is_empty() {
            return Ok(false);
        }
        at_once::write(
            connection,
            node,
            &rows,
            &charges.limited,
            &charges.open,
            now_ms,
        )
        .map_err(|error| {
            // Only what the server has refused is known not to be written.
            if loggia_sql::is_busy(&error) || loggia_sql::is_unique(&error) {
                Failure::Before(error)
            } else {
                Failure::AtCommit(error)
            }
        })
    }

    fn rows(&self) -> impl Iterator<Item = &Row> {
        let calls = self
            .calls
            .iter()
            .filter_map(|(call, _)| call.row.as_deref());
        self.rows.iter().map(|waiting| &*waiting.row).chain(calls)
    }

    /// Adds the charges up.
    fn sums(&self, bank: Option<&Bank>) -> Sums {
        let mut sums = Sums::default();
        for (call, _) in self.calls.iter().filter(|(_, may_answer)| *may_answer) {
            match &call.charge {
                Some(Charge::Counted(counter, day)) => {
                    *sums.counted.entry((counter.key_id(), *day)).or_default() += 1;
                }
                Some(Charge::Open(counter, day)) => {
                    *sums.open.entry((counter.key_id(), *day)).or_default() += 1;
                }
                Some(Charge::Share(counter, day, epoch)) => {
                    if let Some(node_id) = bank.and_then(|bank| bank.open_share(counter, *epoch)) {
                        let place = (counter.key_id(), node_id, *day, *epoch);
                        *sums.shares.entry(place).or_default() += 1;
                    }
                }
                Some(Charge::Paid(..) | Charge::Done) | None => {}
            }
        }
        sums
    }

    /// Finds out which calls of blocks that are gone may still be answered. It is asked once for each call,
    /// when its block has been settled.
    pub(super) fn judge(&mut self, bank: &mut Bank) {
        for (call, may_answer) in &mut self.calls {
            let Some(Charge::Share(counter, day, epoch)) = &call.charge else {
                continue;
            };
            match bank.place(counter, *epoch) {
                Place::Share => {}
                Place::Settled => call.charge = Some(Charge::Paid(Arc::clone(counter), *day)),
                Place::Nowhere => {
                    call.charge = Some(Charge::Done);
                    *may_answer = false;
                    mark(call);
                }
            }
        }
    }

    /// The batch is written: everybody is told, and places are free again.
    pub(super) fn finish(self, shared: &Shared) {
        let mut places = self.rows.iter().filter(|row| row.holds_place).count();
        for (mut call, may_answer) in self.calls {
            places += usize::from(call.holds_place);
            call.answer(if may_answer { Ok(()) } else { Err(Unavailable) });
        }
        shared.room.add_permits(places);
    }

    /// The batch is not written: keyed calls are unavailable, and rows are kept for another try.
    pub(super) fn fail(self, bank: Option<&mut Bank>) -> Vec<Waiting> {
        self.give_back(bank);
        let mut rows = self.rows;
        for (mut call, _) in self.calls {
            let holds_place = call.holds_place;
            if call.reply.is_some() {
                mark(&mut call);
            }
            call.answer(Err(Unavailable));
            if let Some(row) = call.row {
                rows.push(Waiting { row, holds_place });
            }
        }
        rows
    }

    /// Calls that are not answered do not count: memory forgets them, shares are read again, and what was paid
    /// before is given back.
    fn give_back(&self, bank: Option<&mut Bank>) {
        for (call, _) in &self.calls {
            if let Some(Charge::Counted(counter, day)) = &call.charge {
                counter.give_back(*day, 1);
            }
        }
        if let Some(bank) = bank {
            for (call, _) in self.calls.iter().filter(|(call, _)| call.reply.is_some()) {
                if let Some(Charge::Paid(counter, day)) = &call.charge {
                    bank.refund(counter, *day);
                }
            }
            let sums = self.sums(Some(bank));
            sums.end(bank);
            let keys: Vec<i64> = sums.shares.keys().map(|(key_id, ..)| *key_id).collect();
            bank.settle_later(&keys);
        }
    }
}

/// The row of a call that is not answered as it would have been.
fn mark(call: &mut Call) {
    if let Some(row) = call.row.as_deref_mut() {
        row.error_code = UNCHARGED;
    }
}

/// The charges of one statement.
struct Charges {
    limited: Vec<Charged>,
    open: Vec<Charged>,
}

impl Sums {
    /// PostgreSQL: the charges, each share once; none where a key has lost or got its limit between two calls, so that
    /// a share would have to be charged in both ways.
    fn for_one_statement(&self, node_id: i64, is_prepaid: bool) -> Option<Charges> {
        let mut limited: Vec<Charged> = Vec::new();
        for (&(key_id, node_id, day, _), &calls) in self.shares.iter().filter(|_| !is_prepaid) {
            match limited.last_mut() {
                Some(last) if (last.key_id, last.node_id, last.day) == (key_id, node_id, day) => {
                    last.calls += calls;
                }
                _ => limited.push(Charged {
                    key_id,
                    node_id,
                    day,
                    calls,
                }),
            }
        }
        let open = self.open.iter().map(|(&(key_id, day), &calls)| Charged {
            key_id,
            node_id,
            day,
            calls,
        });
        let open: Vec<Charged> = open.collect();
        let is_both = open
            .iter()
            .any(|one| limited.iter().any(|other| other.key_id == one.key_id));
        (!is_both).then_some(Charges { limited, open })
    }

    fn write(
        &self,
        connection: &mut Connection,
        node_id: i64,
        now_ms: i64,
        is_prepaid: bool,
    ) -> Result<(), Failure> {
        for ((key_id, day), calls) in &self.counted {
            add_to_usage(connection, *key_id, *day, *calls, now_ms)?;
        }
        for ((key_id, day), calls) in &self.open {
            shares::charge_open(connection, (*key_id, node_id, *day), *calls, now_ms)?;
        }
        if is_prepaid {
            return Ok(());
        }
        let mut lost = Vec::new();
        for ((key_id, node_id, day, _), calls) in &self.shares {
            let share = (*key_id, *node_id, *day);
            if !shares::charge(connection, share, *calls, now_ms)? {
                lost.push(*key_id);
            }
        }
        if lost.is_empty() {
            Ok(())
        } else {
            Err(Failure::Lost(lost))
        }
    }

    /// Tells the bank which calls have ended.
    fn end(&self, bank: &mut Bank) {
        for ((key_id, _, _, epoch), calls) in &self.shares {
            bank.ended(*key_id, *epoch, *calls);
        }
    }
}

/// SQLite: adds calls to a key's own row. Calls of a day that is over count no more for its limit.
fn add_to_usage(
    connection: &mut Connection,
    key_id: i64,
    day: i64,
    calls: i64,
    now_ms: i64,
) -> QueryResult<()> {
    let text = r#"UPDATE "api_key_usage" SET "hits" = "hits" + $1, "last_visit_ms" = $2,
 "current_hits" = CASE WHEN "current_day" = $3 THEN "current_hits" + $1 WHEN "current_day" < $3 THEN $1
 ELSE "current_hits" END,
 "current_day" = CASE WHEN "current_day" < $3 THEN $3 ELSE "current_day" END WHERE "key_id" = $4"#;
    diesel::sql_query(text)
        .bind::<BigInt, _>(calls)
        .bind::<BigInt, _>(now_ms)
        .bind::<BigInt, _>(day)
        .bind::<BigInt, _>(key_id)
        .execute(connection)?;
    Ok(())
}
