//! `loggia module list`: what lies in the folders, and what the running nodes make of it.

use clap::Args;
use serde::Serialize;

use crate::app::libraries;
use crate::cli::declared::describe;
use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::cli::shown;
use crate::cli::site::{Answer, Site, patience};
use crate::module::registry::ModuleState;
use crate::store::nodes;

/// Lists the modules in the site's folders, and on each running node what is loaded, its generation, and
/// what is out of service and why.
#[derive(Args)]
#[command(after_help = "Example: loggia module list --config endpoints.toml")]
pub(super) struct List {
    #[command(flatten)]
    site: Site,
    #[command(flatten)]
    answer: Answer,
}

#[derive(Serialize)]
struct Facts {
    modules: Vec<Module>,
    nodes: Vec<Loaded>,
}

/// A library in the folders.
#[derive(Serialize)]
struct Module {
    name: String,
    version: Option<String>,
    enabled: bool,
    file: String,
    trouble: Option<String>,
}

/// A module on a running node.
#[derive(Serialize)]
struct Loaded {
    node: String,
    #[serde(flatten)]
    state: ModuleState,
}

impl List {
    pub(super) fn run(self, output: &mut Output) -> Result<(), Failure> {
        let settings = self.site.settings()?;
        let paths = libraries(&settings);
        let modules = paths.iter().map(|path| {
            let name = path
                .file_stem()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            let described = describe(path);
            Module {
                enabled: settings.module(&name).enabled,
                file: path.display().to_string(),
                version: described.as_ref().ok().map(|one| one.version.clone()),
                trouble: described.err(),
                name,
            }
        });
        let modules = modules.collect();
        let live = nodes::live(&mut Site::pool(&settings)?.read(patience())?)?;
        let loaded = live.into_iter().flat_map(|node| {
            let states: Vec<ModuleState> = serde_json::from_str(&node.modules).unwrap_or_default();
            states.into_iter().map(move |state| Loaded {
                node: node.name.clone(),
                state,
            })
        });
        let facts = Facts {
            modules,
            nodes: loaded.collect(),
        };
        output.facts(self.answer.json, &facts, |facts| {
            let (modules, nodes) = (shown::rows_of(&facts.modules), shown::rows_of(&facts.nodes));
            format!("in the folders:\n{modules}\n\non running nodes:\n{nodes}")
        })
    }
}
