//! Single requests, by curl.

use std::process::Command;

use serde_json::Value;

use crate::fault::{Fault, Result};
use crate::step::output;

/// A GET request, as curl and the load tools are given it.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) url: String,
    pub(crate) headers: Vec<(String, String)>,
}

impl Request {
    /// A GET without headers of its own.
    pub(crate) fn get(url: impl Into<String>) -> Self {
        Request {
            url: url.into(),
            headers: Vec::new(),
        }
    }

    /// With a header.
    pub(crate) fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// The headers as the tools are given them.
    pub(crate) fn words(&self) -> impl Iterator<Item = String> + '_ {
        let headers = self.headers.iter();
        headers.flat_map(|(name, value)| ["-H".to_owned(), format!("{name}: {value}")])
    }

    /// Asks once and gives the body; a status of 400 or more is a failure.
    pub(crate) fn once(&self) -> Result<String> {
        let mut curl = Command::new("curl");
        output(
            curl.args(["-sSf", "--max-time", "20"])
                .args(self.words())
                .arg(&self.url),
        )
    }

    /// Asks once and insists on an answer that is not a refusal; compatible endpoints hide those behind 200.
    pub(crate) fn expect_ok(&self) -> Result<usize> {
        let body = self.once()?;
        if body.starts_with(r#"{"status":"ko""#) {
            return Err(Fault::new(format!("{} is refused: {body}", self.url)));
        }
        Ok(body.len())
    }
}

/// Posts a JSON text and gives the answer as JSON.
pub(crate) fn post_json(url: &str, token: &str, body: &Value) -> Result<Value> {
    let mut curl = Command::new("curl");
    curl.args(["-sSf", "--max-time", "20", "--json", &body.to_string()]);
    if !token.is_empty() {
        curl.args(["-H", &format!("Authorization: {token}")]);
    }
    let text = output(curl.arg(url))?;
    serde_json::from_str(&text).map_err(|error| Fault::new(format!("{url}: {error}: {text}")))
}
