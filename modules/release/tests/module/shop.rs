//! A vendor's shop to test in: a host with the module, a group, accounts, packages.

use std::io::{Cursor, Write};
use std::time::{Duration, Instant};

use loggia_module_release::loggia_module_v1;
use loggia_testkit::{TestCall, TestHost};
use serde_json::{Map, Value, json};
use zip::write::SimpleFileOptions;

/// The user group with a right to the package group `redj`.
pub(crate) const CUSTOMERS: i64 = 2;
/// A user group without any.
pub(crate) const STRANGERS: i64 = 9;
/// The password of every account.
pub(crate) const PASSWORD: &str = "correct horse battery";

/// A shop with the group `redj`, its customer `member`, and `outsider`, who is none.
pub(crate) struct Shop {
    pub(crate) host: TestHost,
    pub(crate) member: i64,
    pub(crate) outsider: i64,
}

impl Shop {
    pub(crate) fn each() -> Vec<Shop> {
        TestHost::each(loggia_module_v1)
            .into_iter()
            .map(Shop::on)
            .collect()
    }

    /// With settings of the module.
    pub(crate) fn with(settings: Value) -> Shop {
        let Value::Object(settings) = settings else {
            panic!("settings are an object")
        };
        let settings: Map<String, Value> = settings;
        let database = loggia::store::testing::TestDatabase::sqlite();
        Shop::on(TestHost::with(database, loggia_module_v1, settings))
    }

    fn on(host: TestHost) -> Shop {
        let shop = Shop {
            member: host.account("member", PASSWORD, &[CUSTOMERS]),
            outsider: host.account("outsider", PASSWORD, &[STRANGERS]),
            host,
        };
        let group = shop
            .operator("put", "group")
            .with("id", "redj")
            .with("name", "reDJ")
            .with("user_groups", json!([CUSTOMERS]))
            .json();
        assert_eq!(group["status"], "ok", "{group}");
        shop
    }

    pub(crate) fn call(&self, action: &str, resource: &str) -> TestCall<'_> {
        self.host.call(action, resource)
    }

    pub(crate) fn operator(&self, action: &str, resource: &str) -> TestCall<'_> {
        self.host.call(action, resource).as_operator()
    }

    /// A package of the component `com_redj`, in the group.
    pub(crate) fn publish(&self, version: &str, platform: &str) -> Value {
        let answer = self
            .publishing(&component("redj", version))
            .with("group", "redj")
            .with("platform", platform)
            .json();
        assert_eq!(answer["status"], "ok", "{answer}");
        answer
    }

    pub(crate) fn publishing(&self, package: &[u8]) -> TestCall<'_> {
        self.operator("post", "publish").with_file("file", package)
    }

    /// The member's key, given by his password.
    pub(crate) fn key(&self) -> String {
        self.key_of("member")
    }

    pub(crate) fn key_of(&self, username: &str) -> String {
        let answer = self
            .call("post", "keybyauth")
            .with("id", "redj")
            .with("username", username)
            .with("password", PASSWORD)
            .json();
        answer["key"]
            .as_str()
            .unwrap_or_else(|| panic!("{answer}"))
            .to_owned()
    }

    /// A call of an operation that asks for address and key.
    pub(crate) fn claim(&self, resource: &str, id: &str, key: &str) -> TestCall<'_> {
        self.call("post", resource)
            .with("id", id)
            .with("email", "member@example.org")
            .with("key", key)
    }

    /// Moves an account from one user group to another.
    pub(crate) fn regroup(&self, user: i64, from: i64, to: i64) {
        let identity = &self.host.house().identity;
        let operator = identity.operator();
        identity
            .add_to_group(&operator, user, to)
            .expect("a group can be joined");
        identity
            .remove_from_group(&operator, user, from)
            .expect("a group can be left");
    }
}

/// Waits for what another part of the system has changed, which a node knows within a second.
pub(crate) fn within_a_second(what: &str, is_seen: impl Fn() -> bool) {
    let last = Instant::now() + Duration::from_secs(1);
    while !is_seen() {
        assert!(Instant::now() < last, "{what} too late");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// A package file with these entries.
pub(crate) fn archive(entries: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in entries {
        writer
            .start_file(*name, SimpleFileOptions::default())
            .expect("an entry can be begun");
        writer
            .write_all(text.as_bytes())
            .expect("an entry can be written");
    }
    writer
        .finish()
        .expect("the archive can be finished")
        .into_inner()
}

/// A component's package.
pub(crate) fn component(name: &str, version: &str) -> Vec<u8> {
    let manifest = format!(
        "<extension type=\"component\"><name>com_{name}</name><version>{version}</version>\
         <description>A test &amp; nothing else</description><dlid prefix=\"dlid=\"/></extension>"
    );
    archive(&[(&format!("{name}.xml"), &manifest), ("readme.txt", version)])
}
