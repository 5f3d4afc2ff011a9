//! A PostgreSQL server, in one transaction that only reads and sees one moment.

use std::sync::Arc;

use diesel::connection::{Connection as _, SimpleConnection as _};
use diesel::pg::PgConnection;
use diesel::prelude::{QueryableByName, RunQueryDsl as _};
use diesel::sql_types::Text;
use serde_json::{Map, Value};

use super::{Row, Source, literal};
use crate::moving::{MovingError, Outcome};

/// A connection to the server.
pub(super) struct Postgresql {
    connection: PgConnection,
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

impl Postgresql {
    pub(super) fn open(address: &str) -> Outcome<Self> {
        let connection = PgConnection::establish(address);
        let mut connection = connection.map_err(MovingError::of("the PostgreSQL server"))?;
        connection
            .batch_execute("BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            .map_err(told)?;
        Ok(Self { connection })
    }

    fn lines(&mut self, sql: &str) -> Outcome<Vec<String>> {
        let lines: Vec<Line> = diesel::sql_query(sql)
            .load(&mut self.connection)
            .map_err(told)?;
        Ok(lines.into_iter().map(|one| one.line).collect())
    }
}

impl Source for Postgresql {
    fn columns(&mut self, table: &str) -> Outcome<Option<Vec<String>>> {
        let found = self.lines(&format!(
            "SELECT column_name::text AS line FROM information_schema.columns \
             WHERE table_schema = ANY (current_schemas(false)) AND table_name = {} ORDER BY ordinal_position",
            literal(table)
        ))?;
        Ok(Some(found).filter(|found| !found.is_empty()))
    }

    fn tables(&mut self, ending: &str) -> Outcome<Vec<String>> {
        let all = self.lines(
            "SELECT table_name::text AS line FROM information_schema.tables \
             WHERE table_schema = ANY (current_schemas(false))",
        )?;
        Ok(all
            .into_iter()
            .filter(|name| name.ends_with(ending))
            .collect())
    }

    /// The server writes each row as a JSON object, so that a column of any type is a text here.
    fn rows(&mut self, sql: &str) -> Outcome<Vec<Row>> {
        let lines = self.lines(&format!(
            "SELECT row_to_json(t)::text AS line FROM ({sql}) t"
        ))?;
        let mut names: Option<Arc<[String]>> = None;
        let rows = lines.iter().map(|line| {
            let row: Map<String, Value> =
                serde_json::from_str(line).map_err(MovingError::of("the PostgreSQL server"))?;
            let names = names.get_or_insert_with(|| row.keys().cloned().collect());
            let cells = row.into_iter().map(|(_, value)| text(value)).collect();
            Ok(Row::new(Arc::clone(names), cells))
        });
        rows.collect()
    }
}

fn text(value: Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text),
        Value::Bool(is) => Some(i64::from(is).to_string()),
        other => Some(other.to_string()),
    }
}

fn told(error: diesel::result::Error) -> MovingError {
    MovingError::new(format!("the PostgreSQL server: {error}"))
}
