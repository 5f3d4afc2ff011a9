//! A demo site whose vendors are fakes.

use loggia_fakes::{Fakes, Seen};
use loggia_tests::client::{Answer, Client, escaped};
use loggia_tests::site::{Node, Site};
use loggia_tests::wait::soon;
use serde_json::{Value, json};

use crate::fixture;

/// A site whose vendors are fakes.
pub(crate) struct Lab {
    pub(crate) fakes: Fakes,
    pub(crate) site: Site,
    pub(crate) node: Node,
}

impl Lab {
    pub(crate) fn each(more: &str) -> Vec<Lab> {
        let sites = fixture::each("");
        sites
            .into_iter()
            .map(|site| {
                let fakes = Fakes::start().expect("the fakes start");
                let settings = format!(
                    "\n[outgoing]\nallow = [\"127.0.0.1/32\"]\n{}{more}",
                    fakes.settings()
                );
                fixture::append(&site, &settings);
                let node = site.node();
                Lab { fakes, site, node }
            })
            .collect()
    }

    pub(crate) fn api(&self) -> Client {
        let key = self.node.fact("/keys/unlimited");
        self.node
            .server()
            .below(&self.node.fact("/loopback/base"))
            .with_key(&key)
    }

    /// A new key without scopes, once the node knows it.
    pub(crate) fn plain_key(&self) -> String {
        let key = fixture::key(&self.site, &[]);
        let base = self.node.fact("/loopback/base");
        let client = self.node.server().below(&base).with_key(&key);
        soon(|| client.get("/notifications").status == 403);
        key
    }

    pub(crate) fn app(&self) -> String {
        self.node.fact("/loopback/app_id")
    }

    pub(crate) fn send(&self, method: &str, path: &str, body: &Value) -> Answer {
        let bytes = if body.is_null() {
            Vec::new()
        } else {
            body.to_string().into_bytes()
        };
        self.api()
            .send(method, path, Some("application/json"), &bytes)
    }

    pub(crate) fn done(&self, method: &str, path: &str, body: &Value) -> Value {
        let answer = self.send(method, path, body);
        assert_eq!(answer.status, 200, "{method} {path}: {}", answer.text());
        answer.json()
    }

    /// Gives the demo's application the fakes' credentials.
    pub(crate) fn configure(&self, production: bool) {
        let credentials = &self.fakes.line()["credentials"];
        let token = &credentials["apns"]["token"];
        let settings = json!({
            "apns": {
                "production": production,
                "bundle": credentials["apns"]["bundle"],
                "token": { "keyId": token["key_id"], "teamId": token["team_id"], "key": token["key"] },
            },
            "fcm": { "serviceAccount": credentials["fcm"]["service_account"] },
        });
        self.set(&settings);
    }

    /// Gives the demo's application push settings, of which no secret is shown.
    pub(crate) fn set(&self, settings: &Value) {
        let given = json!({ "id": self.app(), "name": "Demo", "pushSettings": settings });
        let saved = self.done("PATCH", "/applications", &given);
        assert!(!saved.to_string().contains("PRIVATE KEY"), "{saved}");
    }

    pub(crate) fn install(&self, token: &str, kind: &str, user: &str) -> String {
        let given = json!({ "appId": self.app(), "deviceToken": token, "deviceType": kind, "userId": user });
        let made = self.done("POST", "/installations", &given);
        made["id"].as_str().expect("an id").to_owned()
    }

    /// The rows of the ledger of the last notification.
    pub(crate) fn ledger(&self) -> Vec<Value> {
        let last = self.operate("get", "notifications", "limit=1");
        let id = last["notifications"][0]["id"].clone();
        let rows = self.operate("get", "deliveries", &format!("notification={id}"));
        rows["deliveries"].as_array().cloned().unwrap_or_default()
    }

    /// How many deliveries of the last notification are in a state.
    pub(crate) fn count(&self, state: &str) -> usize {
        let rows = self.ledger();
        rows.iter().filter(|row| row["state"] == state).count()
    }

    /// Sends to all devices of a user.
    pub(crate) fn tell(&self, user: &str, notification: &Value) {
        let query = escaped(&json!({ "userId": user }).to_string());
        let path = format!("/push?deviceQuery={query}");
        assert_eq!(self.done("POST", &path, notification), json!({}));
    }

    /// What Apple's sandbox has been sent last, once it has been sent so many.
    pub(crate) fn apple(&self, number: usize) -> Seen {
        soon(|| self.sandbox().len() >= number);
        self.sandbox().pop().expect("a request")
    }

    /// What Google has been sent last, once it has been sent so many.
    pub(crate) fn google(&self, number: usize) -> Seen {
        let seen = || self.fakes.fcm().book().seen();
        soon(|| seen().len() >= number);
        seen().pop().expect("a request")
    }

    pub(crate) fn operate(&self, action: &str, resource: &str, query: &str) -> Value {
        let key = self.node.fact("/keys/unlimited");
        let path = format!("/{action}/push/{resource}?{query}");
        self.node.endpoint("key").with_key(&key).get(&path).json()
    }

    pub(crate) fn sandbox(&self) -> Vec<Seen> {
        self.fakes.apns_sandbox().book().seen()
    }
}

/// Tokens of Apple's have 64 hexadecimal digits.
pub(crate) fn token(number: u32) -> String {
    format!("{number:064x}")
}

pub(crate) fn targets(seen: &[Seen]) -> Vec<String> {
    let mut targets: Vec<String> = seen.iter().map(|one| one.target.clone()).collect();
    targets.sort();
    targets
}

/// The value of a header that was seen; empty where there is none.
pub(crate) fn header(seen: &Seen, name: &str) -> String {
    seen.headers
        .get(name)
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}
