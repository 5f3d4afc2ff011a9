//! A server with modules and settings of the test's choice, as `loggia serve` runs it.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::thread;

use loggia::store::testing::TestDatabase;
use tempfile::TempDir;

use crate::client::Client;
use crate::evidence;
use crate::product::{Ran, loggia};

/// Where the product's temporary files go.
const TEMPORARY: &str = "temporary";

/// A site that is not a demo: a folder of modules, settings, and a database.
pub struct Setup {
    folder: TempDir,
    database: TestDatabase,
}

impl Setup {
    /// An empty site on a database, with one free endpoint at `/api`.
    ///
    /// # Panics
    /// Where the folder cannot be made.
    pub fn new(database: TestDatabase) -> Self {
        let folder = TempDir::with_prefix("loggia-setup-").expect("a temporary folder can be made");
        for name in ["modules", TEMPORARY] {
            fs::create_dir(folder.path().join(name)).expect("a folder can be made");
        }
        let setup = Setup { folder, database };
        setup.configure("");
        setup
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Its settings.
    pub fn configuration(&self) -> PathBuf {
        self.folder().join("endpoints.toml")
    }

    /// Writes the settings, with some more at their end.
    ///
    /// # Panics
    /// Where they cannot be written.
    pub fn configure(&self, more: &str) {
        let database = self.database.address();
        let text = format!(
            "[server]\nlisten = \"127.0.0.1:0\"\n\n[database]\nurl = \"{database}\"\n\n\
             [modules]\nfolders = [\"modules\"]\n\n\
             [[endpoint]]\nname = \"api\"\npath = \"/api\"\naccess = \"free\"\n\n{more}"
        );
        fs::write(self.configuration(), text).expect("the settings can be written");
    }

    /// Where the library of a module has to lie.
    pub fn library(&self, module: &str) -> PathBuf {
        self.folder().join("modules").join(format!("{module}.so"))
    }

    /// The product, with a place of its own for temporary files.
    fn loggia(&self) -> Command {
        let mut command = loggia();
        command.env("TMPDIR", self.folder().join(TEMPORARY));
        command
    }

    /// What the server and the commands have left: temporary files, and private copies of libraries.
    pub fn litter(&self) -> Vec<PathBuf> {
        let folders = [TEMPORARY, "files/.modules"];
        let entries = folders.map(|folder| fs::read_dir(self.folder().join(folder)));
        let entries = entries.into_iter().flatten().flatten().flatten();
        entries.map(|entry| entry.path()).collect()
    }

    /// Runs a command of the operator on this site.
    pub fn operator(&self, words: &[&str]) -> Ran {
        Ran::command(
            self.loggia()
                .args(words)
                .arg("--config")
                .arg(self.configuration()),
        )
    }

    /// Starts the server and waits until it serves.
    ///
    /// # Panics
    /// Where it does not come to that, with what it said.
    pub fn serve(&self) -> Server {
        let mut child = self
            .loggia()
            .arg("serve")
            .arg("--config")
            .arg(self.configuration())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the server can be started");
        let stderr = child.stderr.take().expect("its words are piped");
        // Several servers of one site write one each.
        let log = format!("server-{}.log", child.id());
        let log = self.folder().join(log);
        let mut lines = BufReader::new(stderr).lines().map_while(Result::ok);
        let mut copy = File::create(&log).expect("a log can be written");
        let mut before = String::new();
        for line in lines.by_ref() {
            write_line(&mut copy, &line);
            if let Some((_, address)) = line.split_once("Loggia serves at ") {
                let url = address.trim().to_owned();
                let client = Client::new(&url);
                // The rest of what it says is written down as it comes, so that it never waits for a reader.
                thread::spawn(move || lines.for_each(|line| write_line(&mut copy, &line)));
                return Server {
                    child,
                    client,
                    url,
                    log: Arc::from(log),
                };
            }
            before += &(line + "\n");
        }
        let status = child.wait();
        panic!("the server did not serve ({status:?}):\n{before}");
    }
}

impl Drop for Setup {
    fn drop(&mut self) {
        evidence::of_site(self.folder(), &self.database);
    }
}

fn write_line(file: &mut File, line: &str) {
    use std::io::Write;
    writeln!(file, "{line}").expect("the log can be written");
}

/// A running server; it is killed when this value goes.
pub struct Server {
    child: Child,
    client: Client,
    url: String,
    log: Arc<Path>,
}

impl Server {
    /// A client for the endpoint `/api`.
    pub fn api(&self) -> Client {
        self.client.below("/api")
    }

    /// A client for the whole server.
    pub fn root(&self) -> Client {
        self.client.clone()
    }

    /// Its address, `http://HOST:PORT`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What it has logged so far.
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// The number of its process.
    pub fn process(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A process that has ended already is what is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
