//! Rows into the log, many in one statement.

use std::fmt::Write as _;
use std::sync::LazyLock;

use diesel::prelude::*;
use diesel::sql_types::Text;
use loggia_abi::Value;
use loggia_abi::value::kind;
use loggia_sql::{Connection, Dialect};

use super::Row;

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

/// PostgreSQL: one statement for any number of rows, from one array a column.
const UNNEST: &str = r#"INSERT INTO "access_log" ("endpoint", "access_type", "request_ms", "request_day", "error",
 "error_code", "user_id", "key_id", "key_prefix", "action", "module", "resource", "duration_us", "request_id",
 "node", "client_address", "http_status")
 SELECT e, a, t, d, CASE WHEN c = '' THEN 0 ELSE 1 END, c, u, k, p, n, m, r, s, i, $15, l, h
 FROM unnest(CAST($1 AS TEXT[]), CAST($2 AS SMALLINT[]), CAST($3 AS BIGINT[]), CAST($4 AS BIGINT[]),
 CAST($5 AS TEXT[]), CAST($6 AS BIGINT[]), CAST($7 AS BIGINT[]), CAST($8 AS TEXT[]), CAST($9 AS TEXT[]),
 CAST($10 AS TEXT[]), CAST($11 AS TEXT[]), CAST($12 AS BIGINT[]), CAST($13 AS TEXT[]), CAST($14 AS TEXT[]),
 CAST($16 AS SMALLINT[])) AS x (e, a, t, d, c, u, k, p, n, m, r, s, i, l, h)"#;

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

/// The text of a PostgreSQL array.
struct Array(String);

impl Array {
    fn new() -> Self {
        Array(String::from("{"))
    }

    fn separate(&mut self) {
        if self.0.len() > 1 {
            self.0.push(',');
        }
    }

    fn number(&mut self, number: i64) {
        self.separate();
        // Writing to a text does not fail.
        let _ = write!(self.0, "{number}");
    }

    fn text(&mut self, text: &str) {
        self.separate();
        self.0.push('"');
        if text.contains(['"', '\\']) {
            for character in text.chars() {
                if matches!(character, '"' | '\\') {
                    self.0.push('\\');
                }
                self.0.push(character);
            }
        } else {
            self.0.push_str(text);
        }
        self.0.push('"');
    }

    fn finish(mut self) -> String {
        self.0.push('}');
        self.0
    }
}

/// The columns of a statement, but for the node, which is the same in all rows.
struct Columns {
    endpoint: Array,
    access_type: Array,
    request_ms: Array,
    request_day: Array,
    error_code: Array,
    user_id: Array,
    key_id: Array,
    key_prefix: Array,
    action: Array,
    module: Array,
    resource: Array,
    duration_us: Array,
    request_id: Array,
    client_address: Array,
    http_status: Array,
}

impl Columns {
    fn new() -> Self {
        Columns {
            endpoint: Array::new(),
            access_type: Array::new(),
            request_ms: Array::new(),
            request_day: Array::new(),
            error_code: Array::new(),
            user_id: Array::new(),
            key_id: Array::new(),
            key_prefix: Array::new(),
            action: Array::new(),
            module: Array::new(),
            resource: Array::new(),
            duration_us: Array::new(),
            request_id: Array::new(),
            client_address: Array::new(),
            http_status: Array::new(),
        }
    }

    fn add(&mut self, row: &Row) {
        self.endpoint.text(&row.endpoint);
        self.access_type.number(row.access_type.into());
        self.request_ms.number(row.request_ms);
        self.request_day.number(row.request_day());
        self.error_code.text(&row.error_code);
        self.user_id.number(row.user_id);
        self.key_id.number(row.key.as_ref().map_or(0, |key| key.id));
        let prefix = row.key.as_ref().map_or("", |key| &key.prefix);
        self.key_prefix.text(prefix);
        self.action.text(&row.action);
        self.module.text(&row.module);
        self.resource.text(&row.resource);
        self.duration_us.number(row.duration_us);
        self.request_id.text(&row.request_id);
        self.client_address.text(&row.client_address);
        self.http_status.number(row.http_status.into());
    }
}

fn insert_arrays<'a>(
    connection: &mut Connection,
    node: &str,
    rows: impl Iterator<Item = &'a Row>,
) -> QueryResult<()> {
    let mut columns = Columns::new();
    let mut rows = rows.peekable();
    if rows.peek().is_none() {
        return Ok(());
    }
    rows.for_each(|row| columns.add(row));
    diesel::sql_query(UNNEST)
        .bind::<Text, _>(columns.endpoint.finish())
        .bind::<Text, _>(columns.access_type.finish())
        .bind::<Text, _>(columns.request_ms.finish())
        .bind::<Text, _>(columns.request_day.finish())
        .bind::<Text, _>(columns.error_code.finish())
        .bind::<Text, _>(columns.user_id.finish())
        .bind::<Text, _>(columns.key_id.finish())
        .bind::<Text, _>(columns.key_prefix.finish())
        .bind::<Text, _>(columns.action.finish())
        .bind::<Text, _>(columns.module.finish())
        .bind::<Text, _>(columns.resource.finish())
        .bind::<Text, _>(columns.duration_us.finish())
        .bind::<Text, _>(columns.request_id.finish())
        .bind::<Text, _>(columns.client_address.finish())
        .bind::<Text, _>(node)
        .bind::<Text, _>(columns.http_status.finish())
        .execute(connection)?;
    Ok(())
}
