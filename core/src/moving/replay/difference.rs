//! Where two answers differ.

use serde::Serialize;
use serde_json::Value;

use super::asker::Answer;
use super::mask::{MASK, is_secret};

/// No more differences of one request are told.
const MOST: usize = 20;
/// Longer values are shown by their beginning.
const SHOWN_CHARS: usize = 80;

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Where: `status`, or a member's path such as `articles[0].title`.
    pub place: String,
    /// What the old site says; none where it has nothing there.
    pub old: Option<String>,
    /// What this one says.
    pub new: Option<String>,
}

/// Where two answers differ, but for members of some names.
pub(super) fn differences(old: &Answer, new: &Answer, ignore: &[String]) -> Vec<Difference> {
    let mut found = Found {
        ignore,
        differences: Vec::new(),
    };
    if old.status != new.status {
        found.add("status", Some(&old.status.into()), Some(&new.status.into()));
    }
    match (&old.json, &new.json) {
        (Some(old), Some(new)) => found.compare("", old, new),
        (None, None) if old.digest == new.digest => {}
        _ => {
            let kind = |answer: &Answer| match (&answer.json, answer.length) {
                (Some(_), _) => Value::from("JSON"),
                (None, length) => Value::from(format!("{length} bytes of {}", answer.media_type)),
            };
            found.add("body", Some(&kind(old)), Some(&kind(new)));
        }
    }
    found.differences
}

struct Found<'a> {
    ignore: &'a [String],
    differences: Vec<Difference>,
}

impl Found<'_> {
    fn compare(&mut self, place: &str, old: &Value, new: &Value) {
        match (old, new) {
            (Value::Object(old), Value::Object(new)) => {
                let names = old
                    .keys()
                    .chain(new.keys().filter(|name| !old.contains_key(*name)));
                for name in names {
                    let inner = if place.is_empty() {
                        name.clone()
                    } else {
                        format!("{place}.{name}")
                    };
                    if self.ignore.contains(name) || self.ignore.contains(&inner) {
                        continue;
                    }
                    match (old.get(name), new.get(name)) {
                        (Some(old), Some(new)) => self.compare(&inner, old, new),
                        (old, new) => self.add(&inner, old, new),
                    }
                }
            }
            (Value::Array(old), Value::Array(new)) => {
                for at in 0..old.len().max(new.len()) {
                    let inner = format!("{place}[{at}]");
                    match (old.get(at), new.get(at)) {
                        (Some(old), Some(new)) => self.compare(&inner, old, new),
                        (old, new) => self.add(&inner, old, new),
                    }
                }
            }
            (old, new) if old == new => {}
            (old, new) => self.add(place, Some(old), Some(new)),
        }
    }

    fn add(&mut self, place: &str, old: Option<&Value>, new: Option<&Value>) {
        if self.differences.len() >= MOST {
            return;
        }
        let name = place.rsplit('.').next().unwrap_or_default();
        let shown = |value: &Value| match value {
            Value::String(_) | Value::Number(_) if is_secret(name) => MASK.to_owned(),
            Value::Object(_) => "an object".to_owned(),
            Value::Array(items) => format!("a list of {}", items.len()),
            plain => cut(&plain.to_string()),
        };
        self.differences.push(Difference {
            place: place.to_owned(),
            old: old.map(shown),
            new: new.map(shown),
        });
    }
}

fn cut(text: &str) -> String {
    if text.chars().count() <= SHOWN_CHARS {
        return text.to_owned();
    }
    text.chars()
        .take(SHOWN_CHARS)
        .chain("...".chars())
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn places(old: Value, new: Value, ignore: &[&str]) -> Vec<String> {
        let answer = |json| Answer {
            json: Some(json),
            ..Answer::of_status(200)
        };
        let ignore: Vec<String> = ignore.iter().map(|name| (*name).to_owned()).collect();
        let found = differences(&answer(old), &answer(new), &ignore);
        found.into_iter().map(|one| one.place).collect()
    }

    #[test]
    fn members_and_values_that_differ_are_told_by_their_place() {
        let old = json!({ "status": "ok", "total": 2, "articles": [{ "id": "1", "hits": 3 }, { "id": "2" }] });
        let new = json!({ "status": "ok", "total": "2", "articles": [{ "id": "1", "hits": 4, "new": 1 }] });
        assert_eq!(
            places(old.clone(), new.clone(), &["hits"]),
            ["total", "articles[0].new", "articles[1]"]
        );
        assert_eq!(
            places(old, new, &["hits", "new", "total", "articles"]),
            [] as [&str; 0]
        );
    }

    #[test]
    fn secrets_are_masked_and_long_values_cut() {
        let answer = |text: &str| Answer {
            json: Some(json!({ "session_id": text, "content": text.repeat(90) })),
            ..Answer::of_status(200)
        };
        let found = differences(&answer("a"), &answer("b"), &[]);
        assert_eq!(found[0].old.as_deref(), Some(MASK));
        assert!(found[1].new.as_ref().unwrap().ends_with("..."));
    }

    #[test]
    fn another_status_and_another_body_are_differences() {
        let old = Answer::of_status(200);
        let new = Answer {
            json: Some(json!({})),
            ..Answer::of_status(404)
        };
        let found = differences(&old, &new, &[]);
        assert_eq!(
            found
                .iter()
                .map(|one| one.place.as_str())
                .collect::<Vec<_>>(),
            ["status", "body"]
        );
    }
}
