//! A site to search in: a host with the module, and documents as other modules would hand them in.

use std::time::{Duration, Instant};

use jsonschema::Validator;
use loggia::store::search_entry::{self, Changes, Key};
use loggia_module_search::loggia_module_v1;
use loggia_testkit::{TestCall, TestHost};
use serde_json::{Value, json};

const CONTRACT: &str = include_str!("../../../../tests/contract/search.json");

/// The view level of everybody.
pub(crate) const PUBLIC: i64 = 1;

/// The view level of those who have an account.
pub(crate) const MEMBERS: i64 = 2;

/// A host with the module.
pub(crate) struct Site {
    pub(crate) host: TestHost,
    pub(crate) member: i64,
}

impl Site {
    pub(crate) fn each() -> Vec<Site> {
        let hosts = TestHost::each(loggia_module_v1).into_iter();
        let site = |host: TestHost| Site {
            member: host.account("member", "correct horse battery", &[2]),
            host,
        };
        hosts.map(site).collect()
    }

    /// Writes what becomes of entries in one transaction; `null` is withdrawn.
    pub(crate) fn write(&self, entries: &[(bool, &str, i64, Value)]) {
        let entry = |(is_category, area, id, content): &(bool, &str, i64, Value)| {
            let key = Key {
                is_category: *is_category,
                area: (*area).to_owned(),
                id: *id,
            };
            (key, (!content.is_null()).then(|| content.to_string()))
        };
        let changes: Changes = entries.iter().map(entry).collect();
        let deadline = Instant::now() + Duration::from_secs(10);
        let pool = &self.host.house().pool;
        let mut connection = pool.write(deadline).expect("a connection is free");
        search_entry::write(&mut connection, "content", &changes).expect("entries are written");
    }

    /// Hands in a document of `content` that everybody may see, with these members changed.
    pub(crate) fn document(&self, id: i64, members: &Value) {
        self.write(&[(false, "content", id, document(id, members))]);
    }

    pub(crate) fn category(&self, id: i64, members: &Value) {
        let mut category = json!({ "area": "content", "id": id, "title": format!("Category {id}"),
            "is_published": true, "view_levels": [PUBLIC] });
        merge(&mut category, members);
        self.write(&[(true, "content", id, category)]);
    }

    /// A search of a guest.
    pub(crate) fn search(&self, words: &str) -> TestCall<'_> {
        self.host.call("get", "site").with("searchword", words)
    }

    /// The titles that a guest finds.
    pub(crate) fn titles(&self, words: &str) -> Vec<String> {
        titles(&checked(self.search(words)))
    }
}

/// A document of `content`.
pub(crate) fn document(id: i64, members: &Value) -> Value {
    let mut document = json!({ "area": "content", "id": id, "title": format!("Title {id}"), "language": "en-GB",
        "created_ms": id * 1000, "view_levels": [PUBLIC], "alias": format!("alias-{id}"),
        "href": format!("get/content/articles/{id}") });
    merge(&mut document, members);
    document
}

fn merge(object: &mut Value, members: &Value) {
    let members = members.as_object().expect("members are an object").clone();
    object.as_object_mut().expect("an object").extend(members);
}

/// The answer of a call, held against the contract's schema.
pub(crate) fn checked(call: TestCall<'_>) -> Value {
    let answer = call.json();
    let contract: Value = serde_json::from_str(CONTRACT).expect("the contract is JSON");
    let schema: Validator =
        jsonschema::validator_for(&contract["operations"][0]["response"]).expect("a schema");
    let broken: Vec<String> = schema
        .iter_errors(&answer)
        .map(|error| error.to_string())
        .collect();
    assert!(broken.is_empty(), "{answer}: {broken:?}");
    answer
}

/// The titles of results.
pub(crate) fn titles(answer: &Value) -> Vec<String> {
    let results = answer["results"].as_array().expect("results");
    let title = |one: &Value| one["title"].as_str().expect("a title").to_owned();
    results.iter().map(title).collect()
}

/// How many results there are.
pub(crate) fn total(answer: &Value) -> i64 {
    answer["total"].as_i64().expect("a total")
}
