//! Objects: what columns hold as JSON there, and the members of records here.

use serde_json::Value;

use crate::moving::record::Record;
use crate::moving::source::Row;

/// A record of the members of an object.
pub(super) fn record(value: Value) -> Record {
    match value {
        Value::Object(record) => record,
        _ => Record::new(),
    }
}

/// The object of a column with JSON; an empty one where there is none.
pub(super) fn object(row: &Row, column: &str) -> Record {
    let text = row.get(column).unwrap_or_default();
    record(serde_json::from_str(text).unwrap_or_default())
}

/// A text of an object; empty where there is none. Numbers are written out.
pub(super) fn text_of(object: &Record, name: &str) -> String {
    match object.get(name) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    }
}
