//! What every writing operation answers.

use loggia_sdk::prelude::*;
pub(crate) use loggia_site::saved::Saved;

/// The fault of a row that cannot be saved: its alias belongs to another one.
pub(crate) fn taken(error: diesel::result::Error) -> Fault {
    loggia_site::saved::taken("ZOO_AAX", error)
}

/// A document for a JSON column.
pub(crate) fn written(document: &impl Serialize) -> Result<loggia_sql::JsonText, Fault> {
    serde_json::to_string(document)
        .map(loggia_sql::JsonText)
        .map_err(Fault::internal)
}

/// A document of a JSON column.
pub(crate) fn document<T: serde::de::DeserializeOwned>(
    text: &loggia_sql::JsonText,
) -> Result<T, Fault> {
    serde_json::from_str(&text.0).map_err(Fault::internal)
}

/// A time that is given, cleared or kept.
pub(crate) fn time(
    name: &str,
    change: &Change<String>,
    before: Option<i64>,
) -> Result<Option<i64>, Fault> {
    match change {
        Change::Keep => Ok(before),
        Change::Clear => Ok(None),
        Change::Set(text) => loggia_site::clock::parse(name, text).map(Some),
    }
}
