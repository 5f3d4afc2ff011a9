//! Pages that listen: what an idle one costs, and how soon a message reaches very many of them.

use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::Bench;
use super::table::{Line, Row};
use crate::fault::{Fault, Result};
use crate::http::post_json;
use crate::process::Server;
use crate::site::Site;
use crate::step::step;

/// How many listen, and how many of them are told something; a process has 20,000 file handles.
const PAGES: u32 = 15_000;
const TOLD: u32 = 10_000;
/// What the server needs for its first pages is not counted to the others.
const FIRST: u32 = 100;
const MESSAGES: u32 = 20;
/// How long what was needed for the handshakes may take to be given back.
const REST: Duration = Duration::from_secs(10);

impl Bench {
    /// Everything about streams, on a site of their own.
    pub(super) fn streams(&mut self, release: &Path) -> Result<()> {
        let site = Site::start(release, &self.scratch.join("streams"), None)?;
        let mut command = Command::new(self.program("loggia-pages"));
        let address = site.fact("/url")?;
        let mut pages = Server::start_listening(command.arg(&address))?;
        let token = site.fact("/pushback/app_token")?;
        let users = json!({ "app_token": token, "users": [1, 2] });
        post_json(&format!("{address}/api/v1/register/"), "", &users)?;
        let path = |user: u32| format!("/ws/notifications/subscribe/{token}/{user}/");
        step("pages that listen", || {
            self.listen(&site, &mut pages, &[path(1), path(2)])
        })?;
        step("messages to pages", || self.message(&mut pages, &token))
    }

    fn listen(&mut self, site: &Site, pages: &mut Server, paths: &[String; 2]) -> Result<()> {
        let mut open = |count: u32, path: &str| -> Result<()> {
            let answer = pages.ask(&json!({ "open": count, "path": path }).to_string())?;
            read(&answer).map(drop)
        };
        open(FIRST, &paths[1])?;
        let before_mb = site.server.memory_mb()?;
        let begun = Instant::now();
        open(TOLD, &paths[0])?;
        open(PAGES - TOLD - FIRST, &paths[1])?;
        let rate = f64::from(PAGES - FIRST) / begun.elapsed().as_secs_f64();
        thread::sleep(REST);
        let more_mb = site.server.memory_mb()? - before_mb;
        let mut add = |what: &str, figure, unit, line| {
            self.table.add(Row {
                subject: "streams",
                what: what.replace("{}", &PAGES.to_string()),
                figure,
                unit,
                line,
            });
        };
        add("pages that open a websocket", rate, "a second", Line::None);
        let each = more_mb * 1024.0 / f64::from(PAGES - FIRST);
        let line = Line::AtMost(24.0);
        add("{} idle websockets, memory of each", each, "KiB", line);
        Ok(())
    }

    fn message(&mut self, pages: &mut Server, token: &str) -> Result<()> {
        let question = json!({
            "tell": TOLD, "times": MESSAGES, "path": "/api/v1/notify/",
            "body": { "app_token": token, "users": [1], "content": "We open at nine." },
        });
        let answer = read(&pages.ask(&question.to_string())?)?;
        for (what, member, line) in [
            ("half of the pages", "median_ms", Line::None),
            ("99th percentile", "p99_ms", Line::AtMost(500.0)),
            ("the last page of all", "most_ms", Line::None),
        ] {
            let figure = answer[member].as_f64();
            self.table.add(Row {
                subject: "streams",
                what: format!("{MESSAGES} messages, each to {TOLD} pages: {what}"),
                figure: figure.ok_or_else(|| Fault::new(format!("no {member}: {answer}")))?,
                unit: "ms",
                line,
            });
        }
        Ok(())
    }
}

/// What the program with the pages answers, unless that is a failure.
fn read(line: &str) -> Result<Value> {
    let answer: Value =
        serde_json::from_str(line).map_err(|error| Fault::new(format!("{error}: {line}")))?;
    match answer["fault"].as_str() {
        None => Ok(answer),
        Some(fault) => Err(Fault::new(format!("pages: {fault}"))),
    }
}
