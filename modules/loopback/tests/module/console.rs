//! A site to test in: a host with the module, and requests of its routes.

use loggia::store::testing::TestDatabase;
use loggia_module_loopback::loggia_module_v1;
use loggia_testkit::{TestHost, TestRoute};
use serde_json::{Map, Value, json};

/// The scopes of an operator's key.
pub(crate) const ALL: [&str; 1] = ["*"];

/// A host with the module.
pub(crate) struct Console {
    pub(crate) host: TestHost,
}

impl Console {
    pub(crate) fn each() -> Vec<Console> {
        Self::each_with(&json!({}))
    }

    /// With settings of the module, on each database.
    pub(crate) fn each_with(settings: &Value) -> Vec<Console> {
        let settings: Map<String, Value> = settings.as_object().expect("an object").clone();
        let hosts = TestDatabase::each().into_iter();
        hosts
            .map(|database| Console {
                host: TestHost::with(database, loggia_module_v1, settings.clone()),
            })
            .collect()
    }

    /// A request with a key that carries these scopes.
    pub(crate) fn request(&self, scopes: &[&str], method: &str, path: &str) -> TestRoute<'_> {
        self.host.route(method, path).with_key(1, scopes)
    }

    /// The status and the body of a request by an operator's key.
    pub(crate) fn ask(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        answer(with_body(self.request(&ALL, method, path), body))
    }

    /// As [`Console::ask`], for what must succeed.
    pub(crate) fn done(&self, method: &str, path: &str, body: &Value) -> Value {
        let (status, body) = self.ask(method, path, body);
        assert_eq!(status, 200, "{method} {path}: {body}");
        body
    }

    /// An application, by its id.
    pub(crate) fn application(&self, id: &str) {
        self.done("POST", "/applications", &json!({ "id": id, "name": id }));
    }

    /// An installation, by its id.
    pub(crate) fn installation(&self, members: &Value) -> String {
        let made = self.done("POST", "/installations", members);
        made["id"]
            .as_str()
            .unwrap_or_else(|| panic!("{made}"))
            .to_owned()
    }
}

/// A request with a JSON body.
pub(crate) fn with_body<'h>(route: TestRoute<'h>, body: &Value) -> TestRoute<'h> {
    if body.is_null() {
        return route;
    }
    route
        .header("content-type", "application/json")
        .body(body.to_string().as_bytes())
}

/// The status and body of a request.
pub(crate) fn answer(route: TestRoute<'_>) -> (u16, Value) {
    let (status, text) = route.text();
    let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
    (status, body)
}

/// A member of an error.
pub(crate) fn error<'v>(body: &'v Value, name: &str) -> &'v Value {
    &body["error"][name]
}

/// A text as a part of a URL.
pub(crate) fn escaped(value: &Value) -> String {
    form_urlencoded::byte_serialize(value.to_string().as_bytes()).collect()
}
