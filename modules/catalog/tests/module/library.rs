//! A site to test in: a host with the module, accounts of all kinds, and an application with a type.

use jsonschema::Validator;
use loggia::store::testing::TestDatabase;
use loggia_module_catalog::loggia_module_v1;
use loggia_testkit::{TestCall, TestHost};
use serde_json::{Value, json};

const CONTRACT: &str = include_str!("../../../../tests/contract/catalog.json");
const PASSWORD: &str = "correct horse battery";
/// The view level of those who have an account.
pub(crate) const MEMBERS: i64 = 2;

/// A host with an application and its type `product`, and an account of each kind.
pub(crate) struct Shop {
    pub(crate) host: TestHost,
    pub(crate) app: i64,
    pub(crate) member: i64,
    pub(crate) author: i64,
    pub(crate) other_author: i64,
    pub(crate) editor: i64,
    pub(crate) publisher: i64,
    pub(crate) manager: i64,
}

impl Shop {
    pub(crate) fn each() -> Vec<Shop> {
        Shop::each_with(&json!({}))
    }

    /// With settings of the module, on each database.
    pub(crate) fn each_with(settings: &Value) -> Vec<Shop> {
        let settings = settings.as_object().expect("settings are an object");
        TestDatabase::each()
            .into_iter()
            .map(|database| TestHost::with(database, loggia_module_v1, settings.clone()))
            .map(Shop::on)
            .collect()
    }

    fn on(host: TestHost) -> Shop {
        let account = |name: &str, group: i64| host.account(name, PASSWORD, &[group]);
        let mut shop = Shop {
            app: 0,
            member: account("member", 2),
            author: account("author", 3),
            other_author: account("other", 3),
            editor: account("editor", 4),
            publisher: account("publisher", 5),
            manager: account("manager", 6),
            host,
        };
        shop.app = shop.saved("applications", &json!({ "name": "Shop" }));
        shop.type_of(
            "Product",
            &json!({
                "price": { "type": "number", "name": "Full Price", "minimum": 0 },
                "about": { "type": "textarea", "name": "About", "html": true },
                "stars": { "type": "rating", "name": "Stars" },
            }),
        );
        shop
    }

    pub(crate) fn get(&self, resource: &str) -> TestCall<'_> {
        self.host.call("get", resource)
    }

    pub(crate) fn put(&self, resource: &str) -> TestCall<'_> {
        self.host.call("put", resource).as_operator()
    }

    /// One item, for a guest.
    pub(crate) fn item(&self, id: i64) -> TestCall<'_> {
        self.get("items").with("app", self.app).with("id", id)
    }

    /// One item in a state, for an account that may change it.
    pub(crate) fn own(&self, id: i64, user: i64, state: i64) -> TestCall<'_> {
        self.item(id).as_user(user).with("state", state)
    }

    /// The items of a category, for a guest.
    pub(crate) fn items(&self, category: i64) -> TestCall<'_> {
        self.get("items")
            .with("app", self.app)
            .with("category", category)
    }

    /// Puts something there and gives its id.
    pub(crate) fn saved(&self, resource: &str, members: &Value) -> i64 {
        let answer = with(self.put(resource), members).json();
        id_of(&answer).unwrap_or_else(|| panic!("{resource} {members}: {answer}"))
    }

    pub(crate) fn type_of(&self, name: &str, elements: &Value) -> i64 {
        let members = json!({ "app": self.app, "name": name, "elements": elements });
        self.saved("types", &members)
    }

    pub(crate) fn category(&self, name: &str, parent: i64, more: &Value) -> i64 {
        let members = json!({ "app": self.app, "name": name, "parent": parent });
        self.saved("categories", &merged(&members, more))
    }

    pub(crate) fn product(&self, name: &str, categories: &[i64], more: &Value) -> i64 {
        let members = json!({
            "app": self.app, "type": "product", "name": name, "categories": categories,
        });
        self.saved("items", &merged(&members, more))
    }
}

/// A call with members.
pub(crate) fn with<'h>(call: TestCall<'h>, members: &Value) -> TestCall<'h> {
    let given = members.as_object().expect("members are an object");
    given
        .iter()
        .fold(call, |call, (name, value)| call.with(name, value.clone()))
}

/// The id that an answer names.
pub(crate) fn id_of(answer: &Value) -> Option<i64> {
    answer["id"].as_str().and_then(|id| id.parse().ok())
}

pub(crate) fn merged(members: &Value, more: &Value) -> Value {
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

/// A list of items.
pub(crate) fn items(call: TestCall<'_>) -> Value {
    checked("get/zoo/items", call.json())
}

/// One item.
pub(crate) fn one(call: TestCall<'_>) -> Value {
    checked("get/zoo/items/{id}", call.json())
}

/// A list of categories.
pub(crate) fn categories(call: TestCall<'_>) -> Value {
    checked("get/zoo/categories", call.json())
}

/// The names in a list, and the number that it says there are.
pub(crate) fn names(answer: &Value) -> (Vec<String>, i64) {
    let list = answer["items"]
        .as_array()
        .or(answer["categories"].as_array())
        .unwrap_or_else(|| panic!("no list: {answer}"));
    let names = list
        .iter()
        .map(|one| one["name"].as_str().expect("a name").to_owned());
    (names.collect(), answer["total"].as_i64().expect("a total"))
}
