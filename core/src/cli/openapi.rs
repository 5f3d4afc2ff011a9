//! `loggia openapi`: the document of an endpoint, without a running server.

use std::path::PathBuf;

use clap::Args;

use super::failure::Failure;
use super::output::Output;
use super::site::Site;
use crate::app::{House, libraries, rules};
use crate::endpoint::openapi;
use crate::endpoint::table::Table;
use crate::module::library::Library;
use crate::module::probe;
use crate::settings::{Settings, nearest};

/// Prints the OpenAPI document of an endpoint.
///
/// The modules are started in a site that is thrown away; the site's database is not touched.
#[derive(Args)]
#[command(after_help = "Example: loggia openapi --endpoint shop > openapi.json")]
pub(super) struct Openapi {
    /// The endpoint [default: the first one].
    #[arg(long, value_name = "NAME")]
    endpoint: Option<String>,
    #[command(flatten)]
    site: Site,
}

impl Openapi {
    pub(super) fn run(self, output: &mut Output) -> Result<(), Failure> {
        let settings = self.site.settings()?;
        let wanted = match &self.endpoint {
            Some(name) => settings
                .endpoint(name)
                .ok_or_else(|| none(&settings, name))?,
            None => (settings.endpoint.first())
                .ok_or_else(|| Failure::refused("the site has no endpoint"))?,
        };
        let table = Table::new(&settings, None);
        let (endpoint, _) = (table.find(&wanted.path))
            .ok_or_else(|| Failure::refused("the endpoint is not published"))?;
        let folder = tempfile::tempdir()?;
        let house = house_of(&settings, &folder.path().join("endpoints.toml"))?;
        let origin = settings.server.public_url.as_deref().unwrap_or_default();
        let document = openapi::document(endpoint, &house.dispatcher.registry, origin);
        house.close();
        output.line(&serde_json::to_string_pretty(&document).map_err(Failure::refused)?)
    }
}

fn none(settings: &Settings, name: &str) -> Failure {
    let near = nearest(name, settings.endpoint.iter().map(|one| one.name.as_str()));
    let hint = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
    Failure::Refused(format!("the site has no endpoint `{name}`{hint}"))
}

/// A house with the site's modules over a database of its own.
fn house_of(settings: &Settings, place: &std::path::Path) -> Result<House, Failure> {
    let program = std::env::current_exe()?;
    let house = House::open(Settings::parse("", place)?, None).map_err(Failure::refused)?;
    let scratch = place.parent().map_or_else(PathBuf::new, PathBuf::from);
    for path in libraries(settings) {
        probe::in_child(&program, &path).map_err(Failure::Refused)?;
        let library = Library::open(&path, &scratch).map_err(Failure::refused)?;
        let name = library.descriptor.module.clone();
        if !settings.module(&name).enabled {
            library.close();
            continue;
        }
        let registry = &house.dispatcher.registry;
        registry
            .load_linked(library, &rules(settings, &name))
            .map_err(Failure::Refused)?;
    }
    Ok(house)
}
