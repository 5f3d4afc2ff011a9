//! A site with PushBack at its root, its applications, and their back ends.

use std::fs;
use std::net::TcpListener;
use std::process::Command;
use std::time::Duration;

use loggia::store::testing::TestDatabase;
use loggia_tests::client::{Answer, Client};
use loggia_tests::product::{Ran, dist};
use loggia_tests::server::{Server, Setup};
use loggia_tests::wait::within;
use serde_json::{Value, json};

use crate::socket::Page;

/// No test waits longer for what it wants to see.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A site.
pub(crate) struct Site {
    pub(crate) setup: Setup,
}

impl Site {
    /// With PushBack at `/` for everybody, on a port that stays the same.
    pub(crate) fn new(database: TestDatabase) -> Self {
        Self::with(database, &free_port().to_string(), "")
    }

    /// With more settings.
    pub(crate) fn with(database: TestDatabase, port: &str, more: &str) -> Self {
        let address = database.address().to_owned();
        let setup = Setup::new(database);
        let modules = dist().join("lib/loggia/modules");
        let text = format!(
            "[server]\nlisten = \"127.0.0.1:{port}\"\n\n[database]\nurl = \"{address}\"\n\n\
             [modules]\nfolders = [\"{}\"]\n\n\
             [[endpoint]]\nname = \"pushback\"\npath = \"/\"\naccess = \"free\"\nstatus = \"semantic\"\n\
             modules = []\nroutes = [\"pushback\"]\ntrace = true\ncors = true\n\n\
             [[endpoint]]\nname = \"keyed\"\npath = \"/keyed\"\naccess = \"key\"\nstatus = \"semantic\"\n\
             modules = []\nroutes = [\"pushback\"]\ntrace = true\n\n\
             [[endpoint]]\nname = \"closed\"\npath = \"/closed\"\naccess = \"free\"\nstatus = \"semantic\"\n\
             modules = []\nroutes = [\"pushback\"]\ncors = [\"https://shop.example.org\"]\n\n{more}",
            modules.display()
        );
        fs::write(setup.configuration(), text).expect("the settings can be written");
        Site { setup }
    }

    /// A node.
    pub(crate) fn serve(&self) -> Server {
        self.setup.serve()
    }

    /// What a command of the operator answers.
    pub(crate) fn operate(&self, words: &[&str]) -> Value {
        let words = [words, &["--json"]].concat();
        self.setup.operator(&words).done().json()
    }

    /// An application whose pages may listen with its token.
    pub(crate) fn application(&self, name: &str) -> Application {
        Application::of(&self.operate(&["pushback", "create", name, "--open-subscribe=true"]))
    }
}

impl Application {
    /// Who of its users is connected. A command would ask the database, which on SQLite knows nobody; so the server is
    /// asked, by whoever may.
    pub(crate) fn connected(&self, server: &Client) -> Vec<String> {
        let path = format!("/operator/get/pushback/clients?id={}", self.id);
        let answer = server.get(&path).json();
        let clients = answer["clients"].as_array().expect("the clients").iter();
        let connected = clients.filter(|client| client["currently_connected"] == json!(true));
        connected.map(|client| text(&client["client_id"])).collect()
    }
}

/// An application and what speaks for it.
#[derive(Clone, Debug)]
pub(crate) struct Application {
    pub(crate) id: i64,
    pub(crate) token: String,
    pub(crate) key: String,
}

impl Application {
    pub(crate) fn of(made: &Value) -> Self {
        Application {
            id: made["id"].as_i64().expect("the id"),
            token: text(&made["app_token"]),
            key: text(&made["subscribe_key"]),
        }
    }

    /// Registers users.
    pub(crate) fn register(&self, client: &Client, users: &Value) -> Answer {
        let body = json!({ "app_token": self.token, "users": users });
        client.post_json("/api/v1/register/", &body)
    }

    /// Tells users something.
    pub(crate) fn notify(&self, client: &Client, users: &Value, content: &Value) -> Answer {
        let body = json!({ "app_token": self.token, "users": users, "content": content });
        client.post_json("/api/v1/notify/", &body)
    }

    /// Tells users something that is good, and gives the id of the message.
    pub(crate) fn tell(&self, client: &Client, users: &Value, content: &Value) -> i64 {
        let answer = self.notify(client, users, content);
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()["id"].as_i64().expect("an id")
    }

    /// The path of a page that listens as a user.
    pub(crate) fn path(&self, user: &str) -> String {
        format!("/ws/notifications/subscribe/{}/{user}/", self.token)
    }

    /// A page that listens as a user.
    pub(crate) fn page(&self, server: &Server, user: &str) -> Page {
        Page::open(server.url(), &self.path(user))
    }
}

/// A text in an answer.
pub(crate) fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

/// A port that nobody listens at.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port can be had");
    listener.local_addr().expect("it has an address").port()
}

/// Asks a server to end, and waits until it has.
pub(crate) fn stop(server: Server) {
    let process = server.process().to_string();
    Ran::command(Command::new("kill").args(["-TERM", &process])).done();
    let client = server.root();
    within(PATIENCE, "the server has ended", || {
        client.try_send("GET", "/healthz", None, b"").is_err()
    });
    drop(server);
}
