//! What became of the records, by table.

use std::collections::BTreeMap;

use serde::Serialize;

/// How many ids stand beside a reason.
const SHOWN_IDS: usize = 5;

/// One table.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Line {
    /// The table that was read, or the kind of the lines.
    pub table: String,
    /// Who keeps its records here.
    pub module: String,
    /// As which kind.
    pub kind: String,
    /// New here.
    pub taken: u64,
    /// Changed there, and so here.
    pub updated: u64,
    /// The same as at the last time.
    pub unchanged: u64,
    /// Changed or deleted here, and left so.
    pub kept: u64,
    /// Gone there, and so here.
    pub deleted: u64,
    /// Not moved.
    pub skipped: u64,
    /// Why not, or why so.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<Reason>,
}

/// Why records were not moved, or not as they were.
#[derive(Clone, Debug, Serialize)]
pub struct Reason {
    /// The reason.
    pub why: String,
    /// How many.
    pub records: u64,
    /// Some of their ids.
    pub ids: Vec<i64>,
}

/// All tables, and what is to be said beside them.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// By table.
    pub tables: Vec<Line>,
    /// What an operator should know.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// A line being counted.
#[derive(Debug, Default)]
pub struct Tally {
    /// The numbers.
    pub line: Line,
    reasons: BTreeMap<String, Reason>,
}

impl Tally {
    /// Nothing yet.
    pub fn new(table: &str, module: &str, kind: &str) -> Self {
        let line = Line {
            table: table.to_owned(),
            module: module.to_owned(),
            kind: kind.to_owned(),
            ..Line::default()
        };
        Self {
            line,
            reasons: BTreeMap::new(),
        }
    }

    /// A record that is not moved.
    pub fn skip(&mut self, id: i64, why: &str) {
        self.line.skipped += 1;
        self.note(id, why);
    }

    /// What is to be said of a record.
    pub fn note(&mut self, id: i64, why: &str) {
        let reason = self
            .reasons
            .entry(why.to_owned())
            .or_insert_with(|| Reason {
                why: why.to_owned(),
                records: 0,
                ids: Vec::new(),
            });
        reason.records += 1;
        if reason.ids.len() < SHOWN_IDS {
            reason.ids.push(id);
        }
    }

    /// The line with its reasons.
    pub fn finish(self) -> Line {
        Line {
            reasons: self.reasons.into_values().collect(),
            ..self.line
        }
    }
}
