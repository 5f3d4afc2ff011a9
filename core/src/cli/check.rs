//! `loggia check`: is the site's file good, and what comes of it.

use clap::Args;
use serde::Serialize;
use serde_json::Value;

use super::failure::Failure;
use super::output::Output;
use super::shown;
use super::site::{Answer, Site};
use crate::settings::{Endpoint, Selection, Settings};

/// Validates the settings and the modules, and prints what each endpoint publishes.
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
    modules: String,
}

impl Check {
    pub(super) fn run(self, output: &mut Output) -> Result<(), Failure> {
        let settings = self.site.settings()?;
        let facts = Facts {
            file: settings.path.display().to_string(),
            endpoints: published(&settings),
            settings: self.settings.then(|| settings.effective()),
        };
        output.facts(self.answer.json, &facts, |facts| {
            let listed = shown::rows_of(&facts.endpoints);
            if self.settings {
                format!("{listed}\n\n{}", settings.effective_toml())
            } else {
                listed
            }
        })
    }
}

fn published(settings: &Settings) -> Vec<Published> {
    let request = settings.default_request.as_endpoint();
    let default_request = settings.default_request.enabled.then_some(&request);
    settings
        .endpoint
        .iter()
        .chain(default_request)
        .map(Published::of)
        .collect()
}

impl Published {
    fn of(endpoint: &Endpoint) -> Self {
        let modules = match &endpoint.modules {
            Selection::All => "all".to_owned(),
            Selection::Only(names) => names.join(" "),
        };
        Self {
            name: endpoint.name.clone(),
            path: endpoint.path.clone(),
            access: endpoint.access.to_string(),
            status: endpoint.status.to_string(),
            trace: endpoint.trace,
            modules,
        }
    }
}
