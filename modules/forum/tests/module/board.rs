//! A forum to test in: a host with the module, accounts, and categories that not everybody sees.

use jsonschema::Validator;
use loggia::store::testing::TestDatabase;
use loggia_module_forum::loggia_module_v1;
use loggia_testkit::{TestCall, TestHost};
use serde_json::{Value, json};

const CONTRACT: &str = include_str!("../../../../tests/contract/kunena.json");
const PASSWORD: &str = "correct horse battery";
/// The user groups of the accounts.
const REGISTERED: i64 = 2;
const ADMINISTRATOR: i64 = 7;
/// The view level of those who have an account.
pub(crate) const MEMBERS: i64 = 2;

/// A host with accounts: an `author` and a `member` who are registered, a `moderator` who is registered, too, and
/// moderates where a test says so, and a `manager`.
pub(crate) struct Board {
    pub(crate) host: TestHost,
    pub(crate) author: i64,
    pub(crate) member: i64,
    pub(crate) moderator: i64,
    pub(crate) manager: i64,
}

impl Board {
    pub(crate) fn each() -> Vec<Board> {
        Board::each_with(&json!({}))
    }

    /// With settings of the module, on each database.
    pub(crate) fn each_with(settings: &Value) -> Vec<Board> {
        let settings = settings.as_object().expect("settings are an object");
        TestDatabase::each()
            .into_iter()
            .map(|database| TestHost::with(database, loggia_module_v1, settings.clone()))
            .map(|host| Board {
                author: host.account("author", PASSWORD, &[REGISTERED]),
                member: host.account("member", PASSWORD, &[REGISTERED]),
                moderator: host.account("moderator", PASSWORD, &[REGISTERED]),
                manager: host.account("manager", PASSWORD, &[ADMINISTRATOR]),
                host,
            })
            .collect()
    }

    pub(crate) fn get(&self, resource: &str) -> TestCall<'_> {
        self.host.call("get", resource)
    }

    /// A call with members.
    pub(crate) fn call(&self, action: &str, resource: &str, members: &Value) -> TestCall<'_> {
        let members = members.as_object().expect("members are an object");
        members
            .iter()
            .fold(self.host.call(action, resource), |call, (name, value)| {
                call.with(name, value.clone())
            })
    }

    /// Adds a category, or changes one, and gives its id.
    pub(crate) fn category(&self, members: &Value) -> i64 {
        let answer = self.call("put", "categories", members).as_operator().json();
        number(&answer["id"]).unwrap_or_else(|| panic!("{members}: {answer}"))
    }

    /// Adds a topic; gives it and its first message.
    pub(crate) fn topic(&self, user: i64, catid: i64, subject: &str) -> (i64, i64) {
        let members = json!({
            "catid": catid, "subject": subject, "message": format!("[b]{subject}[/b]"),
        });
        let answer = ok(self.call("post", "topics", &members).as_user(user));
        (id(&answer["topic"]), id(&answer["post"]))
    }

    /// Adds a message to a topic and gives its id.
    pub(crate) fn reply(&self, user: i64, topic: i64, message: &str) -> i64 {
        let members = json!({ "topic": topic, "message": message });
        let answer = ok(self.call("post", "posts", &members).as_user(user));
        id(&answer["post"])
    }

    /// Does something with a topic or message.
    pub(crate) fn act(&self, action: &str, resource: &str, id: i64) -> TestCall<'_> {
        self.host.call(action, resource).with("id", id)
    }
}

/// The answer of a call that succeeds.
pub(crate) fn ok(call: TestCall<'_>) -> Value {
    let answer = call.json();
    assert_eq!(answer["status"], "ok", "{answer}");
    answer
}

fn number(value: &Value) -> Option<i64> {
    value.as_str()?.parse().ok()
}

/// An id of an answer.
pub(crate) fn id(value: &Value) -> i64 {
    number(value).unwrap_or_else(|| panic!("{value} is no id"))
}

/// The answer of a call, held against the contract's schema of its operation.
pub(crate) fn checked(rest: &str, call: TestCall<'_>) -> Value {
    let answer = call.json();
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

/// The names of a list of categories.
pub(crate) fn names(call: TestCall<'_>) -> Vec<String> {
    texts(
        &checked("get/kunena/categories", call)["categories"],
        "name",
    )
}

/// The subjects of a list of topics, and the number that it says there are.
pub(crate) fn subjects(call: TestCall<'_>) -> (Vec<String>, i64) {
    let list = checked("get/kunena/topics", call);
    (texts(&list["topics"], "subject"), id(&list["total"]))
}

/// The texts of a topic's messages.
pub(crate) fn messages(call: TestCall<'_>) -> Vec<String> {
    texts(
        &checked("get/kunena/topics/{id}", call)["messages"],
        "message",
    )
}

fn texts(list: &Value, member: &str) -> Vec<String> {
    let list = list.as_array().unwrap_or_else(|| panic!("no list: {list}"));
    list.iter()
        .map(|one| one[member].as_str().expect("a text").to_owned())
        .collect()
}
