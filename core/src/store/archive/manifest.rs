//! What an archive says about itself.

use serde::{Deserialize, Serialize};

/// The form of the archive. A program that knows a higher one reads the lower ones.
pub(super) const FORMAT: u32 = 1;
pub(super) const MANIFEST: &str = "manifest.json";
pub(super) const FILES: &str = "files/";

#[derive(Serialize, Deserialize)]
pub(super) struct Manifest {
    pub(super) format: u32,
    /// The version of Loggia that made it.
    pub(super) program: String,
    pub(super) created_ms: i64,
    /// In the order in which they ran.
    pub(super) migrations: Vec<Ran>,
    pub(super) tables: Vec<Table>,
    pub(super) files: u64,
}

/// A migration that had run.
#[derive(Serialize, Deserialize)]
pub(super) struct Ran {
    pub(super) owner: String,
    pub(super) version: i64,
    pub(super) name: String,
    pub(super) applied_ms: i64,
    pub(super) sequence: i64,
    pub(super) up: String,
    pub(super) down: String,
}

/// A table, whose rows stand in an entry of their own.
#[derive(Serialize, Deserialize)]
pub(super) struct Table {
    pub(super) name: String,
    pub(super) columns: Vec<String>,
    pub(super) rows: u64,
    /// The last number that its key has given out, so that no number is given twice.
    pub(super) last_id: Option<i64>,
}

impl Table {
    pub(super) fn entry(&self) -> String {
        format!("tables/{}.ndjson", self.name)
    }
}
