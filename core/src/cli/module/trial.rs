//! Trying a library: opened and started in a child process, in a site that is thrown away.

use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};

use crate::app::{House, rules};
use crate::module::descriptor::Descriptor;
use crate::module::library::Library;
use crate::module::registry::ModuleRules;
use crate::settings::Settings;

/// A module that takes longer to start is refused.
const LONGEST: Duration = Duration::from_secs(30);

/// Has a child process open and start a library with these settings; what it says of itself, or what is
/// wrong with it in one sentence. A library that crashes ends the child only.
pub(in crate::cli) fn of(file: &Path, values: &Map<String, Value>) -> Result<Value, String> {
    let failed = |error: std::io::Error| format!("{} cannot be tried: {error}", file.display());
    let program = std::env::current_exe().map_err(failed)?;
    // The child's site goes with this folder, also where the library ends the child.
    let scratch = tempfile::tempdir().map_err(failed)?;
    let mut child = Command::new(program)
        .args(["module", "probe", "--start"])
        .arg(file)
        .env("TMPDIR", scratch.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(failed)?;
    if let Some(mut stdin) = child.stdin.take() {
        // A child that has ended already says why by its status.
        let _ = stdin.write_all(Value::Object(values.clone()).to_string().as_bytes());
    }
    let output = in_time(child).map_err(failed)?;
    let output = output.ok_or_else(|| {
        let seconds = LONGEST.as_secs();
        format!("{} did not start within {seconds} s", file.display())
    })?;
    read(file, &output)
}

/// Waits for the child; none where it took too long and was ended.
fn in_time(mut child: Child) -> std::io::Result<Option<Output>> {
    let give_up = Instant::now() + LONGEST;
    while child.try_wait()?.is_none() {
        if Instant::now() > give_up {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    child.wait_with_output().map(Some)
}

/// The child's facts are its last line; so is its reason, on standard error.
fn read(file: &Path, output: &Output) -> Result<Value, String> {
    let text = String::from_utf8_lossy(&output.stdout);
    let facts = text
        .lines()
        .last()
        .and_then(|line| serde_json::from_str(line).ok());
    if let (true, Some(facts)) = (output.status.success(), facts) {
        return Ok(facts);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let reason = said
        .lines()
        .rfind(|line| !line.trim().is_empty())
        .unwrap_or_default();
    if output.status.code().is_none() || reason.is_empty() {
        let status = output.status;
        return Err(format!(
            "{} ends the process that opens it ({status})",
            file.display()
        ));
    }
    Err(reason.trim_start_matches("loggia: ").to_owned())
}

/// What the child does; the settings of the module come by standard input.
pub(super) fn start(file: &Path) -> Result<Value, String> {
    let mut text = String::new();
    std::io::stdin()
        .read_to_string(&mut text)
        .map_err(|error| error.to_string())?;
    let values = serde_json::from_str(&text).unwrap_or_default();
    let folder = tempfile::tempdir().map_err(|error| format!("no temporary folder: {error}"))?;
    let settings = Settings::parse("", &folder.path().join("endpoints.toml"));
    let settings = settings.map_err(|errors| errors.to_string())?;
    let library = Library::open(file, folder.path()).map_err(|error| error.to_string())?;
    let descriptor = library.descriptor.clone();
    let rules = ModuleRules {
        values,
        ..rules(&settings, &descriptor.module)
    };
    let house = House::open(settings, None).map_err(|error| error.to_string())?;
    house.dispatcher.registry.load_linked(library, &rules)?;
    house.close();
    Ok(facts(&descriptor))
}

/// What a module says of itself, as commands print it.
fn facts(descriptor: &Descriptor) -> Value {
    let operations = descriptor.operations.iter().map(|one| {
        json!({
            "operation": format!("{}/{}/{}", one.action, descriptor.module, one.resource),
            "summary": one.summary,
            "writes": one.writes,
            "private": one.private,
            "scope": one.scope,
        })
    });
    let routes = descriptor
        .routes
        .iter()
        .map(|one| format!("{} {}", one.method, one.path));
    json!({
        "module": descriptor.module,
        "version": descriptor.version,
        "summary": descriptor.summary,
        "aliases": descriptor.aliases,
        "services": descriptor.services.iter().map(|one| &one.id).collect::<Vec<_>>(),
        "operations": operations.collect::<Vec<_>>(),
        "routes": routes.collect::<Vec<_>>(),
        "commands": descriptor.commands.iter().map(|one| one.path.join(" ")).collect::<Vec<_>>(),
        "settings": descriptor.settings,
    })
}
