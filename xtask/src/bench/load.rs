//! The load tools: wrk for as much as goes, h2load for a constant rate.

use std::path::Path;
use std::process::Command;

use crate::fault::{Fault, Result};
use crate::http::Request;
use crate::step::output;
use crate::tree;

/// As many requests as go for some seconds; requests a second.
pub(crate) fn most(request: &Request, connections: u32, seconds: u32) -> Result<f64> {
    told_by(
        wrk(request, connections, seconds).arg(&request.url),
        request,
    )
}

fn wrk(request: &Request, connections: u32, seconds: u32) -> Command {
    let mut wrk = Command::new("wrk");
    wrk.args(["-t", "1", "-c", &connections.to_string()])
        .args(["-d", &format!("{seconds}s"), "--timeout", "10s"])
        .args(request.words());
    wrk
}

fn told_by(wrk: &mut Command, request: &Request) -> Result<f64> {
    let text = output(wrk)?;
    for sign in ["Non-2xx or 3xx responses", "Socket errors"] {
        if let Some(line) = text.lines().find(|line| line.contains(sign)) {
            return Err(Fault::new(format!("{}: {}", request.url, line.trim())));
        }
    }
    after(&text, "Requests/sec:")
        .ok_or_else(|| Fault::new(format!("wrk said nothing usable:\n{text}")))
}

/// As many new records as go for some seconds; requests a second. In the body `{n}` is another number each time.
pub(crate) fn most_created(
    request: &Request,
    body: &str,
    (connections, seconds): (u32, u32),
    scratch: &Path,
) -> Result<f64> {
    let script = scratch.join("create.lua");
    let text = format!(
        r#"
local before, number = os.time(), 0
wrk.headers["Content-Type"] = "application/json"
request = function()
  number = number + 1
  local body = string.gsub([[{body}]], "{{n}}", before .. "x" .. number)
  return wrk.format("POST", nil, nil, body)
end
"#
    );
    tree::write(&script, text.as_bytes())?;
    let mut wrk = wrk(request, connections, seconds);
    told_by(wrk.arg("-s").arg(script).arg(&request.url), request)
}

/// As many transactions as PostgreSQL does for some seconds on 32 connections; transactions a second.
pub(crate) fn transactions(url: &str, sql: &str, seconds: u32, scratch: &Path) -> Result<f64> {
    let script = scratch.join("transaction.sql");
    tree::write(&script, sql.replace('\n', " ").as_bytes())?;
    let mut pgbench = Command::new("pgbench");
    pgbench
        .args([
            "-n",
            "-c",
            "32",
            "-j",
            "1",
            "-T",
            &seconds.to_string(),
            "-f",
        ])
        .arg(script);
    let text = output(pgbench.arg(url))?;
    text.lines()
        .find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse().ok())
        .ok_or_else(|| Fault::new(format!("pgbench said nothing usable:\n{text}")))
}

/// Requests at a constant rate; the 99th percentile of their latency in milliseconds.
pub(crate) fn latency_p99_ms(
    request: &Request,
    per_second: f64,
    seconds: u32,
    scratch: &Path,
) -> Result<f64> {
    // All connections are served in step, each of its steps a burst of as many requests: these are as many as arrive
    // together by chance where the callers do not know of each other.
    const CONNECTIONS: u32 = 8;
    let log = scratch.join("latency.tsv");
    // The load tool would write behind what the file has of the measurement before.
    tree::write(&log, b"")?;
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
