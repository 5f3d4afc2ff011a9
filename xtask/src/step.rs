//! Steps: a line before, a duration after, and commands whose failure names the step.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::fault::{Fault, Result};
use crate::tree;

/// Runs one step of a chore between two lines that say what and how long.
pub(crate) fn step<T>(name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    println!("==> {name}");
    let start = Instant::now();
    let outcome = work();
    let seconds = start.elapsed().as_secs_f64();
    match &outcome {
        Ok(_) => println!("    {name}: done in {seconds:.1} s"),
        Err(_) => println!("    {name}: failed after {seconds:.1} s"),
    }
    outcome
}

/// A cargo command at the top of the tree, by the same cargo that runs this chore. What that cargo told this
/// chore about its own package is kept from it, or build scripts that look at it would run again.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(option_env!("CARGO").unwrap_or("cargo"));
    command.args(arguments).current_dir(tree::root());
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&name);
        }
    }
    command
}

/// Runs a command whose output goes to the terminal.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command
        .status()
        .map_err(|error| cannot_start(command, &error))?;
    if status.success() {
        return Ok(());
    }
    Err(Fault::new(format!("`{}`: {status}", words(command))))
}

/// Runs a command and gives what it printed.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output = command
        .output()
        .map_err(|error| cannot_start(command, &error))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(Fault::new(format!(
        "`{}`: {}\n{}",
        words(command),
        output.status,
        String::from_utf8_lossy(&output.stderr)
    )))
}

/// Runs a command, passes its standard output on, and hands each line to `seen` as well. The answer says
/// whether it succeeded.
pub(crate) fn watch(command: &mut Command, mut seen: impl FnMut(&str)) -> Result<bool> {
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| cannot_start(command, &error))?;
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout).split(b'\n') {
            let line = line.map_err(|error| Fault::new(error.to_string()))?;
            let line = String::from_utf8_lossy(&line);
            println!("{line}");
            seen(&line);
        }
    }
    let status = child
        .wait()
        .map_err(|error| cannot_start(command, &error))?;
    Ok(status.success())
}

/// Whether a program can be found and started.
pub(crate) fn available(program: &str) -> bool {
    Command::new(program)
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok()
}

/// A program of a server, which lies where not everybody's path leads.
pub(crate) fn server(name: &str) -> Option<PathBuf> {
    ["/usr/sbin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin"]
        .iter()
        .map(|folder| Path::new(folder).join(name))
        .find(|path| path.exists())
}

/// A duration as a person says it.
pub(crate) fn spoken(duration: Duration) -> String {
    let seconds = duration.as_secs();
    format!("{} min {:02} s", seconds / 60, seconds % 60)
}

fn cannot_start(command: &Command, error: &std::io::Error) -> Fault {
    Fault::new(format!("`{}` cannot be run: {error}", words(command)))
}

/// The command as it would be typed.
fn words(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let mut words = vec![tree::name(program).to_owned()];
    words.extend(
        command
            .get_args()
            .map(|word| word.to_string_lossy().into_owned()),
    );
    words.join(" ")
}
