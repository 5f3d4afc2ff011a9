//! The one search: results, totals, excerpts, whatever the phrase, the order and the page.

use serde_json::json;

use super::callers::Who;
use super::marks::mistyped;
use super::question::{Expected, Question};
use super::record::{Kind, Record};
use super::table::Table;
use super::{catalog, forum};

/// Whether a record may be found at all.
fn is_document(record: &Record) -> bool {
    [
        "content article",
        catalog::ITEM,
        forum::TOPIC,
        forum::ANSWER,
    ]
    .contains(&record.what)
}

/// Whether a caller finds a record: what is published, in its time, by its view levels and those above it. The search
/// knows neither drafts nor groups, whoever asks.
fn finds(who: Who, record: &Record) -> bool {
    let is_offered = is_document(record) && record.kind != Kind::OfGroup;
    is_offered && record.kind.is_published() && record.kind.is_of_level(who)
}

pub(super) fn reading(table: &Table, who: Who) -> Vec<Question> {
    let mut asked = Vec::new();
    for record in table.all() {
        let finds = finds(who, record);
        let mark = &record.mark;
        let wrong = mistyped(mark);
        let mut words = vec![(mark.as_str(), "exact")];
        if is_document(record) {
            words.extend([(mark.as_str(), "any"), (&mark[..8], "all"), (&wrong, "all")]);
        }
        for (word, phrase) in words {
            let path = format!("/get/search/site?searchword={word}&searchphrase={phrase}");
            let marks = if finds {
                vec![mark.clone()]
            } else {
                Vec::new()
            };
            asked.push(Question::get(path, found(marks)));
        }
    }
    let all: Vec<String> = table
        .all()
        .iter()
        .filter(|record| finds(who, record))
        .map(|record| record.mark.clone())
        .collect();
    for ordering in ["newest", "oldest", "popular", "alpha", "category"] {
        let path = format!("/get/search/site?searchword=sharedword&limit=1000&ordering={ordering}");
        asked.push(Question::get(path, found(all.clone())));
    }
    for (area, prefix) in [
        ("content", "content"),
        ("kunena", "forum"),
        ("zoo", "catalog"),
    ] {
        let of_area = |record: &&Record| finds(who, record) && record.what.starts_with(prefix);
        let of_area = table.all().iter().filter(of_area);
        let marks = of_area.map(|record| record.mark.clone()).collect();
        let path = format!("/get/search/site?searchword=sharedword&limit=1000&areas[]={area}");
        asked.push(Question::get(path, found(marks)));
    }
    asked
}

fn found(marks: Vec<String>) -> Expected {
    let total = vec![("/total", json!(marks.len()))];
    Expected::Facts(marks, total)
}
