//! A site to test in: a host with the module, accounts, and a tree of categories that not everybody sees.

use jsonschema::Validator;
use loggia::store::testing::TestDatabase;
use loggia_module_content::loggia_module_v1;
use loggia_testkit::{TestCall, TestHost};
use serde_json::{Value, json};

const CONTRACT: &str = include_str!("../../../../tests/contract/content.json");
const PASSWORD: &str = "correct horse battery";
/// The user groups of the accounts.
const REGISTERED: i64 = 2;
const AUTHOR: i64 = 3;
const EDITOR: i64 = 4;
const PUBLISHER: i64 = 5;
const MANAGER: i64 = 6;
/// The view level of those who have an account.
pub(crate) const MEMBERS: i64 = 2;

/// A host, a `member` who is registered, and who may write.
pub(crate) struct Library {
    pub(crate) host: TestHost,
    pub(crate) member: i64,
    pub(crate) author: i64,
    pub(crate) editor: i64,
    pub(crate) publisher: i64,
    pub(crate) manager: i64,
}

impl Library {
    pub(crate) fn each() -> Vec<Library> {
        TestHost::each(loggia_module_v1)
            .into_iter()
            .map(Library::on)
            .collect()
    }

    /// With settings of the module, on each database.
    pub(crate) fn each_with(settings: &Value) -> Vec<Library> {
        let settings = settings.as_object().expect("settings are an object");
        TestDatabase::each()
            .into_iter()
            .map(|database| TestHost::with(database, loggia_module_v1, settings.clone()))
            .map(Library::on)
            .collect()
    }

    fn on(host: TestHost) -> Library {
        Library {
            member: host.account("member", PASSWORD, &[REGISTERED]),
            author: host.account("author", PASSWORD, &[REGISTERED, AUTHOR]),
            editor: host.account("editor", PASSWORD, &[EDITOR]),
            publisher: host.account("publisher", PASSWORD, &[REGISTERED, PUBLISHER]),
            manager: host.account("manager", PASSWORD, &[REGISTERED, MANAGER]),
            host,
        }
    }

    pub(crate) fn get(&self, resource: &str) -> TestCall<'_> {
        self.host.call("get", resource)
    }

    pub(crate) fn put(&self, resource: &str) -> TestCall<'_> {
        self.host.call("put", resource).as_operator()
    }

    /// Puts something there and gives its id.
    pub(crate) fn saved(&self, resource: &str, members: &Value) -> i64 {
        let given = members.as_object().expect("members are an object");
        let call = given
            .iter()
            .fold(self.put(resource), |call, (name, value)| {
                call.with(name, value.clone())
            });
        let answer = call.json();
        let id = answer["id"].as_str().and_then(|id| id.parse().ok());
        id.unwrap_or_else(|| panic!("{resource} {members}: {answer}"))
    }

    pub(crate) fn category(&self, title: &str, parent: i64, more: &Value) -> i64 {
        self.saved(
            "categories",
            &merged(&json!({ "title": title, "parent": parent }), more),
        )
    }

    pub(crate) fn article(&self, title: &str, category: i64, more: &Value) -> i64 {
        self.saved(
            "articles",
            &merged(&json!({ "title": title, "category": category }), more),
        )
    }

    pub(crate) fn tag(&self, title: &str, more: &Value) -> i64 {
        self.saved("tags", &merged(&json!({ "title": title }), more))
    }
}

fn merged(members: &Value, more: &Value) -> Value {
    let mut all = members.as_object().expect("an object").clone();
    all.extend(more.as_object().expect("an object").clone());
    Value::Object(all)
}

/// The answer of a call, held against the contract's schema of its operation.
pub(crate) fn checked(rest: &str, answer: Value) -> Value {
    let contract: Value = serde_json::from_str(CONTRACT).expect("the contract is JSON");
    let operations = contract["operations"].as_array().expect("operations");
    let operation = operations
        .iter()
        .find(|operation| operation["rest"] == rest);
    let operation = operation.expect("the operation is in the contract");
    let schema: Validator = jsonschema::validator_for(&operation["response"]).expect("a schema");
    let broken: Vec<String> = schema
        .iter_errors(&answer)
        .map(|error| error.to_string())
        .collect();
    assert!(broken.is_empty(), "{rest}: {answer}: {broken:?}");
    answer
}

/// A list of articles.
pub(crate) fn articles(call: TestCall<'_>) -> Value {
    checked("get/content/articles", call.json())
}

/// A list of categories.
pub(crate) fn categories(call: TestCall<'_>) -> Value {
    checked("get/content/categories", call.json())
}

/// The titles in a list, and the number that it says there are.
pub(crate) fn titles(answer: &Value) -> (Vec<String>, i64) {
    let list = answer["articles"]
        .as_array()
        .or(answer["categories"].as_array())
        .unwrap_or_else(|| panic!("no list: {answer}"));
    let titles = list
        .iter()
        .map(|one| one["title"].as_str().expect("a title").to_owned());
    (titles.collect(), answer["total"].as_i64().expect("a total"))
}
