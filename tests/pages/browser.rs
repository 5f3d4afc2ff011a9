//! A headless Chromium, driven by chromedriver's WebDriver protocol over plain HTTP.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::thread;

use loggia_tests::client::Client;
use serde_json::{Value, json};
use tempfile::TempDir;

/// What every started browser is told.
const ARGUMENTS: [&str; 9] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--ignore-certificate-errors",
];

/// A browser with one page; it ends when this value goes.
pub(crate) struct Browser {
    driver: Child,
    session: Client,
    _folder: TempDir,
}

impl Browser {
    /// Starts one.
    ///
    /// # Panics
    /// Where there is none: `cargo xtask test` installs it, and nothing may be skipped in silence.
    pub(crate) fn start() -> Self {
        let folder =
            TempDir::with_prefix("loggia-browser-").expect("a temporary folder can be made");
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| {
                panic!("Chromium cannot be driven ({error}): please install chromium and chromium-driver")
            });
        let stdout = driver.stdout.take().expect("its words are piped");
        let mut lines = BufReader::new(stdout).lines().map_while(Result::ok);
        let port = lines.find_map(|line| {
            let (_, port) = line.split_once("started successfully on port ")?;
            port.trim_end_matches('.').parse::<u16>().ok()
        });
        let port = port.expect("chromedriver says its port");
        thread::spawn(move || lines.for_each(drop));
        // It says that it closes its connections and does not, so the length of its answers has to tell their end.
        let client = Client::new(&format!("http://127.0.0.1:{port}")).keeping();
        let data = format!("--user-data-dir={}", folder.path().display());
        let arguments: Vec<&str> = ARGUMENTS.into_iter().chain([data.as_str()]).collect();
        let wanted = json!({ "capabilities": { "alwaysMatch": {
            "browserName": "chrome",
            "acceptInsecureCerts": true,
            "goog:chromeOptions": { "args": arguments },
        } } });
        let made = client.post_json("/session", &wanted).json();
        let id = made["value"]["sessionId"].as_str();
        let id = id.unwrap_or_else(|| panic!("Chromium does not start: {made}"));
        let session = client.below(&format!("/session/{id}"));
        Browser {
            driver,
            session,
            _folder: folder,
        }
    }

    /// Opens an address.
    pub(crate) fn open(&self, address: &str) {
        let answer = self.session.post_json("/url", &json!({ "url": address }));
        assert_eq!(answer.status, 200, "{}", answer.text());
    }

    /// Runs the body of a function in the page and gives what it returns.
    pub(crate) fn run(&self, body: &str) -> Value {
        let order = json!({ "script": body, "args": [] });
        let answer = self.session.post_json("/execute/sync", &order);
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()["value"].clone()
    }

    /// What a promise in the page comes to.
    pub(crate) fn ask(&self, promise: &str) -> Value {
        let script = format!(
            "const told = arguments[0]; ({promise}).then(told, fault => told(String(fault)));"
        );
        let order = json!({ "script": script, "args": [] });
        let answer = self.session.post_json("/execute/async", &order);
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()["value"].clone()
    }

    /// Has the browser itself do something, by the protocol of its developers' tools.
    pub(crate) fn order(&self, command: &str, parameters: &Value) {
        let order = json!({ "cmd": command, "params": parameters });
        let answer = self.session.post_json("/goog/cdp/execute", &order);
        assert_eq!(answer.status, 200, "{command}: {}", answer.text());
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // A driver that is gone already has taken its browser along.
        let _ = self.session.try_send("DELETE", "", None, b"");
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}
