//! Rows into the log, many in one statement.

use std::sync::LazyLock;

use diesel::QueryResult;
use loggia_abi::Value;
use loggia_abi::value::kind;
use loggia_sql::{Connection, Dialect};

use super::Row;
use super::columns::{Columns, FROM_ARRAYS};

/// The columns that a row gives.
const COLUMNS: [&str; 17] = [
    "endpoint",
    "access_type",
    "request_ms",
    "request_day",
    "error",
    "error_code",
    "user_id",
    "key_id",
    "key_prefix",
    "action",
    "module",
    "resource",
    "duration_us",
    "request_id",
    "node",
    "client_address",
    "http_status",
];

/// SQLite: statements by how many rows they take. The texts are the same every time, so that the writer builds
/// none and the driver keeps them prepared; few sizes keep them few. Preparing takes the square of a statement's
/// values, which is why the largest is not larger.
static STATEMENTS: LazyLock<[(usize, String); 4]> =
    LazyLock::new(|| [50, 12, 3, 1].map(|rows| (rows, statement(rows))));

/// Writes rows, in the caller's transaction.
pub(crate) fn insert<'a>(
    connection: &mut Connection,
    node: &str,
    rows: impl Iterator<Item = &'a Row>,
) -> QueryResult<()> {
    match connection.dialect() {
        Dialect::Sqlite => insert_values(connection, node, rows),
        Dialect::Postgresql => insert_arrays(connection, node, rows),
    }
}

fn insert_values<'a>(
    connection: &mut Connection,
    node: &str,
    rows: impl Iterator<Item = &'a Row>,
) -> QueryResult<()> {
    let values: Vec<Value<'_>> = rows.flat_map(|row| values(row, node)).collect();
    let mut rest = values.as_slice();
    for (rows, text) in STATEMENTS.iter() {
        while let Some((chunk, others)) = rest.split_at_checked(rows * COLUMNS.len())
            && !chunk.is_empty()
        {
            connection.execute_values(text, chunk)?;
            rest = others;
        }
    }
    Ok(())
}

/// A row's values, in the order of the columns.
fn values<'a>(row: &'a Row, node: &'a str) -> [Value<'a>; COLUMNS.len()] {
    let small = |number: i16| Value::integer(kind::I16, number.into());
    let number = |number: i64| Value::integer(kind::I64, number);
    [
        Value::text(&row.endpoint),
        small(row.access_type),
        number(row.request_ms),
        number(row.request_day()),
        small(i16::from(!row.error_code.is_empty())),
        Value::text(&row.error_code),
        number(row.user_id),
        number(row.key.as_ref().map_or(0, |key| key.id)),
        Value::text(row.key.as_ref().map_or("", |key| &key.prefix)),
        Value::text(&row.action),
        Value::text(&row.module),
        Value::text(&row.resource),
        number(row.duration_us),
        Value::text(&row.request_id),
        Value::text(node),
        Value::text(&row.client_address),
        small(row.http_status),
    ]
}

fn statement(rows: usize) -> String {
    let columns = COLUMNS.map(|column| format!("\"{column}\"")).join(", ");
    let row = |first: usize| {
        let places = (1..=COLUMNS.len()).map(|place| format!("${}", first + place));
        format!("({})", places.collect::<Vec<_>>().join(", "))
    };
    let values: Vec<String> = (0..rows).map(|at| row(at * COLUMNS.len())).collect();
    format!(
        "INSERT INTO \"access_log\" ({columns}) VALUES {}",
        values.join(", ")
    )
}

fn insert_arrays<'a>(
    connection: &mut Connection,
    node: &str,
    rows: impl Iterator<Item = &'a Row>,
) -> QueryResult<()> {
    let columns = Columns::of(rows);
    if !columns.is_empty() {
        connection.execute_values(FROM_ARRAYS, &columns.values(node))?;
    }
    Ok(())
}
