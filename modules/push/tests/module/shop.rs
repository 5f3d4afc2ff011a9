//! A site to test in: a host with the module, an application, and accounts.

use jsonschema::Validator;
use loggia::store::testing::TestDatabase;
use loggia_module_push::loggia_module_v1;
use loggia_testkit::{TestCall, TestHost};
use serde_json::{Value, json};

const CONTRACT: &str = include_str!("../../../../tests/contract/push.json");
const PASSWORD: &str = "correct horse battery";
const REGISTERED: i64 = 2;

/// A host with the application `shop`, and two people with accounts.
pub(crate) struct Shop {
    pub(crate) host: TestHost,
    pub(crate) ada: i64,
    pub(crate) bob: i64,
}

impl Shop {
    pub(crate) fn each() -> Vec<Shop> {
        Self::each_with(&json!({}))
    }

    /// With settings of the module, on each database.
    pub(crate) fn each_with(settings: &Value) -> Vec<Shop> {
        let settings = settings.as_object().expect("settings are an object");
        TestDatabase::each()
            .into_iter()
            .map(|database| TestHost::with(database, loggia_module_v1, settings.clone()))
            .map(|host| {
                let shop = Shop {
                    ada: host.account("ada", PASSWORD, &[REGISTERED]),
                    bob: host.account("bob", PASSWORD, &[REGISTERED]),
                    host,
                };
                shop.put("apps").with("app", "Shop").json();
                shop
            })
            .collect()
    }

    pub(crate) fn get(&self, resource: &str) -> TestCall<'_> {
        self.host.call("get", resource).as_operator()
    }

    pub(crate) fn put(&self, resource: &str) -> TestCall<'_> {
        self.host.call("put", resource).as_operator()
    }

    pub(crate) fn post(&self, resource: &str) -> TestCall<'_> {
        self.host.call("post", resource).as_operator()
    }

    /// A registration as an application sends it.
    pub(crate) fn register(&self, token: &str) -> TestCall<'_> {
        self.host
            .call("put", "register")
            .with("token", token)
            .with("appcode", "SHOP")
            .with("platform", "iOS")
    }

    /// Registers a device of somebody and gives its number.
    pub(crate) fn device(&self, token: &str, user: i64) -> i64 {
        let answer = self.register(token).with("user_id", user).json();
        answer["device_id"]
            .as_i64()
            .unwrap_or_else(|| panic!("{answer}"))
    }

    /// Enters a notification that is not sent, and gives its number.
    pub(crate) fn held(&self, members: &Value) -> i64 {
        let given = members.as_object().expect("members are an object");
        let call = self
            .post("notifications")
            .with("paused", true)
            .with("app", "shop");
        let call = given
            .iter()
            .fold(call, |call, (name, value)| call.with(name, value.clone()));
        let answer = call.json();
        let id = answer["notification"]["id"].as_i64();
        id.unwrap_or_else(|| panic!("{members}: {answer}"))
    }
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

/// The tokens in a list of devices.
pub(crate) fn tokens(answer: &Value) -> Vec<String> {
    let devices = answer["devices"]
        .as_array()
        .unwrap_or_else(|| panic!("no list: {answer}"));
    let tokens = devices
        .iter()
        .map(|one| one["token"].as_str().expect("a token").to_owned());
    tokens.collect()
}
