//! The one search: results, totals, excerpts, whatever the phrase, the order and the page.

use serde_json::json;

use super::callers::Who;
use super::marks::mistyped;
use super::question::{Expected, Question};
use super::record::{Kind, Record};
use super::table::Table;
use super::{catalog, forum, people};

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

/// What people say where all may see it: it is found where profiles are read.
fn is_said_openly(record: &Record) -> bool {
    record.what == people::FIELD && record.kind == Kind::Open
}

/// Whether a caller finds a record at his usual endpoint: what is published, in its time, by its view levels and those
/// above it. The search knows neither drafts nor groups, whoever asks.
fn finds(who: Who, record: &Record) -> bool {
    if is_said_openly(record) {
        return who.is_key();
    }
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
        ("comprofiler", "profile"),
    ] {
        let of_area = |record: &&Record| finds(who, record) && record.what.starts_with(prefix);
        let of_area = table.all().iter().filter(of_area);
        let marks = of_area.map(|record| record.mark.clone()).collect();
        let path = format!("/get/search/site?searchword=sharedword&limit=1000&areas[]={area}");
        asked.push(Question::get(path, found(marks)));
    }
    asked
}

/// People are found where profiles are read, by what every endpoint shows of them. That the marks of their records find
/// nothing elsewhere is asked above.
pub(super) fn of_people(table: &Table, who: Who) -> Vec<Question> {
    let here = if who.is_key() {
        "/api/key"
    } else {
        "/api/staff"
    };
    let people = table
        .all()
        .iter()
        .filter(|record| record.what.starts_with("profile"));
    let ask = |record: &Record, phrase: &str, words: &str| {
        let path = format!("/get/search/site?searchword={words}&searchphrase={phrase}");
        let path = path + "&areas[]=comprofiler";
        if who == Who::Guest {
            return Question::get(path, Expected::Outside).at(here);
        }
        let marks = is_said_openly(record).then(|| record.mark.clone());
        Question::get(path, found(marks.into_iter().collect())).at(here)
    };
    people
        .flat_map(|record| {
            let wrong = mistyped(&record.mark);
            [
                ask(record, "exact", &record.mark),
                ask(record, "all", &record.mark[..8]),
                ask(record, "all", &wrong),
            ]
        })
        .collect()
}

fn found(marks: Vec<String>) -> Expected {
    let total = vec![("/total", json!(marks.len()))];
    Expected::Facts(marks, total)
}
