//! A site to test in: a host with the module, and a menu of which not everybody sees everything.

use loggia::store::testing::TestDatabase;
use loggia_module_menu::loggia_module_v1;
use loggia_testkit::{TestCall, TestHost};
use serde_json::{Map, Value, json};

const PASSWORD: &str = "correct horse battery";
/// The user groups of the accounts.
const REGISTERED: i64 = 2;
const EDITOR: i64 = 4;
/// The view level of those who have an account.
pub(crate) const MEMBERS: i64 = 2;

/// A host, a `member` who is registered, and an `editor`.
pub(crate) struct Site {
    pub(crate) host: TestHost,
    pub(crate) member: i64,
    pub(crate) editor: i64,
}

impl Site {
    pub(crate) fn each() -> Vec<Site> {
        TestDatabase::each()
            .into_iter()
            .map(|database| TestHost::with(database, loggia_module_v1, Map::new()))
            .map(|host| Site {
                member: host.account("member", PASSWORD, &[REGISTERED]),
                editor: host.account("editor", PASSWORD, &[EDITOR]),
                host,
            })
            .collect()
    }

    pub(crate) fn get(&self, resource: &str) -> TestCall<'_> {
        self.host.call("get", resource)
    }

    /// The items of the menu `main`.
    pub(crate) fn items(&self) -> TestCall<'_> {
        self.get("items").with("menutype", "main")
    }

    pub(crate) fn put(&self, resource: &str, members: &Value) -> Value {
        let call = self.host.call("put", resource).as_operator();
        with(call, members).json()
    }

    /// Puts a menu there.
    pub(crate) fn menu(&self, menutype: &str) {
        let answer = self.put("menus", &json!({ "menutype": menutype }));
        assert_eq!(answer["status"], "ok", "{answer}");
    }

    /// Puts an item into the menu `main` and gives its id.
    pub(crate) fn item(&self, title: &str, parent: i64, more: &Value) -> i64 {
        let mut members = json!({ "menutype": "main", "title": title, "parent": parent });
        let more = more.as_object().expect("an object").clone();
        members.as_object_mut().expect("an object").extend(more);
        let answer = self.put("items", &members);
        let id = answer["id"].as_str().and_then(|id| id.parse().ok());
        id.unwrap_or_else(|| panic!("{members}: {answer}"))
    }
}

pub(crate) fn with<'h>(call: TestCall<'h>, members: &Value) -> TestCall<'h> {
    let members = members.as_object().expect("members are an object");
    members
        .iter()
        .fold(call, |call, (name, value)| call.with(name, value.clone()))
}

/// The titles in a list of items, and the number that it says there are.
pub(crate) fn titles(answer: &Value) -> (String, i64) {
    let list = answer["items"].as_array();
    let list = list.unwrap_or_else(|| panic!("no list: {answer}")).iter();
    let titles: Vec<&str> = list.map(|item| item["title"].as_str().unwrap()).collect();
    (titles.join(" "), answer["total"].as_i64().expect("a total"))
}
