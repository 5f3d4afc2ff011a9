//! A site to test in: a host with the module, accounts, and fields of several kinds.

use jsonschema::Validator;
use loggia::store::testing::TestDatabase;
use loggia_module_profiles::loggia_module_v1;
use loggia_testkit::{TestCall, TestHost};
use serde_json::{Value, json};

const CONTRACT: &str = include_str!("../../../../tests/contract/comprofiler.json");
pub(crate) const PASSWORD: &str = "correct horse battery";
/// The user groups of the accounts.
const REGISTERED: i64 = 2;
const ADMINISTRATORS: i64 = 7;
const SUPER_USERS: i64 = 8;

/// A host with accounts, as a partner with a key sees it.
pub(crate) struct Partner {
    pub(crate) host: TestHost,
    pub(crate) ada: i64,
    pub(crate) grace: i64,
    pub(crate) administrator: i64,
    pub(crate) root: i64,
}

impl Partner {
    pub(crate) fn each() -> Vec<Partner> {
        Self::each_with(&json!({}))
    }

    /// With settings of the module, on each database.
    pub(crate) fn each_with(settings: &Value) -> Vec<Partner> {
        let settings = settings.as_object().expect("settings are an object");
        TestDatabase::each()
            .into_iter()
            .map(|database| TestHost::with(database, loggia_module_v1, settings.clone()))
            .map(|host| Partner {
                ada: host.account("ada", PASSWORD, &[REGISTERED]),
                grace: host.account("grace", PASSWORD, &[REGISTERED]),
                administrator: host.account("boss", PASSWORD, &[ADMINISTRATORS]),
                root: host.account("root", PASSWORD, &[SUPER_USERS]),
                host,
            })
            .collect()
    }

    /// A call with a key that may write, on an endpoint that shows addresses.
    pub(crate) fn call(&self, action: &str, resource: &str) -> TestCall<'_> {
        let call = self.host.call(action, resource);
        call.with_key(1, &["profiles.write"]).shown(&["email"])
    }

    pub(crate) fn profile(&self, id: i64) -> Value {
        let answer = self.call("get", "profile").with("id", id).json();
        checked("get/comprofiler/profile/{id}", answer)
    }

    /// Changes Ada's profile: her account as it is, with more members.
    pub(crate) fn change(&self, more: &Value) -> TestCall<'_> {
        let account = json!({
            "id": self.ada, "username": "ada", "email": "ada@example.org", "name": "ada",
        });
        let call = with(self.call("put", "profile"), &account);
        with(call, more)
    }

    /// Adds a field and gives its id.
    pub(crate) fn field(&self, name: &str, more: &Value) -> i64 {
        let call = self.host.call("put", "fields").as_operator();
        let answer = with(call.with("name", name), more).json();
        let id = answer["id"].as_str().and_then(|id| id.parse().ok());
        id.unwrap_or_else(|| panic!("{name} {more}: {answer}"))
    }

    /// One field of each way to write.
    pub(crate) fn fields(&self) {
        self.field("cb_city", &json!({ "max_length": 20, "required": true }));
        self.field("cb_born", &json!({ "type": "date", "ordering": 1 }));
        let colours = json!({ "type": "multiselect", "values": ["red", "green"], "ordering": 2 });
        self.field("cb_colours", &colours);
        let rank = json!({ "readonly": true, "default": "none", "ordering": 3 });
        self.field("cb_rank", &rank);
        self.field("cb_note", &json!({ "published": false }));
    }
}

pub(crate) fn with<'h>(call: TestCall<'h>, members: &Value) -> TestCall<'h> {
    let members = members.as_object().expect("members are an object");
    members
        .iter()
        .fold(call, |call, (name, value)| call.with(name, value.clone()))
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
