//! The commands that modules declare: `loggia release ...`, `loggia licence ...`, whatever is installed.

mod answer;
mod line;

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use clap::{ArgMatches, Command};
use serde_json::Value;
use tempfile::NamedTempFile;

use super::failure::Failure;
use super::output::Output;
use super::site::Site;
use crate::app::{House, libraries};
use crate::endpoint::caller::Caller;
use crate::endpoint::direct::DirectCall;
use crate::logging::Logging;
use crate::module::binding::Given;
use crate::module::descriptor::{Descriptor, Parameter, ParameterKind};
use crate::module::library::Library;
use crate::module::probe;
use crate::service::files::FileStore;
use crate::settings::{Endpoint, Log, Settings};
use line::Written;

/// The modules whose commands are on the line.
pub(super) struct Declared(Vec<Descriptor>);

impl Declared {
    /// The modules of the site that a line names by `--config`, else of the installation. What cannot be
    /// opened has no commands here; `loggia module list` says why.
    pub(super) fn of_line(arguments: &[OsString]) -> Self {
        let config = named_config(arguments);
        let settings = Settings::load(&config).or_else(|_| Settings::parse("", &config));
        let Ok(settings) = settings else {
            return Self(Vec::new());
        };
        Self(
            libraries(&settings)
                .iter()
                .filter_map(|path| describe(path).ok())
                .collect(),
        )
    }

    /// Puts their commands onto the line.
    pub(super) fn add_to(&self, line: Command) -> Command {
        line::add(line, &self.0)
    }

    /// Runs what was written, if it is one of their commands.
    pub(super) fn run(
        &self,
        matches: &ArgMatches,
        output: &mut Output,
    ) -> Option<Result<(), Failure>> {
        let written = line::find(matches, &self.0)?;
        Some(run(&written, output))
    }
}

/// The settings' file that a line names, before it can be read in full.
fn named_config(arguments: &[OsString]) -> PathBuf {
    let texts: Vec<_> = arguments.iter().map(|one| one.to_string_lossy()).collect();
    let joined = texts
        .iter()
        .find_map(|one| one.strip_prefix("--config=").map(PathBuf::from));
    let apart = || {
        let place = texts.iter().position(|one| *one == "--config")?;
        texts.get(place + 1).map(|one| PathBuf::from(one.as_ref()))
    };
    joined
        .or_else(apart)
        .unwrap_or_else(|| PathBuf::from("endpoints.toml"))
}

/// What a library says of itself; a child process opens it first.
pub(super) fn describe(path: &Path) -> Result<Descriptor, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    probe::in_child(&program, path)?;
    let scratch = tempfile::tempdir().map_err(|error| error.to_string())?;
    let library = Library::open(path, scratch.path()).map_err(|error| error.to_string())?;
    let descriptor = library.descriptor.clone();
    library.close();
    Ok(descriptor)
}

/// Calls the operation of a command as the operator, in a house of its own without HTTP.
fn run(written: &Written<'_>, output: &mut Output) -> Result<(), Failure> {
    let config = written
        .arguments
        .get_one::<String>("config")
        .map_or("", String::as_str);
    let site = Site {
        config: PathBuf::from(config),
    };
    let settings = site.settings()?;
    let _logging = Logging::start(&Log {
        level: "warn".to_owned(),
        ..settings.log.clone()
    });
    let base_url = base_url(&settings, &written.descriptor.module);
    let house = House::open(settings, std::env::current_exe().ok()).map_err(Failure::refused)?;
    house
        .load_module(&written.descriptor.module)
        .map_err(Failure::Refused)?;
    let (members, uploads) = members(written, &house.files)?;
    let call = DirectCall {
        caller: Caller::operator(),
        action: written.operation.action.clone(),
        module: written.descriptor.module.clone(),
        resource: written.operation.resource.clone(),
        members,
        base_url,
        client_address: None,
        headers: Vec::new(),
        session: std::sync::Arc::default(),
    };
    let answered = house.dispatcher.direct(call);
    drop(uploads);
    house.close();
    answer::show(answered, &written.arguments, output)
}

/// Where clients reach the module's routes, for addresses in its answers.
fn base_url(settings: &Settings, module: &str) -> String {
    let origin = match &settings.server.public_url {
        Some(url) => url.clone(),
        None => format!("http://{}", settings.server.listen),
    };
    let mounts = |endpoint: &&Endpoint| endpoint.routes.iter().any(|one| one == module);
    let path = settings
        .endpoint
        .iter()
        .find(mounts)
        .map_or("", |endpoint| &endpoint.path);
    format!("{origin}{}", path.trim_end_matches('/'))
}

/// The members of the call, with the files that were uploaded for it.
type Members = (Vec<(String, Given)>, Vec<NamedTempFile>);

fn members(written: &Written<'_>, files: &FileStore) -> Result<Members, Failure> {
    let (mut members, mut uploads) = (Vec::new(), Vec::new());
    for parameter in &written.operation.parameters {
        let values = written
            .arguments
            .try_get_many::<String>(&parameter.name)
            .ok()
            .flatten();
        let Some(values) = values else { continue };
        let values: Vec<&str> = values.map(String::as_str).collect();
        let given = given(parameter, &values, files, &mut uploads)?;
        members.push((parameter.name.clone(), given));
    }
    Ok((members, uploads))
}

fn given(
    parameter: &Parameter,
    values: &[&str],
    files: &FileStore,
    uploads: &mut Vec<NamedTempFile>,
) -> Result<Given, Failure> {
    let last = values.last().copied().unwrap_or_default();
    match parameter.kind {
        // One value may be several with commas, as in a query.
        ParameterKind::List if values.len() > 1 => Ok(Given::Json(values.into())),
        ParameterKind::Object => serde_json::from_str::<Value>(last)
            .map(Given::Json)
            .map_err(|error| {
                Failure::Usage(format!("--{} is no JSON object: {error}", parameter.name))
            }),
        ParameterKind::File => {
            let (upload, name) = upload(files, Path::new(last))
                .map_err(|error| Failure::Refused(format!("{last}: {error}")))?;
            uploads.push(upload);
            Ok(Given::File(name))
        }
        ParameterKind::List
        | ParameterKind::Text
        | ParameterKind::Integer
        | ParameterKind::Number
        | ParameterKind::Boolean => Ok(Given::Text(last.to_owned())),
    }
}

/// Copies a file into the store, as an upload by HTTP would come, with the name under which it is called.
fn upload(files: &FileStore, path: &Path) -> io::Result<(NamedTempFile, String)> {
    let mut source = File::open(path)?;
    let mut upload = files.upload()?;
    io::copy(&mut source, upload.as_file_mut())?;
    let name = upload
        .path()
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    Ok((upload, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_settings_are_found_on_a_line_that_cannot_be_read_yet() {
        let config = |words: &[&str]| {
            let words: Vec<OsString> = words.iter().map(OsString::from).collect();
            named_config(&words)
        };
        assert_eq!(
            config(&["loggia", "x", "--config", "a.toml"]),
            Path::new("a.toml")
        );
        assert_eq!(
            config(&["loggia", "x", "--config=b.toml", "y"]),
            Path::new("b.toml")
        );
        assert_eq!(
            config(&["loggia", "x", "--config"]),
            Path::new("endpoints.toml")
        );
    }

    #[test]
    fn addresses_in_answers_begin_where_the_modules_routes_are_mounted() {
        let file = "[server]\npublic_url = \"https://a.org\"\n[[endpoint]]\nname = \"x\"\npath = \"/x\"\n\
                    [[endpoint]]\nname = \"y\"\npath = \"/y\"\nroutes = [\"release\"]\n";
        let settings = Settings::parse(file, Path::new("endpoints.toml")).unwrap();
        assert_eq!(base_url(&settings, "release"), "https://a.org/y");
        assert_eq!(base_url(&settings, "other"), "https://a.org");
    }
}
