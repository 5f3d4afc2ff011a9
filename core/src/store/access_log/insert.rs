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

fn insert_arrays<'a>(
    connection: &mut Connection,
    node: &str,
    rows: impl Iterator<Item = &'a Row>,
) -> QueryResult<()> {
    let mut columns: [Array; 15] = std::array::from_fn(|_| Array::new());
    let mut count = 0;
    for row in rows {
        add(&mut columns, row);
        count += 1;
    }
    if count == 0 {
        return Ok(());
    }
    let [e, a, t, d, c, u, k, p, n, m, r, s, i, l, h] = columns.map(Array::finish);
    diesel::sql_query(UNNEST)
        .bind::<Text, _>(e)
        .bind::<Text, _>(a)
        .bind::<Text, _>(t)
        .bind::<Text, _>(d)
        .bind::<Text, _>(c)
        .bind::<Text, _>(u)
        .bind::<Text, _>(k)
        .bind::<Text, _>(p)
        .bind::<Text, _>(n)
        .bind::<Text, _>(m)
        .bind::<Text, _>(r)
        .bind::<Text, _>(s)
        .bind::<Text, _>(i)
        .bind::<Text, _>(l)
        .bind::<Text, _>(node)
        .bind::<Text, _>(h)
        .execute(connection)?;
    Ok(())
}

fn add([e, a, t, d, c, u, k, p, n, m, r, s, i, l, h]: &mut [Array; 15], row: &Row) {
    e.text(&row.endpoint);
    a.number(row.access_type.into());
    t.number(row.request_ms);
    d.number(row.request_day());
    c.text(&row.error_code);
    u.number(row.user_id);
    k.number(row.key.as_ref().map_or(0, |key| key.id));
    p.text(row.key.as_ref().map_or("", |key| &key.prefix));
    n.text(&row.action);
    m.text(&row.module);
    r.text(&row.resource);
    s.number(row.duration_us);
    i.text(&row.request_id);
    l.text(&row.client_address);
    h.number(row.http_status.into());
}
