//! `loggia reload` and `loggia module reload`: all nodes are told, and all are waited for.

use std::time::{Duration, Instant};

use clap::Args;
use serde::Serialize;

use super::failure::Failure;
use super::output::Output;
use super::progress;
use super::site::{Answer, Site, patience};
use crate::store::Pool;
use crate::store::nodes::{self, Command, Progress, State};

/// How often the answers of the nodes are looked at.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Has every running node read the settings again.
///
/// A wrong file changes nothing: it is refused here, and by each node that reads another one.
#[derive(Args)]
#[command(after_help = "Example: loggia reload --config endpoints.toml")]
pub(super) struct Reload {
    #[command(flatten)]
    order: Order,
}

/// What reloading commands share.
#[derive(Args)]
pub(super) struct Order {
    #[command(flatten)]
    site: Site,
    /// How long the nodes may take.
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    timeout: u64,
    #[command(flatten)]
    answer: Answer,
}

/// What became of a command.
#[derive(Serialize)]
struct Facts {
    generation: i64,
    nodes: Vec<NodeFacts>,
}

#[derive(Serialize)]
struct NodeFacts {
    node: String,
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl Reload {
    pub(super) fn run(self, output: &mut Output) -> Result<(), Failure> {
        self.order.give(&Command::ReloadSettings, output)
    }
}

impl Order {
    /// Gives a command to every node and says what each made of it.
    pub(super) fn give(self, command: &Command, output: &mut Output) -> Result<(), Failure> {
        let settings = self.site.settings()?;
        let pool = Site::pool(&settings)?;
        let mut connection = pool.write(patience())?;
        if nodes::live(&mut connection)?.is_empty() {
            return Err(Failure::refused("no node of this site is running"));
        }
        let generation = nodes::give(&mut connection, command)?;
        drop(connection);
        let answers = wait(&pool, generation, Duration::from_secs(self.timeout))?;
        let all_done = !answers.is_empty() && answers.iter().all(|one| one.state == State::Done);
        let facts = Facts {
            generation,
            nodes: answers.into_iter().map(NodeFacts::of).collect(),
        };
        output.facts(self.answer.json, &facts, Facts::text)?;
        if all_done {
            Ok(())
        } else {
            Err(Failure::refused(facts.trouble()))
        }
    }
}

/// Waits until no node is waited for any more, or the time is over.
fn wait(pool: &Pool, generation: i64, timeout: Duration) -> Result<Vec<Progress>, Failure> {
    let give_up = Instant::now() + timeout;
    let spinner = progress::spinner("waiting for the nodes");
    loop {
        let answers = nodes::progress(&mut pool.read(patience())?, generation)?;
        let waiting = answers.iter().any(|one| one.state == State::Waiting);
        if !waiting || Instant::now() >= give_up {
            spinner.finish_and_clear();
            return Ok(answers);
        }
        std::thread::sleep(LOOK_EVERY);
    }
}

impl NodeFacts {
    fn of(progress: Progress) -> Self {
        let (state, reason) = match progress.state {
            State::Done => ("done", None),
            State::Waiting => ("waiting", None),
            State::Failed(reason) => ("failed", Some(reason)),
        };
        Self {
            node: progress.node,
            state,
            reason,
        }
    }
}

impl Facts {
    fn text(&self) -> String {
        let nodes: Vec<_> = self
            .nodes
            .iter()
            .map(|one| format!("{} {}", one.node, one.state))
            .collect();
        format!("generation {}: {}", self.generation, nodes.join(", "))
    }

    /// Which nodes did not do it, and why.
    fn trouble(&self) -> String {
        let told = self
            .nodes
            .iter()
            .filter_map(|one| match (&one.reason, one.state) {
                (Some(reason), _) => Some(format!("node {}: {reason}", one.node)),
                (None, "waiting") => Some(format!("node {} has not answered in time", one.node)),
                (None, _) => None,
            });
        let told: Vec<_> = told.collect();
        if told.is_empty() {
            "every node ended before it answered".to_owned()
        } else {
            told.join("; ")
        }
    }
}
