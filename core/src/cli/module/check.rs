//! `loggia module check`: is a library a good module.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Map, Value, json};

use super::trial;
use crate::app::libraries;
use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::cli::site::{Answer, Site};
use crate::settings::{Settings, SettingsErrors, check_module};

/// Opens and starts a library in a process of its own and says what is wrong with it, or what it offers.
///
/// A file needs no configuration and is started with its default settings; a module of the site is started
/// with the site's settings for it. Neither touches the site's database.
#[derive(Args)]
#[command(after_help = "Example: loggia module check target/debug/libloggia_module_shop.so")]
pub(super) struct Check {
    /// A library, or the name of a module of the site.
    #[arg(value_name = "FILE|NAME")]
    what: PathBuf,
    #[command(flatten)]
    site: Site,
    #[command(flatten)]
    answer: Answer,
}

impl Check {
    pub(super) fn run(self, output: &mut Output) -> Result<(), Failure> {
        let tried = if is_file(&self.what) {
            trial::of(&self.what, &Map::new())
        } else {
            of_site(&self.site.settings()?, &self.what.to_string_lossy())?
        };
        let facts = match &tried {
            Ok(facts) => facts.clone(),
            Err(reason) => json!({"good": false, "reason": reason}),
        };
        if self.answer.json || tried.is_ok() {
            output.facts(self.answer.json, &facts, text)?;
        }
        tried.map(drop).map_err(Failure::Refused)
    }
}

/// A name has neither a folder nor an ending.
fn is_file(what: &Path) -> bool {
    what.extension().is_some() || what.components().count() > 1 || what.is_file()
}

/// Tries a module of the site with the site's settings for it; those that its schema refuses are shown with
/// their lines.
fn of_site(settings: &Settings, name: &str) -> Result<Result<Value, String>, Failure> {
    let of_name = |path: &PathBuf| path.file_stem().is_some_and(|stem| stem == name);
    let Some(path) = libraries(settings).into_iter().find(of_name) else {
        return Err(Failure::Refused(format!("the site has no module {name}")));
    };
    if let Ok(descriptor) = crate::cli::declared::describe(&path) {
        let problems = check_module(settings, name, &descriptor.settings);
        if !problems.is_empty() {
            return Err(SettingsErrors { problems }.into());
        }
    }
    Ok(trial::of(&path, settings.module(name).values.json()))
}

fn text(facts: &Value) -> String {
    let count = |name: &str| facts[name].as_array().map_or(0, Vec::len);
    let text = |name: &str| facts[name].as_str().unwrap_or_default();
    format!(
        "{} {} is good: {} operations, {} routes, {} commands",
        text("module"),
        text("version"),
        count("operations"),
        count("routes"),
        count("commands"),
    )
}
