//! The load tools: wrk for as much as goes, h2load for a constant rate.

use std::path::Path;
use std::process::Command;

use crate::fault::{Fault, Result};
use crate::http::Request;
use crate::step::output;

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
