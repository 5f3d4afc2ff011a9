//! `loggia check`: is the site's file good, are its modules, and what comes of them.

use std::path::Path;

use clap::Args;
use serde::Serialize;
use serde_json::Value;

use super::declared::describe;
use super::failure::Failure;
use super::module::trial;
use super::output::Output;
use super::shown;
use super::site::{Answer, Site};
use crate::app::{libraries, open_vendors};
use crate::module::descriptor::Descriptor;
use crate::settings::{
    Endpoint, Problem, Selection, Settings, SettingsErrors, check_module, nearest,
};

/// Validates the settings and the modules, and prints what each endpoint publishes.
///
/// Each module is started in a process of its own with the site's settings for it, in a site that is
/// thrown away; the site's database is not touched.
#[derive(Args)]
#[command(after_help = "Example: loggia check --config endpoints.toml --settings")]
pub(super) struct Check {
    #[command(flatten)]
    site: Site,
    #[command(flatten)]
    answer: Answer,
    /// Prints the settings too, defaults included, secrets hidden.
    #[arg(long)]
    settings: bool,
}

#[derive(Serialize)]
struct Facts {
    file: String,
    endpoints: Vec<Published>,
    modules: Vec<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    settings: Option<Value>,
}

/// What one endpoint publishes.
#[derive(Serialize)]
struct Published {
    name: String,
    path: String,
    access: String,
    status: String,
    trace: bool,
    modules: Vec<String>,
    /// The modules that serve only endpoints with keys or marked private, of which this is none.
    withheld: Vec<String>,
    operations: usize,
    routes: usize,
}

impl Check {
    pub(super) fn run(self, output: &mut Output) -> Result<(), Failure> {
        let settings = self.site.settings()?;
        let mut modules = Modules::of(&settings);
        modules.problems(&settings)?;
        // What the host itself reads of a module's settings.
        if let Err(error) = open_vendors(&settings) {
            modules.troubles.push(error.to_string());
        }
        let facts = Facts {
            file: settings.path.display().to_string(),
            endpoints: modules.published(&settings),
            modules: modules.tried,
            settings: self.settings.then(|| settings.effective()),
        };
        output.facts(self.answer.json, &facts, |facts| {
            let listed = shown::rows_of(&facts.endpoints);
            if self.settings {
                format!("{listed}\n\n{}", settings.effective_toml())
            } else {
                listed
            }
        })?;
        match modules.troubles.as_slice() {
            [] => Ok(()),
            troubles => Err(Failure::Refused(troubles.join("\nloggia: "))),
        }
    }
}

/// The site's modules, as they describe themselves and as they start.
#[derive(Default)]
struct Modules {
    descriptors: Vec<Descriptor>,
    tried: Vec<Value>,
    troubles: Vec<String>,
}

impl Modules {
    fn of(settings: &Settings) -> Self {
        let mut modules = Self::default();
        for path in libraries(settings) {
            let name = path
                .file_stem()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            if settings.module(&name).enabled
                && let Err(reason) = modules.add(settings, &path)
            {
                modules.troubles.push(format!("module {name}: {reason}"));
            }
        }
        modules
    }

    fn add(&mut self, settings: &Settings, path: &Path) -> Result<(), String> {
        let descriptor = describe(path)?;
        let name = descriptor.module.clone();
        let is_good = check_module(settings, &name, &descriptor.settings).is_empty();
        self.descriptors.push(descriptor);
        if is_good {
            self.tried
                .push(trial::of(path, settings.module(&name).values.json())?);
        }
        Ok(())
    }

    /// Refuses settings that the modules do not take, and modules that are not there.
    fn problems(&self, settings: &Settings) -> Result<(), Failure> {
        let of_module = |one: &Descriptor| check_module(settings, &one.module, &one.settings);
        let mut problems: Vec<Problem> = self.descriptors.iter().flat_map(of_module).collect();
        if self.troubles.is_empty() {
            problems.extend(self.missing(settings));
        }
        if problems.is_empty() {
            return Ok(());
        }
        problems.sort_by_key(|problem| problem.line);
        Err(SettingsErrors { problems }.into())
    }

    /// The names in the file that no module answers to.
    fn missing(&self, settings: &Settings) -> Vec<Problem> {
        let mut problems = Vec::new();
        for (index, endpoint) in settings.endpoint.iter().enumerate() {
            let listed: &[String] = match &endpoint.modules {
                Selection::All => &[],
                Selection::Only(names) => names,
            };
            for (key, names) in [("modules", listed), ("routes", &endpoint.routes)] {
                for (place, name) in names.iter().enumerate() {
                    let pointer = format!("/endpoint/{index}/{key}/{place}");
                    problems.extend(self.missing_one(settings, name, &pointer));
                }
            }
        }
        problems
    }

    fn missing_one(&self, settings: &Settings, name: &str, pointer: &str) -> Option<Problem> {
        if self.descriptors.iter().any(|one| one.answers_to(name)) {
            return None;
        }
        let known = self.descriptors.iter().map(|one| one.module.as_str());
        let help = nearest(name, known).map(|near| format!("write \"{near}\""));
        let help =
            help.unwrap_or_else(|| "put its library into a folder of [modules] folders".to_owned());
        Some(settings.problem(
            pointer,
            format!("the site has no module `{name}`"),
            Some(help),
        ))
    }

    fn published(&self, settings: &Settings) -> Vec<Published> {
        let request = settings.default_request.as_endpoint();
        let default_request = settings.default_request.enabled.then_some(&request);
        let endpoints = settings.endpoint.iter().chain(default_request);
        endpoints
            .map(|endpoint| self.published_at(endpoint))
            .collect()
    }

    fn published_at(&self, endpoint: &Endpoint) -> Published {
        let chosen = self
            .descriptors
            .iter()
            .filter(|one| one.is_chosen(&endpoint.modules));
        let (withheld, serving): (Vec<_>, Vec<_>) =
            chosen.partition(|one| one.is_private() && !endpoint.is_private());
        let operations = serving.iter().flat_map(|one| &one.operations);
        let mounted = |one: &&Descriptor| endpoint.routes.iter().any(|name| one.answers_to(name));
        Published {
            name: endpoint.name.clone(),
            path: endpoint.path.clone(),
            access: endpoint.access.to_string(),
            status: endpoint.status.to_string(),
            trace: endpoint.trace,
            modules: serving.iter().map(|one| one.module.clone()).collect(),
            withheld: withheld.iter().map(|one| one.module.clone()).collect(),
            operations: operations
                .filter(|one| !one.private || endpoint.is_private())
                .count(),
            routes: self
                .descriptors
                .iter()
                .filter(mounted)
                .map(|one| one.routes.len())
                .sum(),
        }
    }
}
