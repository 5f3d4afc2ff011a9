//! PostgreSQL: rows as arrays, one a column, so that one statement takes any number of them.

use std::fmt::Write as _;

use loggia_abi::Value;

use super::Row;

/// The statement for [`Columns::values`]. It ends with its `FROM`, so that a further table can bind what it does to
/// conditions.
pub(crate) const FROM_ARRAYS: &str = r#"INSERT INTO "access_log" ("endpoint", "access_type", "request_ms", "request_day", "error",
 "error_code", "user_id", "key_id", "key_prefix", "action", "module", "resource", "duration_us", "request_id",
 "node", "client_address", "http_status")
 SELECT e, a, t, d, CASE WHEN c = '' THEN 0 ELSE 1 END, c, u, k, p, n, m, r, s, i, $15, l, h
 FROM unnest(CAST($1 AS TEXT[]), CAST($2 AS SMALLINT[]), CAST($3 AS BIGINT[]), CAST($4 AS BIGINT[]),
 CAST($5 AS TEXT[]), CAST($6 AS BIGINT[]), CAST($7 AS BIGINT[]), CAST($8 AS TEXT[]), CAST($9 AS TEXT[]),
 CAST($10 AS TEXT[]), CAST($11 AS TEXT[]), CAST($12 AS BIGINT[]), CAST($13 AS TEXT[]), CAST($14 AS TEXT[]),
 CAST($16 AS SMALLINT[])) AS x (e, a, t, d, c, u, k, p, n, m, r, s, i, l, h)"#;

/// The text of a PostgreSQL array.
pub(crate) struct Array(String);

impl Array {
    /// An empty one.
    pub(crate) const fn new() -> Self {
        Array(String::new())
    }

    /// Its text.
    pub(crate) fn finish(mut self) -> String {
        self.0.push_str(if self.0.is_empty() { "{}" } else { "}" });
        self.0
    }

    /// A comma before each element but the first, which the brace opens.
    fn separate(&mut self) {
        self.0.push(if self.0.is_empty() { '{' } else { ',' });
    }

    /// Adds a number.
    pub(crate) fn number(&mut self, number: i64) {
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
}

/// The columns of some rows, but for the node, which is the same in all.
pub(crate) struct Columns {
    rows: usize,
    arrays: [String; 15],
}

impl Columns {
    /// Of rows.
    pub(crate) fn of<'a>(rows: impl Iterator<Item = &'a Row>) -> Self {
        let mut count = 0;
        let mut arrays = [const { Array::new() }; 15];
        for row in rows {
            count += 1;
            add(&mut arrays, row);
        }
        Columns {
            rows: count,
            arrays: arrays.map(Array::finish),
        }
    }

    /// How many rows there are.
    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// The values of [`FROM_ARRAYS`], in the order of its places.
    pub(crate) fn values<'a>(&'a self, node: &'a str) -> [Value<'a>; 16] {
        std::array::from_fn(|place| match place {
            ..14 => Value::text(&self.arrays[place]),
            14 => Value::text(node),
            _ => Value::text(&self.arrays[14]),
        })
    }
}

fn add(arrays: &mut [Array; 15], row: &Row) {
    let [
        endpoint,
        access_type,
        request_ms,
        request_day,
        error_code,
        user_id,
        key_id,
        key_prefix,
        action,
        module,
        resource,
        duration_us,
        request_id,
        client_address,
        http_status,
    ] = arrays;
    endpoint.text(&row.endpoint);
    access_type.number(row.access_type.into());
    request_ms.number(row.request_ms);
    request_day.number(row.request_day());
    error_code.text(&row.error_code);
    user_id.number(row.user_id);
    key_id.number(row.key.as_ref().map_or(0, |key| key.id));
    key_prefix.text(row.key.as_ref().map_or("", |key| &key.prefix));
    action.text(&row.action);
    module.text(&row.module);
    resource.text(&row.resource);
    duration_us.number(row.duration_us);
    request_id.text(&row.request_id);
    client_address.text(&row.client_address);
    http_status.number(row.http_status.into());
}
