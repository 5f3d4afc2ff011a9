//! The built product: the release tree and its binary, run as an operator runs it.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use crate::{evidence, source_tree};

/// The release tree: the one `LOGGIA_DIST` names, else the one `cargo xtask dist --profile dev` has made.
pub fn dist() -> PathBuf {
    let named = std::env::var_os("LOGGIA_DIST").map(PathBuf::from);
    let tree = named.unwrap_or_else(|| source_tree().join("target/dist-dev"));
    assert!(
        tree.join("bin/loggia").exists(),
        "there is no release tree in {}: run `cargo xtask dist --profile dev` first",
        tree.display()
    );
    tree
}

/// The binary, ready for arguments, without what the surroundings would tell it.
pub fn loggia() -> Command {
    let mut command = Command::new(dist().join("bin/loggia"));
    command.env_remove("RUST_LOG");
    command
}

/// What a command that ended said.
#[derive(Debug)]
pub struct Ran {
    /// The exit status; -1 where a signal ended it.
    pub status: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Ran {
    /// Runs `loggia` to its end.
    pub fn loggia<W: AsRef<OsStr>>(words: impl IntoIterator<Item = W>) -> Self {
        Self::command(loggia().args(words))
    }

    /// Runs a command of the operator on the site of a configuration.
    pub fn on_site(configuration: &Path, words: &[&str]) -> Self {
        Self::command(loggia().args(words).arg("--config").arg(configuration))
    }

    /// Runs a command to its end.
    ///
    /// # Panics
    /// Where it cannot be started.
    pub fn command(command: &mut Command) -> Self {
        let Output {
            status,
            stdout,
            stderr,
        } = command
            .output()
            .unwrap_or_else(|error| panic!("{command:?} cannot be started: {error}"));
        evidence::log(&stderr);
        Ran {
            status: status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&stdout).into_owned(),
            stderr: String::from_utf8_lossy(&stderr).into_owned(),
        }
    }

    /// The same, if it succeeded.
    ///
    /// # Panics
    /// Where it did not, with what it said.
    pub fn done(self) -> Self {
        assert_eq!(self.status, 0, "{}{}", self.stdout, self.stderr);
        self
    }

    /// What it printed with `--json`.
    ///
    /// # Panics
    /// Where that is not JSON.
    pub fn json(&self) -> Value {
        let facts = serde_json::from_str(&self.stdout);
        let facts = facts.unwrap_or_else(|error| panic!("{error}: {}{}", self.stdout, self.stderr));
        evidence::credentials_in(&facts);
        facts
    }
}
