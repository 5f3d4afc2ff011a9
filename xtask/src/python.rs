//! What the tests use of other people's Python, installed once into an environment below `target/`.

use std::path::PathBuf;
use std::process::Command;

use crate::fault::Result;
use crate::step::run;
use crate::tree;

/// Independent readers of OpenAPI, and an S3 server (with the web server that it leaves to its user).
const PACKAGES: [&str; 5] = [
    "schemathesis==4.32.5",
    "openapi-spec-validator==0.9.0",
    "moto[s3]==5.2.5",
    "flask==3.1.3",
    "flask-cors==6.0.5",
];

/// The folder of the environment's programs.
pub(crate) fn programs() -> Result<PathBuf> {
    let environment = tree::target().join("python");
    let programs = environment.join("bin");
    let (complete, wanted) = (environment.join("complete"), PACKAGES.join("\n"));
    if std::fs::read_to_string(&complete).is_ok_and(|there| there == wanted) {
        return Ok(programs);
    }
    run(Command::new("python3")
        .args(["-m", "venv"])
        .arg(&environment))?;
    run(Command::new(programs.join("pip"))
        .args(["install", "--quiet"])
        .args(PACKAGES))?;
    tree::write(&complete, wanted.as_bytes())?;
    Ok(programs)
}
