//! The elements of ZOO's items: their kinds, how a type describes them, and their values.

use serde_json::{Value, json};

use super::super::object::text_of;
use crate::moving::record::Record;

/// ZOO's names of elements, and the kinds that they are here. Others are texts.
const KINDS: [(&str, &str); 17] = [
    ("text", "text"),
    ("textarea", "textarea"),
    ("date", "date"),
    ("image", "image"),
    ("imagepro", "image"),
    ("gallery", "gallery"),
    ("link", "link"),
    ("linkpro", "link"),
    ("select", "select"),
    ("radio", "select"),
    ("checkbox", "select"),
    ("relateditems", "relation"),
    ("relateditemspro", "relation"),
    ("country", "country"),
    ("email", "email"),
    ("download", "file"),
    ("rating", "rating"),
];

/// An element by what its type's file says of it.
pub(super) fn described(identifier: &str, facts: &Record) -> Option<Value> {
    let type_name = facts.get("type")?.as_str()?;
    let kind = KINDS
        .iter()
        .find(|(name, _)| *name == type_name)
        .map_or("text", |(_, kind)| kind);
    let title = match text_of(facts, "name") {
        none if none.is_empty() => identifier.to_owned(),
        title => title,
    };
    let is_on =
        |name: &str| text_of(facts, name) == "1" || facts.get(name) == Some(&Value::Bool(true));
    let is_list = ["select", "relation", "country"].contains(&kind);
    let options: Vec<Value> = facts
        .get("option")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter(|_| kind == "select")
        .map(|option| json!({ "value": option["value"], "name": option["name"] }))
        .collect();
    Some(json!({
        "identifier": identifier,
        "type": kind,
        "name": title,
        "required": false,
        "repeatable": is_on("repeatable") || is_on("multiple") || (is_list && type_name != "radio"),
        "html": kind == "textarea",
        "options": options,
        "access": text_of(facts, "access").parse::<i64>().unwrap_or(1).max(1),
    }))
}

/// The kind that values of this form have.
pub(super) fn kind_of(data: &Value) -> &'static str {
    let has = |name: &str| data.get(name).is_some();
    let first = &data["0"];
    if has("option") {
        "select"
    } else if has("item") {
        "relation"
    } else if has("country") {
        "country"
    } else if has("votes") {
        "rating"
    } else if has("download_limit") || (has("file") && has("hits")) {
        "file"
    } else if has("file") {
        "image"
    } else if has("value") {
        "gallery"
    } else if first.get("subject").is_some() {
        "email"
    } else if first.get("target").is_some() || first.get("custom_title").is_some() {
        "link"
    } else {
        "textarea"
    }
}

/// The values of an item, but for elements without any. ZOO keeps them as the catalog does.
pub(super) fn filled(all: &Record) -> Value {
    let filled = all.iter().filter(|(_, data)| has_something(data));
    let filled = filled.map(|(name, data)| (name.clone(), data.clone()));
    Value::Object(filled.collect())
}

pub(super) fn has_something(data: &Value) -> bool {
    match data {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => items.iter().any(has_something),
        Value::Object(members) => members.values().any(has_something),
        Value::Bool(_) | Value::Number(_) => true,
    }
}
