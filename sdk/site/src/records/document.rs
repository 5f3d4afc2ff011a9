//! A JSON document as a member of a record: a value, not a text. Use it as `#[serde(with = "document")]`.

use loggia_sql::JsonText;
use serde::de::Error as _;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

/// Writes the document.
pub fn serialize<S: Serializer>(document: &JsonText, serializer: S) -> Result<S::Ok, S::Error> {
    let value: Value = serde_json::from_str(&document.0).map_err(S::Error::custom)?;
    value.serialize(serializer)
}

/// Reads a document.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<JsonText, D::Error> {
    let value = Value::deserialize(deserializer)?;
    serde_json::to_string(&value)
        .map(JsonText)
        .map_err(D::Error::custom)
}
