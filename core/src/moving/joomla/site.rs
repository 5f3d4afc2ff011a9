//! The tables of a Joomla site, read a page at a time.

use std::collections::HashMap;
use std::path::PathBuf;

use serde_json::Value;

use super::files::Files;
use crate::moving::merge::{BATCH, Batch};
use crate::moving::record::Record;
use crate::moving::source::{Row, Source};
use crate::moving::{MovingError, Outcome};

/// A Joomla site.
pub struct Site {
    source: Box<dyn Source>,
    prefix: String,
    /// Its folder, where it is at hand.
    pub files: Option<PathBuf>,
    /// What is known of the files that its rows refer to.
    pub attached: Files,
    columns: HashMap<String, Option<Vec<String>>>,
}

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

impl Site {
    /// The tables of a source whose names begin with a prefix.
    pub fn new(source: Box<dyn Source>, prefix: &str, files: Option<PathBuf>) -> Outcome<Self> {
        let mut site = Self {
            source,
            prefix: prefix.to_owned(),
            files,
            attached: Files::default(),
            columns: HashMap::new(),
        };
        if site.has("users")? && site.has("usergroups")? {
            return Ok(site);
        }
        let mut prefixes = site.source.tables("_usergroups")?;
        prefixes.sort();
        let found: Vec<&str> = prefixes
            .iter()
            .filter_map(|name| name.strip_suffix("usergroups"))
            .collect();
        let help = match found.as_slice() {
            [] => "and no Joomla site with another prefix".to_owned(),
            some => format!("name its prefix by --prefix: {}", some.join(", ")),
        };
        Err(MovingError::new(format!(
            "there are no tables {prefix}users and {prefix}usergroups; {help}"
        )))
    }

    /// Whether a text can begin the names of tables.
    pub fn is_prefix(text: &str) -> bool {
        text.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    }

    /// The name of a table as statements write it.
    pub(super) fn table(&self, name: &str) -> String {
        format!("\"{}{name}\"", self.prefix)
    }

    /// Whether a table is there.
    pub(super) fn has(&mut self, table: &str) -> Outcome<bool> {
        Ok(self.columns_of(table)?.is_some())
    }

    /// Whether a column is there.
    pub(super) fn has_column(&mut self, table: &str, column: &str) -> Outcome<bool> {
        let columns = self.columns_of(table)?;
        Ok(columns.is_some_and(|columns| columns.iter().any(|name| name == column)))
    }

    /// The columns of a table; none where it is not there.
    pub(super) fn columns_of(&mut self, table: &str) -> Outcome<Option<&Vec<String>>> {
        if !self.columns.contains_key(table) {
            let found = self.source.columns(&format!("{}{table}", self.prefix))?;
            self.columns.insert(table.to_owned(), found);
        }
        Ok(self.columns[table].as_ref())
    }

    /// The rows of a statement.
    pub(super) fn rows(&mut self, sql: &str) -> Outcome<Vec<Row>> {
        self.source.rows(sql)
    }

    /// How many rows a table has; 0 where it is not there.
    pub(super) fn count(&mut self, table: &str, condition: &str) -> Outcome<u64> {
        if !self.has(table)? {
            return Ok(0);
        }
        let sql = format!(
            "SELECT COUNT(*) AS \"rows\" FROM {} WHERE {condition}",
            self.table(table)
        );
        let rows = self.rows(&sql)?;
        let count = rows.first().map_or(0, |row| row.number("rows"));
        Ok(u64::try_from(count).unwrap_or_default())
    }

    /// The rows of a table behind a key, by the key.
    pub(super) fn page(
        &mut self,
        table: &str,
        key: &str,
        after: i64,
        condition: &str,
    ) -> Outcome<Vec<Row>> {
        let sql = format!(
            "SELECT t.* FROM {} t WHERE t.\"{key}\" > {after} AND {condition} ORDER BY t.\"{key}\" LIMIT {BATCH}",
            self.table(table)
        );
        self.rows(&sql)
    }

    /// The rows of a table that is keyed by two numbers, behind a pair of them, by the pair.
    pub(super) fn page_of_pairs(
        &mut self,
        table: &str,
        (first, second): (&str, &str),
        after: Pair,
        condition: &str,
    ) -> Outcome<Vec<Row>> {
        let Pair(one, other) = after;
        let sql = format!(
            "SELECT t.* FROM {} t WHERE (t.\"{first}\" > {one} OR (t.\"{first}\" = {one} AND t.\"{second}\" > {other})) \
             AND {condition} ORDER BY t.\"{first}\", t.\"{second}\" LIMIT {BATCH}",
            self.table(table)
        );
        self.rows(&sql)
    }

    /// The rows of a table that belong to others, by whose they are.
    pub(super) fn beside(
        &mut self,
        table: &str,
        key: &str,
        owners: &[i64],
        condition: &str,
    ) -> Outcome<HashMap<i64, Vec<Row>>> {
        let mut found: HashMap<i64, Vec<Row>> = HashMap::new();
        if owners.is_empty() || !self.has(table)? {
            return Ok(found);
        }
        let owners: Vec<String> = owners.iter().map(i64::to_string).collect();
        let sql = format!(
            "SELECT t.* FROM {} t WHERE t.\"{key}\" IN ({}) AND {condition}",
            self.table(table),
            owners.join(", ")
        );
        for row in self.rows(&sql)? {
            found.entry(row.number(key)).or_default().push(row);
        }
        Ok(found)
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
        match make(&row)? {
            Made::Record(record) => batch.records.push(record),
            Made::Noted(record, note) => {
                batch.records.push(record);
                batch.notes.push((id, note));
            }
            Made::Skipped(why) => batch.skipped.push((id, why)),
            Made::Nothing => {}
        }
    }
    Ok(batch)
}

/// Two numbers that key a row there, and as one number an id here, in the same order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pair(pub(super) i64, pub(super) i64);

/// How much of an id the second number takes.
const SECOND_BITS: u32 = 24;

impl Pair {
    /// The pair of a row.
    pub(super) fn of(row: &Row, (first, second): (&str, &str)) -> Self {
        Self(row.number(first), row.number(second))
    }

    /// The pair of an id; before all others for a number below every id.
    pub(super) fn of_id(id: i64) -> Self {
        if id < 0 {
            return Self(-1, 0);
        }
        Self(id >> SECOND_BITS, id & ((1 << SECOND_BITS) - 1))
    }

    /// The id; none where the numbers are too large for one.
    pub(super) fn id(self) -> Option<i64> {
        let is_small = (0..1 << SECOND_BITS).contains(&self.1) && (0..1 << 28).contains(&self.0);
        is_small.then_some((self.0 << SECOND_BITS) | self.1)
    }
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
        match make(id, row)? {
            Made::Record(record) => batch.records.push(record),
            Made::Noted(record, note) => {
                batch.records.push(record);
                batch.notes.push((id, note));
            }
            Made::Skipped(why) => batch.skipped.push((id, why)),
            Made::Nothing => {}
        }
    }
    Ok(batch)
}

/// The keys of some rows.
pub(super) fn keys(rows: &[Row], key: &str) -> Vec<i64> {
    rows.iter().map(|row| row.number(key)).collect()
}

/// A record of the members of an object.
pub(super) fn record(value: Value) -> Record {
    match value {
        Value::Object(record) => record,
        _ => Record::new(),
    }
}

/// The object of a column with JSON; an empty one where there is none.
pub(super) fn object(row: &Row, column: &str) -> Record {
    let text = row.get(column).unwrap_or_default();
    record(serde_json::from_str(text).unwrap_or_default())
}

/// A text of an object; empty where there is none. Numbers are written out.
pub(super) fn text_of(object: &Record, name: &str) -> String {
    match object.get(name) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_become_ids_in_their_order_and_back() {
        let pairs = [
            Pair(0, 1),
            Pair(0, 7),
            Pair(1, 0),
            Pair(1, 16_777_215),
            Pair(2, 0),
        ];
        let ids: Vec<i64> = pairs.iter().map(|pair| pair.id().unwrap()).collect();
        assert!(ids.is_sorted());
        for (pair, id) in pairs.iter().zip(ids) {
            assert_eq!(Pair::of_id(id), *pair);
        }
        assert_eq!(Pair(1, 16_777_216).id(), None);
        assert_eq!(Pair::of_id(i64::MIN), Pair(-1, 0));
    }
}
