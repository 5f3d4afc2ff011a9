//! This process as one of the nodes that share a database: it says that it lives, and does what nodes are
//! told to do.

use std::collections::HashMap;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use diesel::result::QueryResult;
use parking_lot::{Condvar, Mutex};

use crate::module::registry::ModuleState;
use crate::store::Pool;
use crate::store::nodes::{self, Command, Numbered};

/// How long a heartbeat or a look for commands waits for a connection.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long before the others take this node for dead it fears that they do: time for what is under way to end.
const FEAR_MS: i64 = 1_500;

/// When this node last said that it lives, by its own clock. Who must not act as a node that others hold for dead
/// looks here.
pub struct Pulse(Mutex<Instant>);

impl Pulse {
    fn new() -> Self {
        Pulse(Mutex::new(Instant::now()))
    }

    /// Whether no other node can have taken this one for dead.
    pub fn is_fresh(&self) -> bool {
        let limit = u64::try_from(nodes::DEAD_AFTER_MS - FEAR_MS).unwrap_or(0);
        self.0.lock().elapsed() < Duration::from_millis(limit)
    }

    /// Notes that it was said, not before this time.
    fn beat(&self, since: Instant) {
        *self.0.lock() = since;
    }

    /// Lets it have been silent for so long.
    #[cfg(test)]
    pub(crate) fn age_for_tests(&self, span: Duration) {
        let mut last = self.0.lock();
        *last = last.checked_sub(span).unwrap_or(*last);
    }
}

/// A node that is entered in the database. Dropped, it ends its threads and takes itself out.
pub struct Membership {
    pool: Pool,
    /// Its number, new at each start.
    pub id: i64,
    /// The last command before it was entered.
    last: i64,
    pulse: Arc<Pulse>,
    stop: Arc<Stop>,
    threads: Vec<JoinHandle<()>>,
}

/// Tells the threads to end, also while they sleep.
#[derive(Default)]
struct Stop {
    stopped: Mutex<bool>,
    changed: Condvar,
}

impl Stop {
    /// Sleeps; true when it is time to end.
    fn sleep(&self, span: Duration) -> bool {
        let mut stopped = self.stopped.lock();
        if !*stopped {
            self.changed.wait_for(&mut stopped, span);
        }
        *stopped
    }

    fn stop(&self) {
        *self.stopped.lock() = true;
        self.changed.notify_all();
    }
}

impl Membership {
    /// Enters this process, before it loads its modules: commands from now on are for it too.
    pub fn join(pool: &Pool, name: &str) -> QueryResult<Self> {
        let pulse = Arc::new(Pulse::new());
        let mut connection = pool.write(Instant::now() + PATIENCE)?;
        let (id, last) = nodes::join(&mut connection, name, env!("CARGO_PKG_VERSION"))?;
        drop(connection);
        let (pool, stop) = (pool.clone(), Arc::default());
        Ok(Self {
            pool,
            id,
            last,
            pulse,
            stop,
            threads: Vec::new(),
        })
    }

    /// When it last said that it lives.
    pub fn pulse(&self) -> Arc<Pulse> {
        Arc::clone(&self.pulse)
    }

    /// Begins to live: `follow` is called with one command after the other, on a thread of its own, and
    /// what it answers is what the one who gave the command is told. `report` says what becomes of the
    /// modules, whose generations are told in numbers of commands, which mean the same on every node.
    pub fn begin(
        &mut self,
        follow: impl Fn(&Command) -> Result<(), String> + Send + 'static,
        report: impl Fn() -> Vec<ModuleState> + Send + 'static,
    ) -> std::io::Result<()> {
        let generations = Arc::new(Generations::new(self.last));
        let (pool, stop, id) = (self.pool.clone(), Arc::clone(&self.stop), self.id);
        let (known, pulse) = (Arc::clone(&generations), self.pulse());
        self.spawn("node-heartbeat", move || {
            beat((&pool, &stop, &pulse), id, &|| known.stamp(report()));
        })?;
        let (pool, stop, last) = (self.pool.clone(), Arc::clone(&self.stop), self.last);
        self.spawn("node-commands", move || {
            obey(&pool, &stop, (id, last), &|command| {
                do_one(command, &follow)?;
                generations.note(command);
                Ok(())
            });
        })
    }

    fn spawn(&mut self, name: &str, run: impl FnOnce() + Send + 'static) -> std::io::Result<()> {
        let thread = std::thread::Builder::new()
            .name(name.to_owned())
            .spawn(run)?;
        self.threads.push(thread);
        Ok(())
    }
}

impl Drop for Membership {
    fn drop(&mut self) {
        self.stop.stop();
        for thread in self.threads.drain(..) {
            // A thread that panicked has told so itself.
            let _ = thread.join();
        }
        let left = self.pool.write(Instant::now() + PATIENCE);
        if let Err(error) = left.and_then(|mut connection| nodes::leave(&mut connection, self.id)) {
            tracing::warn!(
                "this node could not take itself out and will be taken for dead: {error}"
            );
        }
    }
}

/// The last command that replaced each module, or the last one before this node was entered.
struct Generations {
    first: i64,
    replaced: Mutex<HashMap<String, i64>>,
}

impl Generations {
    fn new(first: i64) -> Self {
        let replaced = Mutex::default();
        Self { first, replaced }
    }

    fn note(&self, command: &Numbered) {
        if let Some(Command::ReloadModule(name)) = &command.command {
            self.replaced.lock().insert(name.clone(), command.id);
        }
    }

    /// The states as JSON, with generations that all nodes count alike.
    fn stamp(&self, states: Vec<ModuleState>) -> String {
        let replaced = self.replaced.lock();
        let stamped = states.into_iter().map(|state| {
            let number = replaced.get(&state.name).unwrap_or(&self.first);
            let generation = state.generation.map(|_| number.unsigned_abs());
            ModuleState {
                generation,
                ..state
            }
        });
        serde_json::to_string(&stamped.collect::<Vec<_>>()).unwrap_or_default()
    }
}

/// Says every second that this node lives. A node that cannot, because the database does not answer, is
/// taken for dead by others and lives on as soon as it can.
fn beat((pool, stop, pulse): (&Pool, &Stop, &Pulse), id: i64, report: &dyn Fn() -> String) {
    let mut told = String::new();
    loop {
        let report = report();
        let began = Instant::now();
        let changed = (report != told).then_some(report.as_str());
        let beaten = pool
            .write(Instant::now() + PATIENCE)
            .and_then(|mut connection| nodes::beat(&mut connection, id, changed));
        match beaten {
            Ok(true) => {
                told = report;
                pulse.beat(began);
            }
            Ok(false) => tracing::error!(
                "this node was forgotten by the others, so nobody waits for it; start it again"
            ),
            Err(error) => tracing::warn!("the heartbeat of this node failed: {error}"),
        }
        if stop.sleep(Duration::from_millis(nodes::HEARTBEAT_MS)) {
            return;
        }
    }
}

/// Looks for commands and follows them in their order.
fn obey(
    pool: &Pool,
    stop: &Stop,
    (id, mut last): (i64, i64),
    follow: &dyn Fn(&Numbered) -> Result<(), String>,
) {
    while !stop.sleep(Duration::from_millis(nodes::POLL_MS)) {
        let found = pool
            .read(Instant::now() + PATIENCE)
            .and_then(|mut connection| nodes::commands_after(&mut connection, last));
        let commands = found.unwrap_or_else(|error| {
            tracing::warn!("the commands for this node could not be read: {error}");
            Vec::new()
        });
        for command in commands {
            last = command.id;
            let result = follow(&command);
            tell(pool, id, &command, result);
        }
    }
}

fn do_one(
    command: &Numbered,
    follow: &dyn Fn(&Command) -> Result<(), String>,
) -> Result<(), String> {
    match &command.command {
        Some(known) => follow(known),
        None => Err("this node's version does not know the command".to_owned()),
    }
}

/// Writes the answer down, patiently: somebody waits for it.
fn tell(pool: &Pool, id: i64, command: &Numbered, result: Result<(), String>) {
    let result = result.as_ref().map_err(String::as_str).copied();
    let told = pool
        .write(Instant::now() + PATIENCE * 5)
        .and_then(|mut connection| nodes::answer(&mut connection, command.id, id, result));
    if let Err(error) = told {
        tracing::error!(
            "the answer to command {} could not be written: {error}",
            command.id
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::nodes::State;
    use crate::store::testing::{TestDatabase, patience};
    use crate::store::{core_migrations, migration};

    /// A database with the tables of nodes.
    fn database() -> Vec<(TestDatabase, Pool)> {
        let made = TestDatabase::each().into_iter().map(|database| {
            let pool = database.pool();
            (database, pool)
        });
        made.inspect(|(_, pool)| make_tables(pool)).collect()
    }

    fn make_tables(pool: &Pool) {
        migration::migrate(pool, &core_migrations()).unwrap();
    }

    /// Asks until the answer is there; a test that hangs ends here.
    fn wait_for(pool: &Pool, command: i64, wanted: &[State]) {
        let give_up = Instant::now() + Duration::from_secs(20);
        loop {
            let progress = nodes::progress(&mut pool.read(patience()).unwrap(), command).unwrap();
            let states: Vec<_> = progress.into_iter().map(|one| one.state).collect();
            if states == wanted {
                return;
            }
            assert!(Instant::now() < give_up, "{states:?} instead of {wanted:?}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    #[test]
    fn every_living_node_follows_a_command_and_the_number_rises() {
        for (_database, pool) in database() {
            let mut first = Membership::join(&pool, "first").unwrap();
            let mut second = Membership::join(&pool, "second").unwrap();
            first.begin(|_| Ok(()), Vec::new).unwrap();
            second
                .begin(|command| Err(format!("cannot {command:?}")), Vec::new)
                .unwrap();
            let give =
                |command| nodes::give(&mut pool.write(patience()).unwrap(), &command).unwrap();
            let command = give(Command::ReloadModule("release".to_owned()));
            let failed = State::Failed("cannot ReloadModule(\"release\")".to_owned());
            wait_for(&pool, command, &[State::Done, failed]);
            assert!(give(Command::ReloadSettings) > command);
        }
    }

    #[test]
    fn a_node_that_comes_later_or_leaves_is_not_waited_for() {
        for (_database, pool) in database() {
            let leaving = Membership::join(&pool, "leaving").unwrap();
            let command = nodes::give(
                &mut pool.write(patience()).unwrap(),
                &Command::ReloadSettings,
            )
            .unwrap();
            let _later = Membership::join(&pool, "later").unwrap();
            wait_for(&pool, command, &[State::Waiting]);
            drop(leaving);
            wait_for(&pool, command, &[]);
            let live = nodes::live(&mut pool.read(patience()).unwrap()).unwrap();
            assert_eq!(
                live.iter().map(|node| &*node.name).collect::<Vec<_>>(),
                ["later"]
            );
        }
    }

    #[test]
    fn a_node_that_says_nothing_for_five_seconds_is_dead() {
        for (_database, pool) in database() {
            let silent = Membership::join(&pool, "silent").unwrap();
            let mut connection = pool.write(patience()).unwrap();
            let command = nodes::give(&mut connection, &Command::ReloadSettings).unwrap();
            nodes::age_for_tests(&mut connection, silent.id, nodes::DEAD_AFTER_MS + 1).unwrap();
            assert_eq!(nodes::live(&mut connection).unwrap(), []);
            assert_eq!(nodes::progress(&mut connection, command).unwrap(), []);
        }
    }
}
