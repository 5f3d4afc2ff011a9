//! A demo site of a release tree, through the seam that is made for tools.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::fault::{Fault, Result};
use crate::process::Server;
use crate::step::output;

/// A running node of a demo site.
pub(crate) struct Site {
    pub(crate) server: Server,
    binary: PathBuf,
    configuration: PathBuf,
    facts: Value,
}

impl Site {
    /// Starts a node on a folder, on SQLite or on the PostgreSQL behind a URL.
    pub(crate) fn start(tree: &Path, folder: &Path, postgres: Option<&str>) -> Result<Self> {
        let binary = tree.join("bin/loggia");
        let mut command = Command::new(&binary);
        command
            .args(["demo", "--json", "--listen", "127.0.0.1:0", "--data"])
            .arg(folder);
        if let Some(url) = postgres {
            command.args(["--database", url]);
        }
        let mut server = Server::start(&mut command)?;
        let line = server.line()?;
        let facts = serde_json::from_str(&line)
            .map_err(|error| Fault::new(format!("the demo's facts: {error}: {line}")))?;
        Ok(Site {
            server,
            binary,
            configuration: folder.join("endpoints.toml"),
            facts,
        })
    }

    /// A text of the facts, by JSON pointer.
    pub(crate) fn fact(&self, pointer: &str) -> Result<String> {
        match self.facts.pointer(pointer) {
            Some(Value::String(text)) => Ok(text.clone()),
            Some(Value::Number(number)) => Ok(number.to_string()),
            _ => Err(Fault::new(format!("the demo's facts have no {pointer}"))),
        }
    }

    /// The address of an endpoint: `free`, `user`, `key` or `semantic`.
    pub(crate) fn endpoint(&self, name: &str) -> Result<String> {
        Ok(self.fact("/url")? + &self.fact(&format!("/endpoints/{name}"))?)
    }

    /// A command of the operator on this site.
    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(&self.binary);
        command.args(words).arg("--config").arg(&self.configuration);
        command
    }

    /// Runs a command of the operator on this site and gives what it answers.
    pub(crate) fn operator(&self, words: &[&str]) -> Result<Value> {
        let text = output(self.command(words).arg("--json"))?;
        serde_json::from_str(&text)
            .map_err(|error| Fault::new(format!("{words:?}: {error}: {text}")))
    }
}
