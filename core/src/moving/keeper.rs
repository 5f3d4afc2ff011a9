//! What it is to keep records: to tell the kinds, to give some of a kind, and to take and delete them.

use serde::Deserialize;
use serde_json::Value;

use super::Outcome;
use super::record::Record;

/// The name under which the host keeps accounts, groups and keys.
pub const CORE: &str = "core";

/// A kind of records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kind {
    /// Its name.
    pub name: String,
    /// Whether it holds hashes of passwords or keys.
    pub is_secret: bool,
}

/// Some records of a kind, by their ids.
#[derive(Debug, Default, Deserialize)]
pub struct Page {
    /// The records.
    pub records: Vec<Record>,
    /// Behind which id the next page begins; none at the end.
    pub next: Option<i64>,
}

/// What became of records that were given to a keeper.
#[derive(Debug, Default, Deserialize)]
pub struct Put {
    /// So many were written.
    pub taken: u64,
    /// These were not.
    pub refused: Vec<Refused>,
}

/// A record that was not written.
#[derive(Debug, Deserialize)]
pub struct Refused {
    /// Its id.
    pub id: Value,
    /// The rule that it broke.
    pub why: String,
}

/// Whoever keeps records.
pub trait Keeper {
    /// The name that stands in lines.
    fn name(&self) -> &str;
    /// The kinds, each behind those that it names.
    fn kinds(&self) -> Outcome<Vec<Kind>>;
    /// The records of a kind behind an id.
    fn page(&self, kind: &str, after: i64, limit: usize) -> Outcome<Page>;
    /// Adds or replaces records by their ids.
    fn put(&self, kind: &str, records: &[Record]) -> Outcome<Put>;
    /// Deletes records; none where there is no way to.
    fn delete(&self, kind: &str, ids: &[i64]) -> Outcome<Option<u64>>;
}
