//! Rows into the log, many in one statement.

use std::fmt::Write as _;

use diesel::prelude::*;
use diesel::sql_types::Text;
use loggia_sql::{Connection, Dialect};

use super::{Row, access_log};

/// SQLite: how many rows a statement takes. Few different sizes keep the prepared statements few.
const SIZES: [usize; 4] = [100, 25, 5, 1];

/// PostgreSQL: one statement for any number of rows, from one array a column.
const UNNEST: &str = r#"INSERT INTO "access_log" ("endpoint", "access_type", "request_ms", "request_day", "error",
 "error_code", "user_id", "key_id", "key_prefix", "action", "module", "resource", "duration_us", "request_id",
 "node", "client_address", "http_status")
 SELECT e, a, t, d, CASE WHEN c = '' THEN 0 ELSE 1 END, c, u, k, p, n, m, r, s, i, $15, l, h
 FROM unnest(CAST($1 AS TEXT[]), CAST($2 AS SMALLINT[]), CAST($3 AS BIGINT[]), CAST($4 AS BIGINT[]),
 CAST($5 AS TEXT[]), CAST($6 AS BIGINT[]), CAST($7 AS BIGINT[]), CAST($8 AS TEXT[]), CAST($9 AS TEXT[]),
 CAST($10 AS TEXT[]), CAST($11 AS TEXT[]), CAST($12 AS BIGINT[]), CAST($13 AS TEXT[]), CAST($14 AS TEXT[]),
 CAST($16 AS SMALLINT[])) AS x (e, a, t, d, c, u, k, p, n, m, r, s, i, l, h)"#;

#[derive(Insertable)]
#[diesel(table_name = access_log, check_for_backend(loggia_sql::Backend))]
struct NewRow<'a> {
    endpoint: &'a str,
    access_type: i16,
    request_ms: i64,
    request_day: i64,
    error: i16,
    error_code: &'a str,
    user_id: i64,
    key_id: i64,
    key_prefix: &'a str,
    action: &'a str,
    module: &'a str,
    resource: &'a str,
    duration_us: i64,
    request_id: &'a str,
    node: &'a str,
    client_address: &'a str,
    http_status: i16,
}

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
    let mut rows: Vec<NewRow<'_>> = rows.map(|row| NewRow::new(row, node)).collect();
    for size in SIZES {
        while rows.len() >= size {
            let chunk = rows.split_off(rows.len() - size);
            diesel::insert_into(access_log::table)
                .values(chunk)
                .execute(connection)?;
        }
    }
    Ok(())
}

impl<'a> NewRow<'a> {
    fn new(row: &'a Row, node: &'a str) -> Self {
        NewRow {
            endpoint: &row.endpoint,
            access_type: row.access_type,
            request_ms: row.request_ms,
            request_day: row.request_day(),
            error: i16::from(!row.error_code.is_empty()),
            error_code: &row.error_code,
            user_id: row.user_id,
            key_id: row.key.as_ref().map_or(0, |key| key.id),
            key_prefix: row.key.as_ref().map_or("", |key| &key.prefix),
            action: &row.action,
            module: &row.module,
            resource: &row.resource,
            duration_us: row.duration_us,
            request_id: &row.request_id,
            node,
            client_address: &row.client_address,
            http_status: row.http_status,
        }
    }
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
