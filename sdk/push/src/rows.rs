//! Many rows of the ledger in one statement, and the counters that follow them.
//!
//! The rows come as texts, so that a statement reads the same for any number of them and stays prepared.

use std::fmt::Write as _;

use diesel::QueryResult;
use loggia_abi::Value;
use loggia_abi::value::kind;
use loggia_sql::{Connection, Dialect};

use crate::state::State;

/// Rows for a statement. PostgreSQL is given an array for each column: it would read a list of JSON again for each value
/// that is taken out. SQLite has no arrays, and is given one list of lists.
pub(crate) struct Listing {
    dialect: Dialect,
    columns: &'static [Column],
    texts: Vec<String>,
}

/// A column's name, and what is in it.
pub(crate) type Column = (&'static str, Kind);

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Number,
    Text,
}

/// One value.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Cell<'a> {
    Number(i64),
    Text(&'a str),
    Null,
}

impl<'a> From<Option<&'a str>> for Cell<'a> {
    fn from(text: Option<&'a str>) -> Self {
        text.map_or(Cell::Null, Cell::Text)
    }
}

impl From<Option<i64>> for Cell<'_> {
    fn from(number: Option<i64>) -> Self {
        number.map_or(Cell::Null, Cell::Number)
    }
}

impl Listing {
    pub(crate) fn new(dialect: Dialect, columns: &'static [Column]) -> Self {
        let (texts, opening) = match dialect {
            Dialect::Sqlite => (1, "["),
            Dialect::Postgresql => (columns.len(), "{"),
        };
        Listing {
            dialect,
            columns,
            texts: vec![opening.to_owned(); texts],
        }
    }

    /// One column of numbers.
    pub(crate) fn of_devices(dialect: Dialect, ids: impl IntoIterator<Item = i64>) -> Self {
        let mut listing = Self::new(dialect, &[("device", Kind::Number)]);
        for id in ids {
            listing.push([Cell::Number(id)]);
        }
        listing
    }

    /// Adds a row, with as many values as there are columns.
    pub(crate) fn push<const N: usize>(&mut self, cells: [Cell<'_>; N]) {
        match self.dialect {
            Dialect::Sqlite => {
                let text = &mut self.texts[0];
                separate(text);
                text.push('[');
                for cell in cells {
                    separate(text);
                    write_json(text, cell);
                }
                text.push(']');
            }
            Dialect::Postgresql => {
                for (text, cell) in self.texts.iter_mut().zip(cells) {
                    separate(text);
                    write_element(text, cell);
                }
            }
        }
    }

    /// What a statement takes the rows from. Its values are those from this place on.
    pub(crate) fn source(&self, place: usize) -> String {
        let columns = self.columns.iter().enumerate();
        match self.dialect {
            Dialect::Sqlite => {
                let columns = columns.map(|(at, (name, kind))| match kind {
                    Kind::Number => format!("CAST(value ->> {at} AS BIGINT) AS \"{name}\""),
                    Kind::Text => format!("value ->> {at} AS \"{name}\""),
                });
                let columns: Vec<_> = columns.collect();
                let columns = columns.join(", ");
                format!("(SELECT {columns} FROM json_each(${place})) AS \"listed\"")
            }
            Dialect::Postgresql => {
                let arrays = columns.map(|(at, (_, kind))| match kind {
                    Kind::Number => format!("CAST(${} AS BIGINT[])", place + at),
                    Kind::Text => format!("CAST(${} AS TEXT[])", place + at),
                });
                let arrays: Vec<_> = arrays.collect();
                let names = self.columns.iter().map(|(name, _)| format!("\"{name}\""));
                let names: Vec<_> = names.collect();
                let (arrays, names) = (arrays.join(", "), names.join(", "));
                format!("unnest({arrays}) AS \"listed\" ({names})")
            }
        }
    }

    /// The rows as texts, each a value of the statement.
    pub(crate) fn finish(mut self) -> Vec<String> {
        let closing = match self.dialect {
            Dialect::Sqlite => ']',
            Dialect::Postgresql => '}',
        };
        self.texts.iter_mut().for_each(|text| text.push(closing));
        self.texts
    }
}

/// Puts a comma behind a value; behind an opening there is none.
fn separate(text: &mut String) {
    if !text.ends_with(['[', '{']) {
        text.push(',');
    }
}

fn number_into(text: &mut String, number: i64) {
    // Writing into a string cannot fail.
    let _ = write!(text, "{number}");
}

/// Adds a value to a list of JSON.
fn write_json(text: &mut String, cell: Cell<'_>) {
    match cell {
        Cell::Number(number) => number_into(text, number),
        Cell::Text(content) => {
            text.push_str(&serde_json::to_string(content).unwrap_or_default());
        }
        Cell::Null => text.push_str("null"),
    }
}

/// Adds a value to an array, in which only quotes and backslashes stand for something. Characters that a database cannot
/// hold are left out.
fn write_element(text: &mut String, cell: Cell<'_>) {
    match cell {
        Cell::Number(number) => number_into(text, number),
        Cell::Text(content) => {
            text.push('"');
            for sign in content.chars().filter(|sign| *sign != '\0') {
                if matches!(sign, '"' | '\\') {
                    text.push('\\');
                }
                text.push(sign);
            }
            text.push('"');
        }
        Cell::Null => text.push_str("NULL"),
    }
}

/// Numbers as a JSON list.
pub(crate) fn list(ids: impl Iterator<Item = i64>) -> String {
    let mut text = String::from("[");
    for id in ids {
        separate(&mut text);
        number_into(&mut text, id);
    }
    text.push(']');
    text
}

/// Values with the texts of a listing behind them.
pub(crate) fn with<'a>(mut values: Vec<Value<'a>>, texts: &'a [String]) -> Vec<Value<'a>> {
    values.extend(texts.iter().map(|text| Value::text(text)));
    values
}

pub(crate) fn number(number: i64) -> Value<'static> {
    Value::integer(kind::I64, number)
}

pub(crate) fn optional_number(number: Option<i64>) -> Value<'static> {
    number.map_or(Value::null(kind::I64), self::number)
}

pub(crate) fn optional_text(text: Option<&str>) -> Value<'_> {
    text.map_or(Value::null(kind::TEXT), Value::text)
}

/// Moves a notification's counters, whose row is locked by the caller.
pub(crate) fn count(
    connection: &mut Connection,
    notification_id: i64,
    deltas: &[(State, i64)],
) -> QueryResult<()> {
    let moved: Vec<_> = deltas.iter().filter(|(_, delta)| *delta != 0).collect();
    if moved.is_empty() {
        return Ok(());
    }
    let sets: Vec<String> = moved
        .iter()
        .enumerate()
        .map(|(at, (state, _))| format!("\"{0}\" = \"{0}\" + ${1}", state.word(), at + 2))
        .collect();
    let sql = format!(
        "UPDATE \"push_notification\" SET {} WHERE \"id\" = $1",
        sets.join(", ")
    );
    let mut values = vec![number(notification_id)];
    values.extend(moved.iter().map(|(_, delta)| number(*delta)));
    connection.execute_values(&sql, &values)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: [Column; 3] = [
        ("device", Kind::Number),
        ("vendor", Kind::Text),
        ("next", Kind::Number),
    ];

    fn listing(dialect: Dialect) -> Listing {
        let mut listing = Listing::new(dialect, &COLUMNS);
        listing.push([Cell::Number(7), Cell::Text(r#"[a"\,{"#), Cell::Null]);
        listing.push([Cell::Number(-8), Cell::Null, Cell::Number(9)]);
        listing
    }

    #[test]
    fn one_database_is_given_a_list_of_rows_and_the_other_an_array_for_each_column() {
        let (listed, columns) = (
            listing(Dialect::Sqlite).finish(),
            listing(Dialect::Postgresql).finish(),
        );
        assert_eq!(listed, [r#"[[7,"[a\"\\,{",null],[-8,null,9]]"#]);
        assert_eq!(columns, ["{7,-8}", r#"{"[a\"\\,{",NULL}"#, "{NULL,9}"]);
    }

    #[test]
    fn a_listing_of_nothing_is_empty() {
        let texts = |dialect| Listing::of_devices(dialect, []).finish();
        assert_eq!(texts(Dialect::Sqlite), ["[]"]);
        assert_eq!(texts(Dialect::Postgresql), ["{}"]);
    }
}
