//! `cargo xtask test`: everything that has to hold, in the order in which a failure is cheapest to see.

mod environment;
mod linking;
mod snapshots;
mod summary;

use std::time::Instant;

use crate::dist::{self, Profile};
use crate::fault::{Fault, Result};
use crate::packages;
use crate::postgres::Cluster;
use crate::step::{available, cargo, run as command, spoken, step, watch};

use environment::Environment;
use snapshots::Snapshots;
use summary::Summary;

/// Runs every check and every test once.
pub(crate) fn run() -> Result<()> {
    let start = Instant::now();
    step("tools", || packages::install(&packages::TESTS))?;
    step("formatting", || {
        command(&mut cargo(&["fmt", "--all", "--check"]))
    })?;
    dist::compile(Profile::Dev)?;
    step("lints", lints)?;
    step("documentation", documentation)?;
    step("licences and advisories", licences)?;
    let tree = step("release tree", || dist::assemble(Profile::Dev))?;
    step("modules link no database", || linking::check(&tree))?;
    let cluster = step("PostgreSQL", Cluster::start)?;
    let snapshots = Snapshots::new()?;
    let environment = Environment {
        postgres: cluster.url(),
        dist: tree,
        snapshots: snapshots.references(),
    };
    let summary = step("tests", || tests(&environment))?;
    drop(cluster);
    step("snapshots", || snapshots.check())?;
    println!("==> all passed in {}", spoken(start.elapsed()));
    summary.print();
    Ok(())
}

fn lints() -> Result<()> {
    command(&mut cargo(&[
        "clippy",
        "--workspace",
        "--all-targets",
        "--",
        "--deny",
        "warnings",
    ]))
}

fn documentation() -> Result<()> {
    command(cargo(&["doc", "--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "--deny warnings"))
}

/// Only where cargo-deny is installed: building it takes longer than all the rest.
fn licences() -> Result<()> {
    if !available("cargo-deny") {
        println!("    skipped: cargo-deny is not installed (`cargo install cargo-deny`)");
        return Ok(());
    }
    command(&mut cargo(&["deny", "check"]))
}

/// Runs all tests; the runner's own lines are printed as they come and kept for the end.
fn tests(environment: &Environment) -> Result<Summary> {
    let mut summary = Summary::default();
    let mut runner = cargo(&["test", "--workspace", "--no-fail-fast"]);
    environment.apply(&mut runner);
    let passed = watch(&mut runner, |line| summary.see(line))?;
    if passed {
        return Ok(summary);
    }
    summary.print();
    Err(Fault::new("tests failed"))
}
