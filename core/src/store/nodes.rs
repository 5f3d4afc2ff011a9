//! The nodes that share a database, and what they are told to do.
//!
//! A node says every second that it lives and looks several times a second for commands that it has not
//! followed yet. Whoever gives a command waits for the answer of every node that lived then. All times are
//! the database's, because nodes' clocks differ.

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use loggia_sql::{Connection, Dialect};

pub use loggia_push::node::{DEAD_AFTER_MS, alive_since_ms, now_ms};

diesel::table! {
    node (id) {
        id -> BigInt,
        name -> Text,
        version -> Text,
        started_ms -> BigInt,
        heartbeat_ms -> BigInt,
        first_command -> BigInt,
        modules -> Text,
    }
}

diesel::table! {
    node_command (id) {
        id -> BigInt,
        kind -> Text,
        subject -> Text,
        created_ms -> BigInt,
    }
}

diesel::table! {
    node_answer (command_id, node_id) {
        command_id -> BigInt,
        node_id -> BigInt,
        failure -> Nullable<Text>,
        answered_ms -> BigInt,
    }
}

diesel::allow_tables_to_appear_in_same_query!(node, node_command, node_answer);

/// How often a node says that it lives.
pub const HEARTBEAT_MS: u64 = 1_000;
/// How often a node looks for commands.
pub const POLL_MS: u64 = 200;
/// Nodes and commands older than this are forgotten.
const KEPT_MS: i64 = 30 * 86_400_000;

/// What nodes are told to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Read the settings again.
    ReloadSettings,
    /// Start a new instance of a module beside the old one and move to it.
    ReloadModule(String),
}

impl Command {
    fn to_row(&self) -> (&'static str, &str) {
        match self {
            Self::ReloadSettings => ("reload-settings", ""),
            Self::ReloadModule(name) => ("reload-module", name),
        }
    }

    /// A row as a command; none where a newer version wrote it.
    fn from_row(kind: &str, subject: String) -> Option<Self> {
        match kind {
            "reload-settings" => Some(Self::ReloadSettings),
            "reload-module" => Some(Self::ReloadModule(subject)),
            _ => None,
        }
    }
}

/// A command with its number. The number rises with each command, on whichever node it was given; for a
/// module it is the generation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Numbered {
    /// The number.
    pub id: i64,
    /// The command; none where only a newer version knows it.
    pub command: Option<Command>,
}

/// One node as others see it.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, serde::Serialize)]
#[diesel(table_name = node, check_for_backend(loggia_sql::Backend))]
pub struct Node {
    /// Its number, different after each start.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// The version of its program.
    pub version: String,
    /// When it started.
    pub started_ms: i64,
    /// When it last said that it lives.
    pub heartbeat_ms: i64,
    /// What it says of its modules, as JSON.
    pub modules: String,
}

/// How far one node is with a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// The node's name.
    pub node: String,
    /// How far it is.
    pub state: State,
}

/// How far a node is with a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// It lives and has not answered.
    Waiting,
    /// It has done it.
    Done,
    /// It could not, for this reason, and went on as before.
    Failed(String),
}

/// Enters a node, before it loads its modules; gives its number and that of the last command, which it need
/// not follow any more. Forgets what is long past.
pub fn join(connection: &mut Connection, name: &str, version: &str) -> QueryResult<(i64, i64)> {
    connection.transaction(|connection| {
        let now = now_ms(connection)?;
        forget(connection, now - KEPT_MS)?;
        let last = last_command(connection)?;
        let id = diesel::insert_into(node::table)
            .values((
                node::name.eq(name),
                node::version.eq(version),
                node::started_ms.eq(now),
                node::heartbeat_ms.eq(now),
                node::first_command.eq(last),
                node::modules.eq("[]"),
            ))
            .returning(node::id)
            .get_result(connection)?;
        Ok((id, last))
    })
}

/// Says that a node lives, and where it changed, what of its modules; false where the node has been
/// forgotten.
pub fn beat(connection: &mut Connection, id: i64, modules: Option<&str>) -> QueryResult<bool> {
    let now = now_ms(connection)?;
    let row = node::table.filter(node::id.eq(id));
    let beat = node::heartbeat_ms.eq(now);
    let changed = match modules {
        Some(modules) => diesel::update(row)
            .set((beat, node::modules.eq(modules)))
            .execute(connection)?,
        None => diesel::update(row).set(beat).execute(connection)?,
    };
    Ok(changed == 1)
}

/// Takes out a node that stops.
pub fn leave(connection: &mut Connection, id: i64) -> QueryResult<()> {
    diesel::delete(node::table.filter(node::id.eq(id))).execute(connection)?;
    Ok(())
}

/// The nodes that live.
pub fn live(connection: &mut Connection) -> QueryResult<Vec<Node>> {
    let since = alive_since_ms(connection)?;
    node::table
        .filter(node::heartbeat_ms.ge(since))
        .order(node::id)
        .select(Node::as_select())
        .load(connection)
}

/// Gives a command to all nodes; its number.
pub fn give(connection: &mut Connection, command: &Command) -> QueryResult<i64> {
    connection.transaction(|connection| {
        in_order(connection)?;
        insert(connection, command)
    })
}

/// Numbers must become visible in their order, or a node that has seen the later one would never look for
/// the earlier. SQLite has one writer anyhow.
fn in_order(connection: &mut Connection) -> QueryResult<()> {
    match connection.dialect() {
        Dialect::Sqlite => Ok(()),
        Dialect::Postgresql => {
            connection.batch_execute("LOCK TABLE \"node_command\" IN EXCLUSIVE MODE")
        }
    }
}

fn insert(connection: &mut Connection, command: &Command) -> QueryResult<i64> {
    let (kind, subject) = command.to_row();
    let now = now_ms(connection)?;
    diesel::insert_into(node_command::table)
        .values((
            node_command::kind.eq(kind),
            node_command::subject.eq(subject),
            node_command::created_ms.eq(now),
        ))
        .returning(node_command::id)
        .get_result(connection)
}

/// The commands after one number, oldest first.
pub fn commands_after(connection: &mut Connection, last: i64) -> QueryResult<Vec<Numbered>> {
    let rows = node_command::table
        .filter(node_command::id.gt(last))
        .order(node_command::id)
        .select((node_command::id, node_command::kind, node_command::subject))
        .load::<(i64, String, String)>(connection)?;
    let numbered = |(id, kind, subject): (i64, String, String)| Numbered {
        id,
        command: Command::from_row(&kind, subject),
    };
    Ok(rows.into_iter().map(numbered).collect())
}

/// Notes that a node has followed a command, or why it could not.
pub fn answer(
    connection: &mut Connection,
    command: i64,
    node: i64,
    result: Result<(), &str>,
) -> QueryResult<()> {
    let now = now_ms(connection)?;
    diesel::insert_into(node_answer::table)
        .values((
            node_answer::command_id.eq(command),
            node_answer::node_id.eq(node),
            node_answer::failure.eq(result.err()),
            node_answer::answered_ms.eq(now),
        ))
        .on_conflict_do_nothing()
        .execute(connection)?;
    Ok(())
}

/// How far the nodes are that must follow a command. One that died or left meanwhile is not waited for.
pub fn progress(connection: &mut Connection, command: i64) -> QueryResult<Vec<Progress>> {
    let since = alive_since_ms(connection)?;
    let of_command = node_answer::node_id
        .eq(node::id)
        .and(node_answer::command_id.eq(command));
    let rows = node::table
        .left_join(node_answer::table.on(of_command))
        .filter(node::first_command.lt(command))
        .order(node::id)
        .select((
            node::name,
            node::heartbeat_ms,
            node_answer::answered_ms.nullable(),
            node_answer::failure.nullable(),
        ))
        .load::<(String, i64, Option<i64>, Option<String>)>(connection)?;
    let state =
        |(name, heartbeat_ms, answered_ms, failure): (String, i64, Option<i64>, Option<String>)| {
            let state = match (answered_ms, failure) {
                (Some(_), Some(reason)) => State::Failed(reason),
                (Some(_), None) => State::Done,
                (None, _) if heartbeat_ms >= since => State::Waiting,
                (None, _) => return None,
            };
            Some(Progress { node: name, state })
        };
    Ok(rows.into_iter().filter_map(state).collect())
}

fn last_command(connection: &mut Connection) -> QueryResult<i64> {
    let last: Option<i64> = node_command::table
        .select(diesel::dsl::max(node_command::id))
        .get_result(connection)?;
    Ok(last.unwrap_or(0))
}

/// Forgets dead nodes and old commands, but never the last one: numbers must go on rising.
fn forget(connection: &mut Connection, before_ms: i64) -> QueryResult<()> {
    let last = last_command(connection)?;
    let old = node_command::table
        .filter(node_command::created_ms.lt(before_ms))
        .filter(node_command::id.lt(last));
    diesel::delete(old).execute(connection)?;
    diesel::delete(node::table.filter(node::heartbeat_ms.lt(before_ms))).execute(connection)?;
    Ok(())
}

/// Lets a node have been silent for so long.
#[cfg(test)]
pub(crate) fn age_for_tests(connection: &mut Connection, id: i64, by_ms: i64) -> QueryResult<()> {
    let row = node::table.filter(node::id.eq(id));
    diesel::update(row)
        .set(node::heartbeat_ms.eq(node::heartbeat_ms - by_ms))
        .execute(connection)?;
    Ok(())
}
