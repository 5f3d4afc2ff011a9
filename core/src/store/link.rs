//! One physical connection with what belongs to it: the buffer for rows, the last failure, the statements
//! that its driver keeps prepared.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use loggia_abi::rows::Writer;
use loggia_abi::{Value, code};

use super::brake::{Brake, Turn};
use super::engine::{Engine, Statement, Texts};
use super::failure::Failure;

/// Longer texts are not kept prepared.
const KEPT_TEXT_BYTES: usize = 32 * 1024;
/// After this many different texts a server's connection is replaced, since its driver forgets no statement.
const KEPT_STATEMENTS: usize = 1_000;
/// A buffer that one large answer has stretched beyond this is given up after the call.
const KEPT_BUFFER_BYTES: usize = 1024 * 1024;
/// A server's connection that was idle for this long is tried before it is handed out.
const TRUSTED_IDLE: Duration = Duration::from_secs(5);

/// A physical connection.
pub(super) struct Link {
    engine: Engine,
    /// Behind the engine, because a connection to a file asks it until it is closed.
    brake: Arc<Brake>,
    rows: Vec<u8>,
    error: String,
    texts: Texts,
    deadline: Instant,
    used: Instant,
    health: Health,
    /// Whether something runs on it. Still set when it goes back, it says that a panic tore the work off.
    running: bool,
    /// Whether SQL text of unknown content ran, which may have begun a transaction that nobody counted.
    uncertain: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Health {
    Sound,
    /// It works, but is not to be used again.
    Worn,
    /// The server is gone, or a transaction could not be ended.
    Broken,
}

impl Link {
    /// With the brake that the engine's connection was opened with.
    pub(super) fn new(engine: Engine, brake: Arc<Brake>) -> Self {
        let now = Instant::now();
        Link {
            engine,
            brake,
            rows: Vec::new(),
            error: String::new(),
            texts: Texts::default(),
            deadline: now,
            used: now,
            health: Health::Sound,
            running: false,
            uncertain: false,
        }
    }

    /// Sets until when its next holder waits for other processes.
    pub(super) fn hand_out(&mut self, deadline: Instant) {
        self.deadline = deadline;
    }

    /// What stops its statements, as long as this holding of it lasts.
    pub(super) fn brake(&self) -> (Arc<Brake>, Turn) {
        (Arc::clone(&self.brake), self.brake.turn())
    }

    /// Whether it can be handed out. A file does not go away; a server may have, while nobody asked it.
    pub(super) fn is_alive(&mut self) -> bool {
        match &self.engine {
            Engine::Sqlite(_) => true,
            Engine::Postgresql(_) if self.used.elapsed() < TRUSTED_IDLE => true,
            Engine::Postgresql(_) => self.engine.batch("SELECT 1").is_ok(),
        }
    }

    /// Ends what its holder has left open. `false` where the connection must not be used again.
    pub(super) fn recover(&mut self) -> bool {
        if self.brake.end_turn() || self.is_broken() {
            return false;
        }
        self.roll_back_to(0);
        if std::mem::take(&mut self.uncertain) {
            // There is nothing to roll back in most cases, which SQLite calls a failure.
            let _ = self.engine.batch("ROLLBACK");
        }
        if self.rows.capacity() > KEPT_BUFFER_BYTES {
            self.rows = Vec::new();
        }
        self.error.clear();
        self.used = Instant::now();
        self.health == Health::Sound
    }

    /// Whether it was found broken, rather than only worn.
    pub(super) fn is_broken(&self) -> bool {
        self.running || self.health == Health::Broken
    }

    pub(super) fn depth(&mut self) -> u32 {
        self.engine.depth()
    }

    /// Rolls back until `depth` transactions are left.
    pub(super) fn roll_back_to(&mut self, depth: u32) {
        while self.health != Health::Broken && self.engine.depth() > depth {
            let before = self.engine.depth();
            if self.engine.rollback().is_err() && self.engine.depth() >= before {
                self.health = Health::Broken;
            }
        }
    }

    /// Gives away what its holder may still be reading.
    pub(super) fn take_answers(&mut self) -> (Vec<u8>, String) {
        (
            std::mem::take(&mut self.rows),
            std::mem::take(&mut self.error),
        )
    }

    /// The text of the last failure.
    pub(super) fn error(&self) -> &str {
        &self.error
    }

    /// The rows of the last query.
    pub(super) fn rows(&self) -> &[u8] {
        &self.rows
    }

    pub(super) fn begin(&mut self) -> i32 {
        self.run(|link| link.patiently(Engine::begin))
    }

    pub(super) fn commit(&mut self) -> i32 {
        self.run(|link| link.engine.commit())
    }

    /// Rolls back the innermost transaction. Where there is none (a failure has ended it already), what was
    /// asked for has come true.
    pub(super) fn rollback(&mut self) -> i32 {
        self.run(|link| match link.engine.depth() {
            0 => Ok(()),
            _ => link.engine.rollback(),
        })
    }

    pub(super) fn batch(&mut self, sql: &str) -> i32 {
        self.uncertain = true;
        self.run(|link| {
            if link.engine.batch_needs_transaction() {
                link.batch_in_transaction(sql)
            } else {
                link.engine.batch(sql)
            }
        })
    }

    /// Several statements are done all or not at all, as PostgreSQL does of itself.
    fn batch_in_transaction(&mut self, sql: &str) -> Result<(), Failure> {
        self.patiently(Engine::begin)?;
        let result = self.engine.batch(sql);
        if result.is_ok() {
            return self.engine.commit();
        }
        self.roll_back_to(0);
        result
    }

    pub(super) fn execute(&mut self, sql: &str, binds: &[Value<'_>], affected: &mut u64) -> i32 {
        self.run(|link| {
            let statement = link.statement(sql, binds)?;
            *affected = link.patiently(|engine| engine.execute(&statement))?;
            Ok(())
        })
    }

    pub(super) fn query(&mut self, sql: &str, binds: &[Value<'_>]) -> i32 {
        self.run(|link| {
            let statement = link.statement(sql, binds)?;
            let mut buffer = std::mem::take(&mut link.rows);
            let result = link.patiently(|engine| {
                let mut writer = Writer::new(std::mem::take(&mut buffer));
                let result = engine.query(&statement, &mut writer);
                buffer = writer.finish();
                result
            });
            link.rows = buffer;
            result
        })
    }

    /// A statement as it came, with its placeholders checked. Too many different texts wear a server's connection
    /// out, so that a text that is never the same twice costs a new connection now and then, and not the memory.
    fn statement<'a>(
        &mut self,
        sql: &'a str,
        binds: &'a [Value<'a>],
    ) -> Result<Statement<'a>, Failure> {
        let word = sql.trim_start().get(..5).unwrap_or_default();
        self.uncertain |= !["SELEC", "INSER", "UPDAT", "DELET", "WITH "]
            .iter()
            .any(|known| word.eq_ignore_ascii_case(known));
        let keep = sql.len() <= KEPT_TEXT_BYTES;
        if self.texts.len() >= KEPT_STATEMENTS {
            match self.engine {
                Engine::Sqlite(_) => self.texts.clear(),
                Engine::Postgresql(_) => self.health = self.health.worse(Health::Worn),
            }
        }
        let renumbered = self.texts.check(sql, binds.len(), keep)?;
        let sql = match (&self.engine, renumbered) {
            (Engine::Sqlite(_), Some(text)) => Cow::Owned(text.to_string()),
            _ => Cow::Borrowed(sql),
        };
        Ok(Statement { sql, binds, keep })
    }

    /// Runs something on the engine and again while another process holds the database, up to the deadline.
    /// Inside a transaction nothing is tried again: what came before would be lost on a reader, and a writer
    /// holds the lock already.
    fn patiently<R>(
        &mut self,
        mut work: impl FnMut(&mut Engine) -> Result<R, Failure>,
    ) -> Result<R, Failure> {
        loop {
            let inside = self.engine.depth() > 0;
            match work(&mut self.engine) {
                Err(failure) if failure.code == code::BUSY && self.may_wait(inside) => {}
                result => return result,
            }
        }
    }

    fn may_wait(&self, inside: bool) -> bool {
        !inside
            && matches!(self.engine, Engine::Sqlite(_))
            && !self.brake.is_pulled()
            && Instant::now() < self.deadline
    }

    /// Runs something, keeps the text of its failure, and takes a panic for the connection's end.
    fn run(&mut self, work: impl FnOnce(&mut Self) -> Result<(), Failure>) -> i32 {
        if self.brake.is_pulled() {
            return self.refuse(Failure::stopped());
        }
        self.running = true;
        let result = work(self);
        self.running = false;
        let Err(failure) = result else {
            return code::OK;
        };
        if failure.code == code::IO {
            self.health = Health::Broken;
        } else if self.brake.is_pulled() {
            return self.refuse(Failure::stopped());
        }
        self.refuse(failure)
    }

    /// Keeps the text of a failure that was found before the engine was asked.
    pub(super) fn refuse(&mut self, failure: Failure) -> i32 {
        self.error = failure.text;
        failure.code
    }
}

impl Health {
    fn worse(self, other: Health) -> Health {
        if self == Health::Broken { self } else { other }
    }
}
