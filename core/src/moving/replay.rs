//! Asks the old site and this one what clients once asked, and tells where the answers differ.

mod asker;
mod difference;
mod mask;
mod record;

use std::collections::HashSet;
use std::io::BufRead;

use serde::Serialize;

use super::{MovingError, Outcome};
use asker::{Answer, Asker};
use difference::differences;
use mask::masked;
use record::Request;

pub use difference::Difference;

/// The longest line of a log that is read.
const LONGEST_LINE_BYTES: usize = 1024 * 1024;

/// What is asked, and where.
#[derive(Debug, Default)]
pub struct Order {
    /// The site that is to answer as the old one did.
    pub against: String,
    /// The old site; without it, only the statuses in the log are compared.
    pub old: Option<String>,
    /// Members that may differ, by their names.
    pub ignore: Vec<String>,
    /// Requests that change something too.
    pub writes: bool,
    /// Headers that go with every request.
    pub headers: Vec<(String, String)>,
    /// No more requests than these.
    pub limit: Option<u64>,
}

/// A request whose answers differ.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    /// Its line in the log.
    pub line: u64,
    /// Its method.
    pub method: String,
    /// Its path and query, secrets masked.
    pub target: String,
    /// Where the answers differ.
    pub differences: Vec<Difference>,
}

/// What came of it.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Summary {
    /// Requests that were sent.
    pub sent: u64,
    /// Those that were answered alike.
    pub same: u64,
    /// Those that were not.
    pub different: u64,
    /// Those that one of the sites did not answer at all.
    pub failed: u64,
    /// Those that came a second time in the log.
    pub repeated: u64,
    /// Those that may change something, and were not sent.
    pub writes: u64,
    /// Lines that hold no request.
    pub unreadable: u64,
}

/// Sends the requests of a log, each once, one after the other.
pub fn replay(
    order: &Order,
    log: &mut dyn BufRead,
    found: &mut dyn FnMut(Finding) -> Outcome<()>,
) -> Outcome<Summary> {
    let here = Asker::new(&order.against, &order.headers)?;
    let old = order
        .old
        .as_deref()
        .map(|url| Asker::new(url, &order.headers))
        .transpose()?;
    let (mut summary, mut known) = (Summary::default(), HashSet::new());
    let (mut line, mut number) = (Vec::new(), 0);
    while order.limit.is_none_or(|limit| summary.sent < limit) && next_line(log, &mut line)? {
        number += 1;
        let text = String::from_utf8_lossy(&line);
        let text = text.trim();
        if text.is_empty() {
            continue;
        }
        let request = Some(text).filter(|text| text.len() <= LONGEST_LINE_BYTES);
        let Some(request) = request.and_then(Request::read) else {
            summary.unreadable += 1;
            continue;
        };
        if !order.writes && request.may_write() {
            summary.writes += 1;
        } else if known.insert(request.clone()) {
            let differences = compare(&request, &here, old.as_ref(), order);
            summary.count(differences.as_deref());
            if differences.as_ref().is_none_or(|found| !found.is_empty()) {
                found(Finding::new(number, &request, differences))?;
            }
        } else {
            summary.repeated += 1;
        }
    }
    Ok(summary)
}

/// Reads the next line in the place of the last; `false` at the end of the log.
fn next_line(log: &mut dyn BufRead, line: &mut Vec<u8>) -> Outcome<bool> {
    line.clear();
    let read = log.read_until(b'\n', line);
    Ok(read.map_err(MovingError::of("the log"))? > 0)
}

impl Finding {
    fn new(line: u64, request: &Request, differences: Option<Vec<Difference>>) -> Self {
        Finding {
            line,
            method: request.method.clone(),
            target: masked(&request.target),
            differences: differences.unwrap_or_default(),
        }
    }
}

impl Summary {
    fn count(&mut self, differences: Option<&[Difference]>) {
        self.sent += 1;
        match differences {
            None => self.failed += 1,
            Some([]) => self.same += 1,
            Some(_) => self.different += 1,
        }
    }

    /// Whether everything was answered as the old site does.
    pub fn is_same(&self) -> bool {
        self.different == 0 && self.failed == 0
    }
}

/// Where the answers differ; none where one of the sites did not answer.
fn compare(
    request: &Request,
    here: &Asker,
    old: Option<&Asker>,
    order: &Order,
) -> Option<Vec<Difference>> {
    let new = here.ask(request)?;
    let Some(old) = old else {
        let recorded = Answer::of_status(request.status?);
        return Some(differences(&recorded, &Answer::of_status(new.status), &[]));
    };
    Some(differences(&old.ask(request)?, &new, &order.ignore))
}
