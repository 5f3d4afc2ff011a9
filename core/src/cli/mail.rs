//! `loggia mail`: what becomes of the site's mail.

use clap::{Args, Subcommand, ValueEnum};
use serde::Serialize;
use serde_json::json;

use super::failure::Failure;
use super::output::Output;
use super::shown;
use super::site::{Common, patience};
use super::time;
use crate::store::mail_queue::{self, Listed, state};
use crate::store::nodes::now_ms;

/// Shows the mail of the site, and sends again what was given up.
#[derive(Args)]
pub(super) struct Mail {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    List(List),
    Retry(Retry),
}

/// Lists messages, newest first, with the reason of the last failure.
#[derive(Args)]
#[command(after_help = "Example: loggia mail list --state failed")]
struct List {
    /// Only messages in this state.
    #[arg(long)]
    state: Option<StateName>,
    /// At most so many.
    #[arg(long, default_value_t = 100)]
    limit: u32,
    #[command(flatten)]
    common: Common,
}

/// Has running nodes send messages again that were given up, or whose fate is unknown.
#[derive(Args)]
#[command(after_help = "Example: loggia mail retry 17")]
struct Retry {
    /// The messages, by id.
    #[arg(required = true, value_name = "ID")]
    ids: Vec<i64>,
    #[command(flatten)]
    common: Common,
}

#[derive(Clone, Copy, ValueEnum)]
enum StateName {
    /// To be sent at its time.
    Waiting,
    /// A node is sending it.
    Sending,
    /// A mail server has taken it.
    Sent,
    /// Given up.
    Failed,
    /// A node died while it sent it.
    Unknown,
}

impl StateName {
    fn word(self) -> &'static str {
        match self {
            Self::Waiting => state::WAITING,
            Self::Sending => state::SENDING,
            Self::Sent => state::SENT,
            Self::Failed => state::FAILED,
            Self::Unknown => state::UNKNOWN,
        }
    }
}

/// A message as a command prints it.
#[derive(Serialize)]
struct Facts {
    id: i64,
    state: String,
    attempts: i64,
    recipient: String,
    subject: String,
    created: String,
    next_try: Option<String>,
    finished: Option<String>,
    reason: Option<String>,
}

impl From<Listed> for Facts {
    fn from(listed: Listed) -> Self {
        let waits = listed.state == state::WAITING;
        Self {
            id: listed.id,
            attempts: listed.attempts,
            recipient: listed.recipient,
            subject: listed.subject,
            created: time::shown(listed.created_ms),
            next_try: waits.then(|| time::shown(listed.next_try_ms)),
            finished: listed.finished_ms.map(time::shown),
            reason: listed.last_error,
            state: listed.state,
        }
    }
}

impl Mail {
    pub(super) fn run(self, output: &mut Output) -> Result<(), Failure> {
        match self.command {
            Command::List(list) => list.run(output),
            Command::Retry(retry) => retry.run(output),
        }
    }
}

impl List {
    fn run(self, output: &mut Output) -> Result<(), Failure> {
        let (_, pool) = self.common.open()?;
        let word = self.state.map(StateName::word);
        let listed = mail_queue::list(&mut pool.read(patience())?, word, self.limit.into())?;
        let facts: Vec<Facts> = listed.into_iter().map(Facts::from).collect();
        output.facts(self.common.answer.json, &facts, |facts| {
            shown::rows_of(facts)
        })
    }
}

impl Retry {
    fn run(self, output: &mut Output) -> Result<(), Failure> {
        let (_, pool) = self.common.open()?;
        let mut connection = pool.write(patience())?;
        let now_ms = now_ms(&mut connection)?;
        connection.transaction(|connection| {
            for id in &self.ids {
                if !mail_queue::retry(connection, *id, now_ms)? {
                    return Err(Failure::Refused(format!(
                        "there is no message {id} that was given up or whose fate is unknown"
                    )));
                }
            }
            Ok(())
        })?;
        output.object(self.common.answer.json, &json!({ "retried": self.ids }))
    }
}
