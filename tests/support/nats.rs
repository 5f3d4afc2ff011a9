//! A NATS server of a test's own: a real one, on loopback, at a port that stays the same.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use crate::client::Client;

/// Where the program lies, which is not on everybody's path.
const FOLDERS: [&str; 4] = ["/usr/sbin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin"];

/// How long a server may take to say where it listens.
const PATIENCE: Duration = Duration::from_mins(1);

/// A server; it ends when this value goes.
pub struct Nats {
    folder: TempDir,
    settings: String,
    port: u16,
    running: Option<Running>,
}

/// Its process, and who tells what goes on in it.
struct Running {
    child: Child,
    monitor: Client,
}

impl Nats {
    /// Starts one with settings of the server's own language, beside where it listens.
    ///
    /// # Panics
    /// Where there is none: `cargo xtask test` installs it, and nothing may be skipped in silence.
    pub fn start(settings: &str) -> Self {
        let folder = TempDir::with_prefix("loggia-nats-").expect("a temporary folder can be made");
        let (running, port) = run(folder.path(), settings, -1);
        Nats {
            folder,
            settings: settings.to_owned(),
            port,
            running: Some(running),
        }
    }

    /// Ends it without a word.
    pub fn stop(&mut self) {
        drop(self.running.take());
    }

    /// Starts it again at the same port.
    ///
    /// # Panics
    /// Where it does not come to listen there.
    pub fn start_again(&mut self) {
        self.stop();
        let (running, port) = run(self.folder.path(), &self.settings, i32::from(self.port));
        assert_eq!(port, self.port);
        self.running = Some(running);
    }

    /// Where it listens, `127.0.0.1:PORT`.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// What went to each who listens to a subject: the number of messages since he came.
    ///
    /// # Panics
    /// While it is stopped.
    pub fn delivered(&self, subject: &str) -> Vec<u64> {
        let running = self.running.as_ref().expect("it runs");
        let clients = running.monitor.get("/connz?subs=detail").json();
        let clients = clients["connections"].as_array().expect("its clients");
        let lists = clients
            .iter()
            .filter_map(|client| client["subscriptions_list_detail"].as_array());
        let ones = lists.flatten().filter(|one| one["subject"] == subject);
        ones.map(|one| one["msgs"].as_u64().expect("a number"))
            .collect()
    }

    /// How many clients it has let in since it started or turned away.
    ///
    /// # Panics
    /// While it is stopped.
    pub fn visits(&self) -> u64 {
        let running = self.running.as_ref().expect("it runs");
        let facts = running.monitor.get("/varz").json();
        facts["total_connections"].as_u64().expect("a number")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // A process that has ended already is what is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs it at a port, at any where that is -1, and gives the port.
fn run(folder: &Path, settings: &str, port: i32) -> (Running, u16) {
    let file = folder.join("server.conf");
    let listens = format!(
        "listen: \"127.0.0.1:{port}\"\nhttp: \"127.0.0.1:-1\"\nports_file_dir: \"{}\"\n{settings}",
        folder.display()
    );
    fs::write(&file, listens).expect("its settings can be written");
    let log = folder.join("log");
    let mut child = Command::new(program())
        .arg("--config")
        .arg(&file)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(File::create(&log).expect("a log can be written"))
        .spawn()
        .expect("the NATS server can be started");
    let facts = listening(&mut child, folder).unwrap_or_else(|| {
        let said = fs::read_to_string(&log).unwrap_or_default();
        panic!("the NATS server did not start:\n{said}")
    });
    let text = |kind: &str| facts[kind][0].as_str().expect("an address").to_owned();
    let port = text("nats").rsplit(':').next().map(str::parse);
    let monitor = Client::new(&text("monitoring"));
    let port = port.and_then(Result::ok).expect("a port");
    (Running { child, monitor }, port)
}

/// What it writes down once it listens: its addresses.
fn listening(child: &mut Child, folder: &Path) -> Option<Value> {
    let file = folder.join(format!("nats-server_{}.ports", child.id()));
    let start = Instant::now();
    while start.elapsed() < PATIENCE && child.try_wait().is_ok_and(|ended| ended.is_none()) {
        let facts = fs::read(&file).ok();
        let facts = facts.and_then(|text| serde_json::from_slice(&text).ok());
        if facts.is_some() {
            return facts;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    None
}

fn program() -> PathBuf {
    let places = FOLDERS.map(|folder| Path::new(folder).join("nats-server"));
    let found = places.into_iter().find(|path| path.exists());
    found.unwrap_or_else(|| panic!("there is no NATS server: please install nats-server"))
}
