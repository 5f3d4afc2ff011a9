//! What is made of rows, and the batches of it.

use super::pair::Pair;
use crate::moving::Outcome;
use crate::moving::merge::{BATCH, Batch};
use crate::moving::record::Record;
use crate::moving::source::Row;

/// What is made of a row.
pub(super) enum Made {
    /// A record.
    Record(Record),
    /// A record, of which something is to be said.
    Noted(Record, String),
    /// Nothing, and why.
    Skipped(String),
    /// Nothing, for there is nothing in it.
    Nothing,
}

/// A record, with what is to be said of it.
pub(super) fn noted(record: Record, notes: &[String]) -> Made {
    if notes.is_empty() {
        Made::Record(record)
    } else {
        Made::Noted(record, notes.join("; "))
    }
}

/// A batch of the rows of a page, each made a record; the next one begins behind the last.
pub(super) fn batch(
    rows: Vec<Row>,
    key: &str,
    mut make: impl FnMut(&Row) -> Outcome<Made>,
) -> Outcome<Batch> {
    let is_full = rows.len() >= BATCH;
    let mut batch = Batch {
        next: rows.last().filter(|_| is_full).map(|row| row.number(key)),
        ..Batch::default()
    };
    for row in rows {
        let id = row.number(key);
        add(&mut batch, id, make(&row)?);
    }
    Ok(batch)
}

/// A batch of the rows of a page of pairs.
pub(super) fn batch_of_pairs(
    rows: Vec<Row>,
    columns: (&str, &str),
    mut make: impl FnMut(i64, &Row) -> Outcome<Made>,
) -> Outcome<Batch> {
    let is_full = rows.len() >= BATCH;
    let last = rows.last().map(|row| Pair::of(row, columns));
    let mut batch = Batch {
        next: last.filter(|_| is_full).and_then(Pair::id),
        ..Batch::default()
    };
    for row in &rows {
        let Some(id) = Pair::of(row, columns).id() else {
            let why = "its numbers are too large to make an id of them";
            batch.skipped.push((row.number(columns.0), why.to_owned()));
            continue;
        };
        add(&mut batch, id, make(id, row)?);
    }
    Ok(batch)
}

fn add(batch: &mut Batch, id: i64, made: Made) {
    match made {
        Made::Record(record) => batch.records.push(record),
        Made::Noted(record, note) => {
            batch.records.push(record);
            batch.notes.push((id, note));
        }
        Made::Skipped(why) => batch.skipped.push((id, why)),
        Made::Nothing => {}
    }
}
