//! `loggia search`: whether what can be found is what there is, and making it so.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use clap::{Args, Subcommand};
use serde::Serialize;

use super::failure::Failure;
use super::output::Output;
use super::progress;
use super::site::Common;
use crate::app::House;
use crate::logging::Logging;
use crate::service::search::audit::Differences;
use crate::settings::Log;

/// How often the indexes are looked at.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Compares what can be found with what there is, and makes it so.
#[derive(Args)]
pub(super) struct Search {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Check(Check),
    Repair(Repair),
    Rebuild(Rebuild),
}

/// Compares what modules have with what they have handed in, and that with the indexes of this machine. It changes
/// nothing, and its exit status is 1 where something differs.
#[derive(Args)]
#[command(after_help = "Example: loggia search check --config endpoints.toml")]
struct Check {
    #[command(flatten)]
    common: Common,
}

/// The same, and every node then takes what is wrong anew.
#[derive(Args)]
#[command(after_help = "Example: loggia search repair --config endpoints.toml")]
struct Repair {
    #[command(flatten)]
    common: Common,
}

/// Asks the modules for everything, and has every node build its index anew; searches go on in the old one.
#[derive(Args)]
#[command(after_help = "Example: loggia search rebuild --config endpoints.toml")]
struct Rebuild {
    /// How long the indexes of this machine are waited for.
    #[arg(long, value_name = "SECONDS", default_value_t = 600)]
    timeout: u64,
    #[command(flatten)]
    common: Common,
}

/// What was compared.
#[derive(Serialize)]
struct Facts {
    /// By module: what it has, and what it has handed in.
    modules: BTreeMap<String, Differences>,
    /// By folder: what was handed in, and what the index has.
    indexes: BTreeMap<String, Differences>,
    repaired: bool,
}

/// What was built.
#[derive(Serialize)]
struct Built {
    modules: BTreeMap<String, Differences>,
    generation: i64,
    /// Whether the indexes of this machine are of this generation.
    is_done: bool,
}

impl Search {
    pub(super) fn run(self, output: &mut Output) -> Result<(), Failure> {
        match self.command {
            Command::Check(check) => compare(&check.common, false, output),
            Command::Repair(repair) => compare(&repair.common, true, output),
            Command::Rebuild(rebuild) => rebuild.run(output),
        }
    }
}

fn compare(common: &Common, repairs: bool, output: &mut Output) -> Result<(), Failure> {
    let facts = with_house(common, |house| {
        let spinner = progress::spinner("comparing");
        let facts = Facts {
            modules: house.check_searchables(repairs)?,
            indexes: house.search.check_indexes(repairs)?,
            repaired: repairs,
        };
        spinner.finish_and_clear();
        Ok(facts)
    })?;
    output.facts(common.answer.json, &facts, Facts::text)?;
    if repairs || !facts.any() {
        return Ok(());
    }
    Err(Failure::refused(
        "what can be found is not what there is; `loggia search repair` makes it so",
    ))
}

impl Rebuild {
    fn run(self, output: &mut Output) -> Result<(), Failure> {
        let give_up = Instant::now() + Duration::from_secs(self.timeout);
        let built = with_house(&self.common, |house| {
            let spinner = progress::spinner("building");
            let modules = house.check_searchables(true)?;
            let generation = house.search.renew()?;
            let is_done = if house.search.is_served() {
                wait(house, generation, give_up)
            } else {
                house.search.build(give_up)?;
                true
            };
            spinner.finish_and_clear();
            Ok(Built {
                modules,
                generation,
                is_done,
            })
        })?;
        output.facts(self.common.answer.json, &built, |built| {
            let end = if built.is_done {
                "the indexes are built"
            } else {
                "the indexes are still being built"
            };
            format!("{}\n{end}", lines("module", &built.modules))
        })?;
        if built.is_done {
            return Ok(());
        }
        Err(Failure::refused(
            "the indexes were not built in time; the nodes go on",
        ))
    }
}

/// Waits for the servers of this machine; whether their indexes are of a generation.
fn wait(house: &House, generation: i64, give_up: Instant) -> bool {
    while !house.search.is_of(generation) {
        if Instant::now() >= give_up {
            return false;
        }
        std::thread::sleep(LOOK_EVERY);
    }
    true
}

/// Runs something in the house with its modules, which must all be there: a missing one would seem to have nothing.
fn with_house<T>(
    common: &Common,
    run: impl FnOnce(&House) -> Result<T, String>,
) -> Result<T, Failure> {
    let settings = common.site.settings()?;
    let _logging = Logging::start(&Log {
        level: "warn".to_owned(),
        ..settings.log.clone()
    });
    let house = House::open(settings, std::env::current_exe().ok()).map_err(Failure::refused)?;
    let result = match house.load_modules().into_iter().next() {
        Some(reason) => Err(reason),
        None => run(&house),
    };
    house.close();
    result.map_err(Failure::Refused)
}

impl Facts {
    fn any(&self) -> bool {
        self.modules
            .values()
            .chain(self.indexes.values())
            .any(Differences::any)
    }

    fn text(&self) -> String {
        format!(
            "{}\n{}",
            lines("module", &self.modules),
            lines("index", &self.indexes)
        )
    }
}

fn lines(what: &str, all: &BTreeMap<String, Differences>) -> String {
    let line = |(name, found): (&String, &Differences)| {
        format!(
            "{what} {name}: {} entries, {} missing, {} different, {} too many",
            found.entries, found.missing, found.different, found.surplus
        )
    };
    all.iter().map(line).collect::<Vec<_>>().join("\n")
}
