//! `loggia key`: who may call with which key, where, and how often a day.

mod change;
mod create;
mod facts;
mod import;
mod table;

use clap::{Args, Subcommand, ValueEnum};

use super::failure::Failure;
use super::output::Output;
use super::shown;
use super::site::{Common, patience};
use super::time;
use crate::settings::{Settings, nearest};
use crate::store::Pool;
use crate::store::keys::{self, Filter, Listed, Rights, State};
use facts::Facts;

/// Makes, shows, changes, withdraws and imports API keys.
///
/// Running nodes know of every change within a second.
#[derive(Args)]
pub(super) struct Key {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Create(create::Create),
    List(List),
    Show(Show),
    Change(change::Change),
    Revoke(Revoke),
    Rotate(Rotate),
    Import(import::Import),
}

/// Lists keys with their use.
#[derive(Args)]
#[command(after_help = "Example: loggia key list --search shop --state published")]
struct List {
    /// Only keys with this text in their comment or at the beginning of their prefix.
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
    /// Only keys in this state.
    #[arg(long)]
    state: Option<StateName>,
    /// Only keys of this account, by id, user name or address.
    #[arg(long)]
    user: Option<String>,
    #[command(flatten)]
    common: Common,
}

/// Shows one key, its use, and what may be shown of its secrets.
#[derive(Args)]
#[command(after_help = "Example: loggia key show lg_A1b2C3d4")]
struct Show {
    /// The key, by id or prefix.
    key: String,
    #[command(flatten)]
    common: Common,
}

/// Withdraws a key for good.
#[derive(Args)]
#[command(after_help = "Example: loggia key revoke lg_A1b2C3d4")]
struct Revoke {
    /// The key, by id or prefix.
    key: String,
    #[command(flatten)]
    common: Common,
}

/// Gives a key a new secret and prints it; the old one works a while longer.
#[derive(Args)]
#[command(after_help = "Example: loggia key rotate lg_A1b2C3d4 --overlap 7d --json")]
struct Rotate {
    /// The key, by id or prefix.
    key: String,
    /// How long the old secret works yet, such as 7d, 12h or 0s.
    #[arg(long, value_name = "SPAN", default_value = "1d", value_parser = time::span_ms)]
    overlap: i64,
    #[command(flatten)]
    common: Common,
}

/// The word for every endpoint, module or operation.
const ALL: &str = "all";

/// What a key may do, as it is written on the line.
#[derive(Args)]
struct RightsArguments {
    /// An endpoint it is good for, or all (may be given several times) [default: all].
    #[arg(long = "endpoint", value_name = "NAME")]
    endpoints: Vec<String>,
    /// It is good for the default request too.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    default_request: Option<bool>,
    /// A module it may call, or all (may be given several times) [default: all].
    #[arg(long = "module", value_name = "NAME")]
    modules: Vec<String>,
    /// An operation it may call, such as post/release/validate, or all (may be given several times)
    /// [default: all].
    #[arg(long = "operation", value_name = "OPERATION")]
    operations: Vec<String>,
    /// What it may do beyond ordinary calls, such as release.manage, or * (may be given several times).
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<String>,
}

/// The states of a key, as they are written on the line.
#[derive(Clone, Copy, ValueEnum)]
enum StateName {
    Published,
    Unpublished,
    Archived,
    Trashed,
    Revoked,
}

impl Key {
    pub(super) fn run(self, output: &mut Output) -> Result<(), Failure> {
        match self.command {
            Command::Create(create) => create.run(output),
            Command::List(list) => list.run(output),
            Command::Show(show) => show.run(output),
            Command::Change(change) => change.run(output),
            Command::Revoke(revoke) => revoke.run(output),
            Command::Rotate(rotate) => rotate.run(output),
            Command::Import(import) => import.run(output),
        }
    }
}

impl List {
    fn run(self, output: &mut Output) -> Result<(), Failure> {
        let (settings, pool) = self.common.open()?;
        let filter = Filter {
            search: self.search,
            state: self.state.map(State::from),
            user_id: user_id(&settings, &pool, self.user.as_deref())?,
        };
        let found = keys::list(&mut pool.read(patience())?, &filter)?;
        let facts: Vec<_> = found.into_iter().map(Facts::of).collect();
        output.facts(self.common.answer.json, &facts, |facts| {
            shown::rows_of(&facts.iter().map(Facts::row).collect::<Vec<_>>())
        })
    }
}

impl Show {
    fn run(self, output: &mut Output) -> Result<(), Failure> {
        let (_, pool) = self.common.open()?;
        let found = find(&pool, &self.key)?;
        output.object(self.common.answer.json, &Facts::of(found))
    }
}

impl Revoke {
    fn run(self, output: &mut Output) -> Result<(), Failure> {
        let (_, pool) = self.common.open()?;
        let id = find(&pool, &self.key)?.key.id;
        keys::revoke(&mut pool.write(patience())?, id)?;
        output.object(
            self.common.answer.json,
            &Facts::of(find(&pool, &id.to_string())?),
        )
    }
}

impl Rotate {
    fn run(self, output: &mut Output) -> Result<(), Failure> {
        let (_, pool) = self.common.open()?;
        let found = find(&pool, &self.key)?;
        if found.key.state == State::Revoked {
            return Err(Failure::refused(
                "a revoked key stays revoked; make a new one",
            ));
        }
        let rotated = keys::rotate(&mut pool.write(patience())?, found.key.id, self.overlap)?;
        let (key, secret) = rotated.ok_or_else(|| none(&self.key))?;
        let facts = Facts::of(find(&pool, &key.id.to_string())?).with_key(secret.expose());
        output.object(self.common.answer.json, &facts)
    }
}

impl RightsArguments {
    /// The rights of a key with what was written put over them; an endpoint that the site does not have is
    /// refused.
    fn over(self, old: Rights, settings: &Settings) -> Result<Rights, Failure> {
        let names = settings
            .endpoint
            .iter()
            .map(|endpoint| endpoint.name.as_str());
        let known: Vec<_> = names.chain([ALL]).collect();
        if let Some(name) = self
            .endpoints
            .iter()
            .find(|name| !known.contains(&name.as_str()))
        {
            let near = nearest(name, known);
            let hint = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
            return Err(Failure::Refused(format!(
                "the site has no endpoint `{name}`{hint}"
            )));
        }
        let endpoints = over(self.endpoints, old.endpoints.unwrap_or_default());
        Ok(Rights {
            endpoints: (!endpoints.is_empty()).then_some(endpoints),
            default_request: self.default_request.unwrap_or(old.default_request),
            modules: over(self.modules, old.modules),
            operations: over(self.operations, old.operations),
            scopes: over(self.scopes, old.scopes),
        })
    }
}

/// A list that was written takes the place of the old one; the word `all` empties it, which means all.
fn over(written: Vec<String>, old: Vec<String>) -> Vec<String> {
    match written.as_slice() {
        [] => old,
        [word] if word == ALL => Vec::new(),
        _ => written,
    }
}

impl From<StateName> for State {
    fn from(name: StateName) -> Self {
        match name {
            StateName::Published => Self::Published,
            StateName::Unpublished => Self::Unpublished,
            StateName::Archived => Self::Archived,
            StateName::Trashed => Self::Trashed,
            StateName::Revoked => Self::Revoked,
        }
    }
}

fn find(pool: &Pool, name: &str) -> Result<Listed, Failure> {
    keys::find(&mut pool.read(patience())?, name)?.ok_or_else(|| none(name))
}

/// The name is not repeated: it could be a whole key.
fn none(name: &str) -> Failure {
    if name.len() > 20 {
        return Failure::refused(
            "there is no such key; name it by its id or its prefix, never by all of it",
        );
    }
    Failure::refused("there is no such key")
}

/// The account an operator means, as a number.
fn user_id(settings: &Settings, pool: &Pool, user: Option<&str>) -> Result<Option<i64>, Failure> {
    let Some(user) = user else { return Ok(None) };
    let identity = crate::service::identity::Identity::new(pool.clone(), settings);
    Ok(Some(identity.locate(&identity.operator(), user)?.id))
}
