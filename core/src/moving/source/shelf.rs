//! The tables of a dump, put into a file of SQLite that is gone afterwards: so a dump of any size can be asked like a
//! server.

use std::sync::Arc;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, params_from_iter};
use tempfile::TempDir;

use super::{Row, Source, literal};
use crate::moving::{MovingError, Outcome};

/// The columns by which rows are looked for; each gets an index where a table has it.
const LOOKED_FOR: [&str; 9] = [
    "id",
    "mesid",
    "postid",
    "item_id",
    "user_id",
    "userid",
    "content_item_id",
    "content_id",
    "fieldid",
];

/// A column of a dumped table.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) name: String,
    /// Whether it holds whole numbers, which are compared as such.
    pub(super) is_number: bool,
}

/// The file.
pub(super) struct Shelf {
    connection: Connection,
    _folder: TempDir,
}

impl Shelf {
    pub(super) fn new() -> Outcome<Self> {
        let folder = TempDir::with_prefix("loggia-import-")
            .map_err(MovingError::of("a temporary folder"))?;
        let connection = Connection::open(folder.path().join("dump.db")).map_err(told)?;
        connection
            .execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN")
            .map_err(told)?;
        Ok(Self {
            connection,
            _folder: folder,
        })
    }

    /// Makes a table; one of the same name that came before is replaced, as by the dump itself.
    pub(super) fn make(&self, table: &str, columns: &[Column]) -> Outcome<()> {
        let columns: Vec<String> = columns
            .iter()
            .map(|column| {
                let kind = if column.is_number { "INTEGER" } else { "TEXT" };
                format!("{} {kind}", quoted(&column.name))
            })
            .collect();
        let table = quoted(table);
        let columns = columns.join(", ");
        self.connection
            .execute_batch(&format!(
                "DROP TABLE IF EXISTS {table}; CREATE TABLE {table} ({columns})"
            ))
            .map_err(told)
    }

    /// The text of the statement that adds a row.
    pub(super) fn insertion(table: &str, columns: &[String]) -> String {
        let names: Vec<String> = columns.iter().map(|name| quoted(name)).collect();
        let places = vec!["?"; columns.len()].join(", ");
        format!(
            "INSERT INTO {} ({}) VALUES ({places})",
            quoted(table),
            names.join(", ")
        )
    }

    pub(super) fn add(&self, insertion: &str, cells: &[Option<String>]) -> Outcome<()> {
        let mut statement = self.connection.prepare_cached(insertion).map_err(told)?;
        statement
            .execute(params_from_iter(cells))
            .map(drop)
            .map_err(told)
    }

    /// Ends the filling.
    pub(super) fn finish(mut self) -> Outcome<Self> {
        for table in self.tables("")? {
            let columns = self.columns(&table)?.unwrap_or_default();
            for column in columns
                .iter()
                .filter(|name| LOOKED_FOR.contains(&name.as_str()))
            {
                let index = quoted(&format!("{table}_by_{column}"));
                let sql = format!(
                    "CREATE INDEX {index} ON {} ({})",
                    quoted(&table),
                    quoted(column)
                );
                self.connection.execute_batch(&sql).map_err(told)?;
            }
        }
        self.connection.execute_batch("COMMIT").map_err(told)?;
        Ok(self)
    }
}

impl Source for Shelf {
    fn columns(&mut self, table: &str) -> Outcome<Option<Vec<String>>> {
        let sql = format!(
            "SELECT name FROM pragma_table_info({}) ORDER BY cid",
            literal(table)
        );
        let names: Vec<String> = self
            .rows(&sql)?
            .iter()
            .map(|row| row.text("name"))
            .collect();
        Ok(Some(names).filter(|names| !names.is_empty()))
    }

    fn tables(&mut self, ending: &str) -> Outcome<Vec<String>> {
        let rows = self.rows("SELECT name FROM sqlite_master WHERE type = 'table'")?;
        let names = rows.iter().map(|row| row.text("name"));
        Ok(names.filter(|name| name.ends_with(ending)).collect())
    }

    fn rows(&mut self, sql: &str) -> Outcome<Vec<Row>> {
        let mut statement = self.connection.prepare_cached(sql).map_err(told)?;
        let names: Arc<[String]> = statement.column_names().map(str::to_owned).collect();
        let mut found = statement.query([]).map_err(told)?;
        let mut rows = Vec::new();
        while let Some(row) = found.next().map_err(told)? {
            let cells = (0..names.len()).map(|place| row.get_ref(place).map(text));
            let cells = cells.collect::<Result<_, _>>().map_err(told)?;
            rows.push(Row::new(Arc::clone(&names), cells));
        }
        Ok(rows)
    }
}

fn text(value: ValueRef<'_>) -> Option<String> {
    match value {
        ValueRef::Null => None,
        ValueRef::Integer(number) => Some(number.to_string()),
        ValueRef::Real(number) => Some(number.to_string()),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => {
            Some(String::from_utf8_lossy(bytes).into_owned())
        }
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn told(error: rusqlite::Error) -> MovingError {
    MovingError::new(format!("the file made of the dump: {error}"))
}
