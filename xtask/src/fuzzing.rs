//! Independent eyes on what every endpoint says of itself: a validator reads its OpenAPI, and schemathesis sends
//! what that allows and what it does not, looking for a 5xx or an answer outside its schema.

use std::path::Path;
use std::process::Command;

use crate::fault::Result;
use crate::http::Request;
use crate::python;
use crate::site::Site;
use crate::step::run;
use crate::tree;

const ENDPOINTS: [&str; 4] = ["free", "user", "key", "semantic"];

const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
    response_schema_conformance";

/// Looks at each endpoint of a fresh demo site, on SQLite or on the PostgreSQL behind a URL, with so many seconds
/// of requests each. The seed is `LOGGIA_SEED`, or the same at every run.
pub(crate) fn check(tree: &Path, postgres: Option<&str>, seconds: u32) -> Result<()> {
    let programs = python::programs()?;
    let folder = tree::target().join("fuzzing-site");
    tree::remove_folder(&folder)?;
    let site = Site::start(tree, &folder, postgres)?;
    for name in ENDPOINTS {
        endpoint(&site, name, &programs, seconds)?;
    }
    drop(site);
    tree::remove_folder(&folder)
}

fn endpoint(site: &Site, name: &str, programs: &Path, seconds: u32) -> Result<()> {
    let url = site.endpoint(name)? + "/openapi.json";
    let file = tree::target().join(format!("openapi-{name}.json"));
    tree::write(&file, Request::get(&url).once()?.as_bytes())?;
    run(Command::new(programs.join("openapi-spec-validator")).arg(&file))?;
    let seed = std::env::var("LOGGIA_SEED").unwrap_or_else(|_| "1".to_owned());
    println!("    {name}: {seconds} s, LOGGIA_SEED={seed}");
    let mut schemathesis = Command::new(programs.join("schemathesis"));
    schemathesis
        .args([
            "run",
            &url,
            "--checks",
            CHECKS,
            "--max-time",
            &seconds.to_string(),
        ])
        .args([
            "--phases",
            "examples,coverage,fuzzing",
            "--seed",
            &seed,
            "--warnings",
            "off",
        ])
        .current_dir(tree::target());
    // With the operator's key also what needs a scope is reached; the other two show what guests are told.
    if matches!(name, "key" | "semantic") {
        let key = site.fact("/keys/unlimited")?;
        schemathesis.args(["--header", &format!("Authorization: api_key {key}")]);
    }
    run(&mut schemathesis)
}
