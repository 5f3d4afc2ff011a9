//! The load tools: wrk for as much as goes, h2load for a constant rate.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::fault::{Fault, Result};
use crate::step::output;

/// A request, as the tools are given it.
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

    fn words(&self) -> impl Iterator<Item = String> + '_ {
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

/// As many requests as go for some seconds; requests a second.
pub(crate) fn most(request: &Request, connections: u32, seconds: u32) -> Result<f64> {
    let mut wrk = Command::new("wrk");
    wrk.args([
        "-t",
        "1",
        "-c",
        &connections.to_string(),
        "-d",
        &format!("{seconds}s"),
    ])
    .args(["--timeout", "10s"])
    .args(request.words())
    .arg(&request.url);
    let text = output(&mut wrk)?;
    for sign in ["Non-2xx or 3xx responses", "Socket errors"] {
        if let Some(line) = text.lines().find(|line| line.contains(sign)) {
            return Err(Fault::new(format!("{}: {}", request.url, line.trim())));
        }
    }
    after(&text, "Requests/sec:")
        .ok_or_else(|| Fault::new(format!("wrk said nothing usable:\n{text}")))
}

/// Requests at a constant rate; the 99th percentile of their latency in milliseconds.
pub(crate) fn latency_p99_ms(
    request: &Request,
    per_second: f64,
    seconds: u32,
    scratch: &Path,
) -> Result<f64> {
    const CONNECTIONS: u32 = 32;
    let log = scratch.join("latency.tsv");
    let rate = (per_second / f64::from(CONNECTIONS)).floor().max(1.0);
    let mut h2load = Command::new("h2load");
    h2load
        .args(["--h1", "-t", "1", "-c", &CONNECTIONS.to_string()])
        .args(["-D", &seconds.to_string(), &format!("--rps={rate}")])
        .arg(format!("--log-file={}", log.display()))
        .args(request.words())
        .arg(&request.url);
    output(&mut h2load)?;
    let text = std::fs::read_to_string(&log).map_err(Fault::file(&log))?;
    let mut micros: Vec<u64> = text
        .lines()
        .filter_map(|line| line.split('\t').nth(2)?.trim().parse().ok())
        .collect();
    micros.sort_unstable();
    let place = micros.len() * 99 / 100;
    let p99 = micros
        .get(place)
        .ok_or_else(|| Fault::new("h2load made no requests"))?;
    Ok(std::time::Duration::from_micros(*p99).as_secs_f64() * 1000.0)
}

/// The number behind a label.
fn after(text: &str, label: &str) -> Option<f64> {
    let line = text
        .lines()
        .find_map(|line| line.trim().strip_prefix(label))?;
    line.trim().parse().ok()
}

/// The middle of some figures.
pub(crate) fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(0.0)
}
