//! The stand-ins for the vendors, as a program of their own.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::fault::{Fault, Result};
use crate::process::Server;
use crate::step::output;
use crate::tree;

/// They run as long as this does.
pub(crate) struct Fakes {
    pub(crate) server: Server,
    /// The line that they print: addresses, credentials, and what they are trusted by.
    pub(crate) facts: Value,
}

impl Fakes {
    /// Starts the program.
    pub(crate) fn start(program: &Path) -> Result<Self> {
        let mut server = Server::start_listening(&mut Command::new(program))?;
        let line = server.line()?;
        let facts = serde_json::from_str(&line)
            .map_err(|error| Fault::new(format!("the fakes' facts: {error}: {line}")))?;
        Ok(Fakes { server, facts })
    }

    fn fact(&self, name: &str) -> &str {
        self.facts[name].as_str().unwrap_or_default()
    }

    /// Has a site send to them, by its settings.
    pub(crate) fn stand_in(&self, folder: &Path) -> Result<()> {
        let file = folder.join("endpoints.toml");
        let settings = tree::read(&file)?;
        let more = format!(
            "\n[outgoing]\nallow = [\"127.0.0.0/8\"]\n\n{}vapid_subject = \"mailto:bench@example.org\"\n",
            self.fact("settings"),
        );
        tree::write(&file, (settings + &more).as_bytes())
    }

    /// Changes how a fake behaves.
    pub(crate) fn behave(&self, name: &str, manner: &Value) -> Result<()> {
        let mut curl = Command::new("curl");
        curl.args(["-sSf", "--max-time", "20", "-X", "PUT", "-d"])
            .arg(manner.to_string())
            .arg(format!("{}/{name}/manner", self.fact("control_url")));
        output(&mut curl).map(drop)
    }

    /// How much a fake has taken so far. Asked without a program of its own, because it is asked often while others are
    /// measured.
    pub(crate) fn accepted(&self, name: &str) -> Result<u64> {
        let address = self.fact("control_url").trim_start_matches("http://");
        let failed = |error: std::io::Error| Fault::new(format!("{address}: {error}"));
        let mut stream = TcpStream::connect(address).map_err(failed)?;
        write!(
            stream,
            "GET /{name}/counts HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
        )
        .map_err(failed)?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).map_err(failed)?;
        let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        let counts: Value = serde_json::from_str(body)
            .map_err(|error| Fault::new(format!("{name}/counts: {error}: {answer}")))?;
        counts["accepted"]
            .as_u64()
            .ok_or_else(|| Fault::new(format!("{name}/counts: {counts}")))
    }
}
