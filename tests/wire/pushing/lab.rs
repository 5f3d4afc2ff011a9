//! A site with the modules of push, vendors that are fakes, and a key that may do everything.

use std::fs;

use loggia::store::Pool;
use loggia::store::testing::TestDatabase;
use loggia_fakes::{Answer as Scripted, Fakes};
use loggia_tests::client::{Answer, Client};
use loggia_tests::product::{Ran, dist};
use loggia_tests::server::{Server, Setup};
use loggia_tests::wait::until;
use serde_json::{Value, json};

/// The site.
pub(crate) struct Lab {
    pub(crate) fakes: Fakes,
    pub(crate) pool: Pool,
    setup: Setup,
    key: String,
    server: Option<Server>,
}

impl Lab {
    /// One on each database, with an application `shop`, and `more` in `[module.push]`.
    pub(crate) fn each(more: &str) -> Vec<Lab> {
        let databases = TestDatabase::each().into_iter();
        databases.map(|database| Lab::on(database, more)).collect()
    }

    fn on(database: TestDatabase, more: &str) -> Lab {
        let fakes = Fakes::start().expect("the fakes start");
        let (address, pool) = (database.address().to_owned(), database.pool());
        let setup = Setup::new(database);
        let text = format!(
            "[server]\nlisten = \"127.0.0.1:0\"\n\n[database]\nurl = \"{address}\"\n\n\
             [modules]\nfolders = [\"{}\"]\n\n[outgoing]\nallow = [\"127.0.0.1/32\"]\ntimeout_ms = 5000\n\n\
             [[endpoint]]\nname = \"api\"\npath = \"/api\"\naccess = \"key\"\nstatus = \"semantic\"\n\n\
             [[endpoint]]\nname = \"open\"\npath = \"/open\"\naccess = \"free\"\nstatus = \"semantic\"\n\n\
             [[endpoint]]\nname = \"pages\"\npath = \"/pages\"\naccess = \"free\"\nstatus = \"semantic\"\n\
             modules = []\nroutes = [\"push\", \"pushback\"]\n\n\
             {}{more}",
            dist().join("lib/loggia/modules").display(),
            fakes.settings(),
        );
        fs::write(setup.configuration(), text).expect("the settings can be written");
        let mut lab = Lab {
            fakes,
            pool,
            setup,
            key: String::new(),
            server: None,
        };
        lab.start();
        let made = lab.operate(&["key", "create", "--scope", "*"]);
        made["key"]
            .as_str()
            .expect("the whole key")
            .clone_into(&mut lab.key);
        lab.operate(&["push", "app", "shop", "--name", "Shop"]);
        // A node knows a new key within a second.
        until(|| lab.api().get("/get/push/apps").status == 200);
        lab.trust();
        lab
    }

    /// Gives the application the fakes' credentials.
    pub(crate) fn trust(&self) {
        let credentials = self.fakes.line()["credentials"].clone();
        let given = json!({ "app": "shop", "credentials": credentials });
        self.done("PUT", "/put/push/credentials", &given);
    }

    /// Starts the server.
    pub(crate) fn start(&mut self) {
        self.server = Some(self.setup.serve());
    }

    /// Ends the server without a word, as `kill -9` does.
    pub(crate) fn kill(&mut self) {
        drop(self.server.take());
    }

    /// The server.
    pub(crate) fn server(&self) -> &Server {
        self.server.as_ref().expect("the server runs")
    }

    /// Runs a command of the operator.
    pub(crate) fn command(&self, words: &[&str]) -> Ran {
        self.setup.operator(words)
    }

    /// What a command of the operator answers.
    pub(crate) fn operate(&self, words: &[&str]) -> Value {
        self.command(&[words, &["--json"]].concat()).done().json()
    }

    /// A file of the site's folder.
    pub(crate) fn file(&self, name: &str, text: &str) -> String {
        let path = self.setup.folder().join(name);
        fs::write(&path, text).expect("a file can be written");
        path.display().to_string()
    }

    /// A client with the key.
    pub(crate) fn api(&self) -> Client {
        self.server().api().with_key(&self.key)
    }

    /// A client without one.
    pub(crate) fn open(&self) -> Client {
        self.server().root().below("/open")
    }

    /// A request with the key.
    pub(crate) fn send(&self, method: &str, path: &str, body: &Value) -> Answer {
        let bytes = body.to_string().into_bytes();
        self.api()
            .send(method, path, Some("application/json"), &bytes)
    }

    /// A request that has to succeed.
    pub(crate) fn done(&self, method: &str, path: &str, body: &Value) -> Value {
        let answer = self.send(method, path, body);
        assert_eq!(answer.status, 200, "{method} {path}: {}", answer.text());
        answer.json()
    }

    /// What is read.
    pub(crate) fn get(&self, path: &str) -> Value {
        let answer = self.api().get(path);
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer.json()
    }

    /// Registers devices, and gives what they are called inside and outside.
    pub(crate) fn devices(&self, devices: &Value) -> Vec<(i64, String)> {
        let given = json!({ "app": "shop", "devices": devices });
        let made = self.done("POST", "/post/push/devices", &given);
        let rows = made["devices"].as_array().expect("devices").iter();
        rows.map(|row| {
            let id = row["id"].as_i64().unwrap_or_else(|| panic!("{made}"));
            let public = row["public_id"].as_str().expect("an id").to_owned();
            (id, public)
        })
        .collect()
    }

    /// Enters a notification; its number and its id for the outside.
    pub(crate) fn notify(&self, given: &Value) -> (i64, String) {
        let entered = self.done("POST", "/post/push/notifications", given);
        let one = &entered["notification"];
        let id = one["id"].as_i64().unwrap_or_else(|| panic!("{entered}"));
        let public = one["public_id"].as_str().expect("an id").to_owned();
        (id, public)
    }

    /// A notification as it stands.
    pub(crate) fn notification(&self, id: i64) -> Value {
        self.get(&format!("/get/push/notifications?id={id}"))["notifications"][0].clone()
    }

    /// The row of the ledger.
    pub(crate) fn delivery(&self, notification: i64, device: i64) -> Value {
        let path = format!("/get/push/deliveries?notification={notification}&device={device}");
        self.get(&path)["deliveries"][0].clone()
    }

    /// Waits until a delivery is in a state, and gives its row.
    pub(crate) fn settled(&self, notification: i64, device: i64, state: &str) -> Value {
        until(|| self.delivery(notification, device)["state"] == state);
        self.delivery(notification, device)
    }

    /// Has Apple's fake answer for a token.
    pub(crate) fn script(&self, token: &str, answer: Scripted) {
        let book = self.fakes.apns_sandbox().book();
        book.script(token, vec![answer]);
    }
}

/// Tokens of Apple's have 64 hexadecimal digits.
pub(crate) fn token(number: u32) -> String {
    format!("{number:064x}")
}

/// Apple's devices with the tokens of some numbers.
pub(crate) fn ios(numbers: std::ops::RangeInclusive<u32>) -> Value {
    let devices = numbers.map(|number| json!({ "token": token(number), "platform": "ios" }));
    devices.collect()
}
