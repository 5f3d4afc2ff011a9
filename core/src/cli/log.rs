//! `loggia log`: the access log.

use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};
use serde::Serialize;

use super::failure::Failure;
use super::output::Output;
use super::progress;
use super::site::{Answer, Site, patience};
use super::time;
use crate::settings::Settings;
use crate::store::access_log::{self, Filter, Statistics, Stored, Tail as Follower};
use crate::store::nodes::now_ms;
use crate::store::{Pool, keys};

/// How often the log is looked at while it is followed.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// Follows, exports and counts the access log.
#[derive(Args)]
pub(super) struct Log {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Tail(Tail),
    Export(Export),
    Stats(Stats),
}

/// Shows calls as they come.
#[derive(Args)]
#[command(after_help = "Example: loggia log tail --lines 20 --errors")]
struct Tail {
    /// Begins with so many of the last calls.
    #[arg(long, value_name = "N", default_value_t = 10)]
    lines: u32,
    /// Ends after the last calls instead of waiting for more.
    #[arg(long)]
    no_follow: bool,
    #[command(flatten)]
    chosen: Chosen,
    #[command(flatten)]
    site: Site,
    /// Prints an object a line.
    #[arg(long)]
    json: bool,
}

/// Prints the log as CSV, or as one JSON object a line (NDJSON).
#[derive(Args)]
#[command(
    after_help = "Example: loggia log export --format ndjson --from 2027-01-01 > january.ndjson"
)]
struct Export {
    /// The form of the lines.
    #[arg(long, default_value = "csv")]
    format: Format,
    #[command(flatten)]
    chosen: Chosen,
    #[command(flatten)]
    site: Site,
}

/// Prints the numbers of jBackend's dashboard.
#[derive(Args)]
#[command(after_help = "Example: loggia log stats --json")]
struct Stats {
    #[command(flatten)]
    site: Site,
    #[command(flatten)]
    answer: Answer,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Csv,
    Ndjson,
}

/// Which calls.
#[derive(Args)]
struct Chosen {
    /// Only calls from this time on: 2027-01-31, or 2027-01-31T12:00:00Z.
    #[arg(long, value_name = "TIME", value_parser = time::point_ms)]
    from: Option<i64>,
    /// Only calls before this time.
    #[arg(long, value_name = "TIME", value_parser = time::point_ms)]
    until: Option<i64>,
    /// Only calls of this endpoint.
    #[arg(long, value_name = "NAME")]
    endpoint: Option<String>,
    /// Only calls with this key, by id or prefix.
    #[arg(long)]
    key: Option<String>,
    /// Only calls with this error code.
    #[arg(long, value_name = "CODE")]
    code: Option<String>,
    /// Only errors.
    #[arg(long)]
    errors: bool,
}

/// The numbers of the dashboard.
#[derive(Serialize)]
struct Numbers {
    endpoints: usize,
    endpoints_active: usize,
    #[serde(flatten)]
    log: Statistics,
}

impl Log {
    pub(super) fn run(self, output: &mut Output) -> Result<(), Failure> {
        match self.command {
            Command::Tail(tail) => tail.run(output),
            Command::Export(export) => export.run(output),
            Command::Stats(stats) => stats.run(output),
        }
    }
}

impl Tail {
    fn run(self, output: &mut Output) -> Result<(), Failure> {
        let pool = Site::pool(&self.site.settings()?)?;
        let filter = self.chosen.filter(&pool)?;
        let count = i64::from(self.lines);
        let (mut follower, mut rows) = Follower::begin(&mut pool.read(patience())?, filter, count)?;
        loop {
            for row in &rows {
                output.line(&if self.json { to_json(row)? } else { shown(row) })?;
            }
            output.finish()?;
            if self.no_follow {
                return Ok(());
            }
            std::thread::sleep(LOOK_EVERY);
            let mut connection = pool.read(patience())?;
            let now = now_ms(&mut connection)?;
            rows = follower.next(&mut connection, now)?;
        }
    }
}

impl Export {
    fn run(self, output: &mut Output) -> Result<(), Failure> {
        let pool = Site::pool(&self.site.settings()?)?;
        let filter = self.chosen.filter(&pool)?;
        if matches!(self.format, Format::Csv) {
            output.line(Stored::CSV_HEAD)?;
        }
        let spinner = progress::spinner("exporting");
        let mut failure = None;
        access_log::export(&mut pool.read(patience())?, &filter, |row| {
            spinner.inc(1);
            let line = match self.format {
                Format::Csv => Ok(row.to_csv()),
                Format::Ndjson => to_json(row),
            };
            failure = line.and_then(|line| output.line(&line)).err();
            failure.is_none()
        })?;
        spinner.finish_and_clear();
        failure.map_or(Ok(()), Err)
    }
}

impl Stats {
    fn run(self, output: &mut Output) -> Result<(), Failure> {
        let settings = self.site.settings()?;
        let mut connection = Site::pool(&settings)?.read(patience())?;
        let now = now_ms(&mut connection)?;
        let log = access_log::statistics(&mut connection, now)?;
        output.object(self.answer.json, &Numbers::of(&settings, log))
    }
}

impl Numbers {
    /// An endpoint that stands in the file is active; the default request is one more, which may be off.
    fn of(settings: &Settings, log: Statistics) -> Self {
        let endpoints = settings.endpoint.len();
        let default_request = usize::from(settings.default_request.enabled);
        Self {
            endpoints: endpoints + 1,
            endpoints_active: endpoints + default_request,
            log,
        }
    }
}

impl Chosen {
    fn filter(self, pool: &Pool) -> Result<Filter, Failure> {
        let key_id = match self.key {
            Some(name) => {
                let found = keys::find(&mut pool.read(patience())?, &name)?;
                Some(
                    found
                        .ok_or_else(|| Failure::refused("there is no such key"))?
                        .key
                        .id,
                )
            }
            None => None,
        };
        Ok(Filter {
            from_ms: self.from,
            until_ms: self.until,
            endpoint: self.endpoint,
            key_id,
            error_code: self.code,
            error: self.errors.then_some(true),
            user_id: None,
        })
    }
}

fn to_json(row: &Stored) -> Result<String, Failure> {
    serde_json::to_string(row).map_err(Failure::refused)
}

/// One call as a line for people.
fn shown(row: &Stored) -> String {
    let dash = |text: &str| {
        if text.is_empty() {
            "-".to_owned()
        } else {
            text.to_owned()
        }
    };
    let outcome = if row.error == 0 {
        "ok"
    } else {
        row.error_code.as_str()
    };
    let milliseconds = format!(
        "{}.{:03} ms",
        row.duration_us / 1_000,
        row.duration_us % 1_000
    );
    let call = format!(
        "{}/{}/{}",
        dash(&row.action),
        dash(&row.module),
        dash(&row.resource)
    );
    let (time, endpoint, status) = (time::shown(row.request_ms), &row.endpoint, row.http_status);
    let (key, address) = (dash(&row.key_prefix), dash(&row.client_address));
    format!(
        "{time}  {endpoint}  {call}  {outcome}  {status}  {milliseconds}  {key}  {address}  {}",
        row.request_id
    )
}
