//! A demo site and its nodes, through the seam that is made for tools: `loggia demo --json`.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use loggia::store::testing::TestDatabase;

use crate::client::Client;
use crate::evidence;
use crate::product::{Ran, loggia};

/// A site: its folder, its database, and what the demo says of it.
pub struct Site {
    folder: TempDir,
    database: TestDatabase,
}

impl Site {
    /// A site in a fresh folder on a fresh database; nothing runs yet.
    ///
    /// # Panics
    /// Where no folder can be made.
    pub fn new(database: TestDatabase) -> Self {
        let folder = TempDir::with_prefix("loggia-site-").expect("a temporary folder can be made");
        Site { folder, database }
    }

    /// A fresh site on each database there is.
    pub fn each() -> Vec<Self> {
        TestDatabase::each().into_iter().map(Site::new).collect()
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Its database.
    pub fn database(&self) -> &TestDatabase {
        &self.database
    }

    /// Its configuration.
    pub fn configuration(&self) -> PathBuf {
        self.folder().join("endpoints.toml")
    }

    /// Starts a node, the first or one more.
    pub fn node(&self) -> Node {
        Node::start(self.folder(), self.database.address())
    }

    /// What its nodes have written to their logs so far.
    ///
    /// # Panics
    /// Where that cannot be read.
    pub fn log(&self) -> String {
        all_logs(self.folder())
    }

    /// Runs a command of the operator on this site.
    pub fn operator(&self, words: &[&str]) -> Ran {
        Ran::on_site(&self.configuration(), words)
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        evidence::of_site(self.folder(), &self.database);
    }
}

/// A running node; it is killed when this value goes, unless it was stopped before.
pub struct Node {
    child: Child,
    /// What the demo printed.
    pub facts: Value,
}

impl Node {
    fn start(folder: &Path, database: &str) -> Self {
        let log = folder.join(format!("node-{}.log", folder_entries(folder)));
        let log = std::fs::File::create(&log).expect("a log can be written");
        let mut child = loggia()
            .args([
                "demo",
                "--json",
                "--listen",
                "127.0.0.1:0",
                "--database",
                database,
                "--data",
            ])
            .arg(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("the demo can be started");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("its output is piped");
        BufReader::new(stdout)
            .read_line(&mut line)
            .expect("its output can be read");
        let Ok(facts) = serde_json::from_str::<Value>(&line) else {
            let log = all_logs(folder);
            panic!("the demo did not serve; it said {line:?}\n{log}");
        };
        evidence::credentials_in(&facts["users"]);
        if let Some(keys) = facts["keys"].as_object() {
            let keys = keys.values().filter_map(Value::as_str);
            keys.for_each(evidence::credential);
        }
        Node { child, facts }
    }

    /// A client for an endpoint of the demo: `free`, `user`, `key` or `semantic`.
    pub fn endpoint(&self, name: &str) -> Client {
        Client::new(&(self.fact("/url") + &self.fact(&format!("/endpoints/{name}"))))
    }

    /// A client for the whole server.
    pub fn server(&self) -> Client {
        Client::new(&self.fact("/url"))
    }

    /// A text among the facts, by JSON pointer.
    ///
    /// # Panics
    /// Where there is none.
    pub fn fact(&self, pointer: &str) -> String {
        match self.facts.pointer(pointer) {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Number(number)) => number.to_string(),
            other => panic!("the demo's facts have {other:?} at {pointer}"),
        }
    }

    /// The process's number.
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// Asks it to end and says how and after how long it did.
    ///
    /// # Panics
    /// Where it does not end within a minute.
    pub fn stop(mut self) -> (ExitStatus, Duration) {
        let start = Instant::now();
        let process = self.child.id().to_string();
        Ran::command(Command::new("kill").args(["-TERM", &process])).done();
        loop {
            if let Some(status) = self.child.try_wait().expect("a child can be waited for") {
                return (status, start.elapsed());
            }
            assert!(
                start.elapsed() < Duration::from_mins(1),
                "the node does not end"
            );
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Ends it without a word, as `kill -9` does.
    pub fn kill(mut self) {
        self.end();
    }

    fn end(&mut self) {
        // A process that has ended already is what is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.end();
    }
}

fn folder_entries(folder: &Path) -> usize {
    std::fs::read_dir(folder).map_or(0, Iterator::count)
}

fn all_logs(folder: &Path) -> String {
    let entries = std::fs::read_dir(folder).expect("the site's folder");
    entries
        .map(|entry| entry.expect("an entry of it").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "log"))
        .map(|path| std::fs::read_to_string(path).expect("a log"))
        .collect()
}
