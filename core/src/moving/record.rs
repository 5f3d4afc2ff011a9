//! A record, and what tells whether it is still the same.

use std::collections::BTreeSet;

use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

/// A JSON object with an id.
pub type Record = Map<String, Value>;

/// How many bytes of a digest are kept: two records are never the same by chance.
const DIGEST_BYTES: usize = 16;

/// Members that a site changes by itself, on both sides all the time, or that follow from other records. They are moved
/// with the rest, and are no change.
const RESTLESS: [&str; 16] = [
    "attachments",
    "first_post_id",
    "first_post_ms",
    "first_post_user_id",
    "hits",
    "last_post_id",
    "last_post_ms",
    "last_post_user_id",
    "last_topic_id",
    "last_visit_ms",
    "level",
    "place",
    "posts",
    "topics",
    "usage",
    "version",
];

/// The id of a record.
pub fn id_of(record: &Record) -> Option<i64> {
    record.get("id")?.as_i64()
}

/// The names of a record's members that count.
pub fn members_of(record: &Record) -> BTreeSet<String> {
    let counting = record
        .keys()
        .filter(|name| !RESTLESS.contains(&name.as_str()));
    counting.cloned().collect()
}

/// The digest of a record's members of these names, whatever their order.
pub fn digest(record: &Record, members: &BTreeSet<String>) -> String {
    let mut hash = Sha256::new();
    for name in members {
        if let Some(value) = record.get(name) {
            add_text(&mut hash, name);
            add(&mut hash, value);
        }
    }
    hex::encode(&hash.finalize()[..DIGEST_BYTES])
}

/// Adds a value with its kind and length, so that no two values give the same bytes.
fn add(hash: &mut Sha256, value: &Value) {
    match value {
        Value::Null => hash.update(b"n"),
        Value::Bool(false) => hash.update(b"f"),
        Value::Bool(true) => hash.update(b"t"),
        Value::Number(number) => {
            hash.update(b"#");
            add_text(hash, &number.to_string());
        }
        Value::String(text) => {
            hash.update(b"s");
            add_text(hash, text);
        }
        Value::Array(items) => {
            hash.update(b"[");
            for item in items {
                add(hash, item);
            }
            hash.update(b"]");
        }
        Value::Object(members) => {
            hash.update(b"{");
            let names: BTreeSet<&String> = members.keys().collect();
            for name in names {
                add_text(hash, name);
                add(hash, &members[name]);
            }
            hash.update(b"}");
        }
    }
}

fn add_text(hash: &mut Sha256, text: &str) {
    hash.update(text.len().to_le_bytes());
    hash.update(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn record(value: Value) -> Record {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn the_order_of_members_and_what_changes_by_itself_do_not_count() {
        let one = record(json!({ "id": 1, "hits": 3, "images": { "a": 1, "b": [2] } }));
        let other =
            record(json!({ "images": { "b": [2], "a": 1 }, "id": 1, "hits": 4, "more": 0 }));
        let members = members_of(&one);
        assert_eq!(digest(&one, &members), digest(&other, &members));
    }

    #[test]
    fn another_value_or_kind_is_another_record() {
        let members = BTreeSet::from(["a".to_owned()]);
        let mut found = BTreeSet::new();
        for value in [
            json!(null),
            json!(0),
            json!("0"),
            json!(false),
            json!([]),
            json!({}),
            json!(["a", "b"]),
            json!(["ab"]),
            json!([["a"], "b"]),
        ] {
            assert!(found.insert(digest(&record(json!({ "a": value })), &members)));
        }
        assert!(found.insert(digest(&Record::new(), &members)), "absent");
    }
}
