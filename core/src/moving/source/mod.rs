//! Where a Joomla site is read from: a server or a dump, never changed.
//!
//! All of them answer the same SQL: names in `"`, `LIMIT`, and values as texts.

mod dump;
mod mysql;
mod postgresql;
mod shelf;

use std::path::Path;
use std::sync::Arc;

use super::{MovingError, Outcome};

pub use dump::Reading;

/// A row: texts by the names of the columns.
#[derive(Clone, Debug)]
pub struct Row {
    columns: Arc<[String]>,
    cells: Vec<Option<String>>,
}

impl Row {
    /// NUL characters, which MySQL keeps and no database of ours, become U+FFFD.
    fn new(columns: Arc<[String]>, mut cells: Vec<Option<String>>) -> Self {
        for text in cells.iter_mut().flatten() {
            if text.contains('\0') {
                *text = text.replace('\0', "\u{fffd}");
            }
        }
        Self { columns, cells }
    }

    /// What a column holds; none where it is NULL or there is no such column.
    pub fn get(&self, column: &str) -> Option<&str> {
        let place = self.columns.iter().position(|name| name == column)?;
        self.cells.get(place)?.as_deref()
    }

    /// The text of a column; empty where there is none.
    pub fn text(&self, column: &str) -> String {
        self.get(column).unwrap_or_default().to_owned()
    }

    /// The whole number of a column; 0 where there is none.
    pub fn number(&self, column: &str) -> i64 {
        let text = self.get(column).unwrap_or_default();
        text.parse().unwrap_or_else(|_| i64::from(text == "true"))
    }

    /// The columns in their order.
    pub fn columns(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        let cells = self.cells.iter().map(Option::as_deref);
        self.columns.iter().map(String::as_str).zip(cells)
    }
}

/// Whatever a site is read from.
pub trait Source {
    /// The columns of a table; none where there is no such table.
    fn columns(&mut self, table: &str) -> Outcome<Option<Vec<String>>>;
    /// The tables whose names end in a text.
    fn tables(&mut self, ending: &str) -> Outcome<Vec<String>>;
    /// The rows of a statement that reads.
    fn rows(&mut self, sql: &str) -> Outcome<Vec<Row>>;
}

/// Opens what an operator has named: `mysql://`, `postgres://`, or the file of a dump, of which only the tables with
/// one of these prefixes and endings are looked at.
pub fn open(
    address: &str,
    wanted: &dyn Fn(&str) -> bool,
    reading: &mut dyn FnMut(Reading),
) -> Outcome<Box<dyn Source>> {
    if address.starts_with("mysql://") || address.starts_with("mariadb://") {
        return Ok(Box::new(mysql::Mysql::open(address)?));
    }
    if address.starts_with("postgres://") || address.starts_with("postgresql://") {
        return Ok(Box::new(postgresql::Postgresql::open(address)?));
    }
    if address.contains("://") {
        let text = "name the database as mysql://USER:PASSWORD@HOST/DATABASE, postgres://..., or a file with SQL";
        return Err(MovingError::new(text));
    }
    Ok(Box::new(dump::read(Path::new(address), wanted, reading)?))
}

/// A text in a statement; for names of tables, which are plain.
fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
