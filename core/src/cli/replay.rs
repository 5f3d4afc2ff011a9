//! `loggia replay`: the old site's requests, sent to both.

use std::fs::File;
use std::io::{BufRead, BufReader, stdin};
use std::path::{Path, PathBuf};

use clap::Args;

use super::failure::Failure;
use super::output::Output;
use super::site::Answer;
use crate::moving::replay::{Difference, Finding, Order, replay};

/// Sends the requests that a log of the old site holds to this site, and shows where the answers differ.
///
/// With --old both sites are asked now, and statuses, members and values are compared; without it only the statuses,
/// with those in the log. Each request is sent once. Exit status 1 says that something differs.
#[derive(Args)]
#[command(
    after_help = "Example: loggia replay --log access.log --against http://127.0.0.1:8080 --old https://www.example.org"
)]
pub(super) struct Replay {
    /// The log: the common or combined format of web servers, or a JSON object a line with method, uri, status and
    /// body; - is standard input.
    #[arg(long, value_name = "FILE")]
    log: PathBuf,
    /// The address of this site.
    #[arg(long, value_name = "URL")]
    against: String,
    /// The address of the old site.
    #[arg(long, value_name = "URL")]
    old: Option<String>,
    /// A member that may differ, by its name or its place, such as hits or articles[0].hits (may be given several
    /// times).
    #[arg(long, value_name = "MEMBER")]
    ignore: Vec<String>,
    /// A header that goes with every request, as NAME: VALUE (may be given several times).
    #[arg(long = "header", value_name = "HEADER", value_parser = header)]
    headers: Vec<(String, String)>,
    /// Sends requests that may change something too: to both sites.
    #[arg(long)]
    writes: bool,
    /// No more requests than these.
    #[arg(long, value_name = "N")]
    limit: Option<u64>,
    #[command(flatten)]
    answer: Answer,
}

impl Replay {
    pub(super) fn run(self, output: &mut Output) -> Result<(), Failure> {
        let mut log = opened(&self.log)?;
        let json = self.answer.json;
        let order = Order {
            against: self.against,
            old: self.old,
            ignore: self.ignore,
            writes: self.writes,
            headers: self.headers,
            limit: self.limit,
        };
        let mut told = Ok(());
        let summary = replay(&order, &mut *log, &mut |finding| {
            if told.is_ok() {
                told = output.facts(json, &finding, text);
            }
            Ok(())
        })?;
        told?;
        output.object(json, &summary)?;
        if summary.is_same() {
            return Ok(());
        }
        let (different, failed) = (summary.different, summary.failed);
        Err(Failure::Refused(format!(
            "{different} answers differ, {failed} requests were not answered"
        )))
    }
}

fn text(finding: &Finding) -> String {
    let Finding {
        line,
        method,
        target,
        differences,
    } = finding;
    let side = |value: &Option<String>| value.clone().unwrap_or_else(|| "nothing".to_owned());
    let told = |one: &Difference| {
        let (old, new) = (side(&one.old), side(&one.new));
        format!("  {}: {old} there, {new} here", one.place)
    };
    let mut lines = vec![format!("line {line}: {method} {target}")];
    lines.extend(differences.iter().map(told));
    if differences.is_empty() {
        lines.push("  not answered".to_owned());
    }
    lines.join("\n")
}

fn header(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once(':').ok_or("write it as NAME: VALUE")?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

fn opened(path: &Path) -> Result<Box<dyn BufRead>, Failure> {
    if path == Path::new("-") {
        return Ok(Box::new(BufReader::new(stdin())));
    }
    let file = File::open(path);
    let file = file.map_err(|error| Failure::Refused(format!("{}: {error}", path.display())))?;
    Ok(Box::new(BufReader::new(file)))
}
