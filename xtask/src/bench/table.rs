//! The figures of one run: printed as a table, written as JSON.

use std::fmt::Write as _;

use serde_json::{Value, json};

/// How a figure is compared with its line.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Line {
    /// The figure has to be at least this.
    AtLeast(f64),
    /// The figure has to be at most this.
    AtMost(f64),
    /// Told, not judged.
    None,
}

/// One figure.
pub(crate) struct Row {
    pub(crate) subject: &'static str,
    pub(crate) what: String,
    pub(crate) figure: f64,
    pub(crate) unit: &'static str,
    pub(crate) line: Line,
}

impl Row {
    fn met(&self) -> Option<bool> {
        match self.line {
            Line::AtLeast(bound) => Some(self.figure >= bound),
            Line::AtMost(bound) => Some(self.figure <= bound),
            Line::None => None,
        }
    }

    fn line_text(&self) -> String {
        match self.line {
            Line::AtLeast(bound) => format!("at least {bound}"),
            Line::AtMost(bound) => format!("at most {bound}"),
            Line::None => String::new(),
        }
    }
}

/// All figures of a run.
#[derive(Default)]
pub(crate) struct Table {
    rows: Vec<Row>,
}

impl Table {
    /// Adds a figure and says it at once, because a run takes minutes.
    pub(crate) fn add(&mut self, row: Row) {
        println!(
            "    {:<10} {:<58} {:>8.3} {}",
            row.subject, row.what, row.figure, row.unit
        );
        self.rows.push(row);
    }

    /// The table, as `docs/performance.md` has it.
    pub(crate) fn markdown(&self) -> String {
        let mut text = String::from("| | what | figure | line | |\n|---|---|---|---|---|\n");
        for row in &self.rows {
            let met = match row.met() {
                Some(true) => "met",
                Some(false) => "missed",
                None => "",
            };
            // Writing to a String cannot fail.
            let _ = writeln!(
                text,
                "| {} | {} | {:.3} {} | {} | {met} |",
                row.subject,
                row.what,
                row.figure,
                row.unit,
                row.line_text()
            );
        }
        text
    }

    /// The same for programs.
    pub(crate) fn json(&self, machine: &str) -> Value {
        let rows: Vec<Value> = self
            .rows
            .iter()
            .map(|row| {
                json!({
                    "subject": row.subject, "what": row.what, "figure": row.figure, "unit": row.unit,
                    "line": row.line_text(), "met": row.met(),
                })
            })
            .collect();
        json!({ "machine": machine, "rows": rows })
    }
}
