//! Trying a library in a child process first, where a truncated or hostile file harms nobody.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::library::Library;

/// A library that takes longer to open is refused.
const LONGEST_PROBE: Duration = Duration::from_secs(10);

/// Has a child open the library; its last line says what is wrong.
pub fn in_child(program: &Path, path: &Path) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("{} could not be probed: {error}", path.display());
    // The child's private copy goes with this folder, also where the library ends the child.
    let scratch = tempfile::tempdir().map_err(failed)?;
    let mut child = Command::new(program)
        .args(["module", "probe"])
        .arg(path)
        .env("TMPDIR", scratch.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(failed)?;
    let started = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().map_err(failed)? {
            break status;
        }
        if started.elapsed() > LONGEST_PROBE {
            // A child that cannot be killed has ended by itself.
            let _ = child.kill();
            let _ = child.wait();
            return Err(format!(
                "{} did not open within {} s",
                path.display(),
                LONGEST_PROBE.as_secs()
            ));
        }
        std::thread::sleep(Duration::from_millis(1));
    };
    if status.success() {
        return Ok(());
    }
    let output = child.wait_with_output().map_err(failed)?;
    let text = String::from_utf8_lossy(&output.stderr);
    let reason = text
        .lines()
        .rfind(|line| !line.trim().is_empty())
        .unwrap_or_default();
    Err(match (reason, status.code()) {
        ("", _) | (_, None) => format!(
            "{} ends the process that opens it ({status}): truncated or damaged",
            path.display()
        ),
        (reason, Some(_)) => reason.trim_start_matches("loggia: ").to_owned(),
    })
}

/// What the child does.
pub fn open(path: &Path) -> Result<(), String> {
    let scratch = tempfile::tempdir().map_err(|error| format!("no temporary folder: {error}"))?;
    let library = Library::open(path, scratch.path()).map_err(|error| error.to_string())?;
    library.close();
    Ok(())
}
