//! Many rows of the ledger in one statement, and the counters that follow them.
//!
//! The rows come as one JSON text, so that a statement reads the same for any number of them and stays prepared.

use std::fmt::Write as _;

use diesel::QueryResult;
use loggia_abi::Value;
use loggia_abi::value::kind;
use loggia_sql::{Connection, Dialect};

use crate::delivery::State;

/// The elements of a JSON list, bound as `place`, as rows with a column `value`.
pub(crate) fn listed(dialect: Dialect, place: &str) -> String {
    match dialect {
        Dialect::Sqlite => format!("json_each({place}) AS listed"),
        Dialect::Postgresql => {
            format!("json_array_elements(CAST({place} AS JSON)) AS listed(value)")
        }
    }
}

/// Numbers as a JSON list.
pub(crate) fn list(ids: impl Iterator<Item = i64>) -> String {
    joined(ids, |text, id| {
        let _ = write!(text, "{id}");
    })
}

/// Numbers as a JSON list of lists, each the row of one value.
pub(crate) fn nested_list(ids: impl Iterator<Item = i64>) -> String {
    joined(ids, |text, id| {
        let _ = write!(text, "[{id}]");
    })
}

/// A JSON list of whatever is written for each.
pub(crate) fn joined<T>(
    items: impl Iterator<Item = T>,
    mut write: impl FnMut(&mut String, T),
) -> String {
    let mut text = String::from("[");
    for (at, item) in items.enumerate() {
        if at > 0 {
            text.push(',');
        }
        write(&mut text, item);
    }
    text.push(']');
    text
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
