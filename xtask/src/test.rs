//! `cargo xtask test`: everything that has to hold, in the order in which a failure is cheapest to see.

mod canary;
mod environment;
mod linking;
mod snapshots;
mod summary;

use std::time::Instant;

use crate::dist::{self, Profile};
use crate::fault::{Fault, Result};
use crate::fuzzing;
use crate::mariadb::Server;
use crate::packages;
use crate::postgres::Cluster;
use crate::s3::Bucket;
use crate::step::{available, cargo, run as command, spoken, step, watch};

use environment::Environment;
use snapshots::Snapshots;
use summary::Summary;

/// How long each endpoint of a demo site is fuzzed.
const FUZZING_SECONDS: u32 = 15;

/// Runs every check and every test once. A check that fails is remembered, and the rest still runs, so that one
/// run tells everything there is to mend.
pub(crate) fn run() -> Result<()> {
    let start = Instant::now();
    let mut failed = Failed::default();
    step("tools", || packages::install(&packages::TESTS))?;
    failed.see("formatting", formatting);
    dist::compile(Profile::Dev)?;
    failed.see("lints", lints);
    failed.see("documentation", documentation);
    failed.see("licences and advisories", licences);
    let tree = step("release tree", || dist::assemble(Profile::Dev))?;
    failed.see("modules link no database", || linking::check(&tree));
    let cluster = step("PostgreSQL", Cluster::start)?;
    let mariadb = step("MariaDB", Server::start)?;
    let bucket = step("S3 server", Bucket::start)?;
    let snapshots = Snapshots::new()?;
    let environment = Environment {
        postgres: cluster.url(),
        mariadb: mariadb.url(),
        s3: bucket.url(),
        dist: tree,
        evidence: canary::folder()?,
        snapshots: snapshots.references(),
    };
    let mut summary = Summary::default();
    failed.see("tests", || tests(&environment, &mut summary));
    drop((cluster, mariadb, bucket));
    failed.see("fuzzing", || {
        fuzzing::check(&environment.dist, None, FUZZING_SECONDS)
    });
    failed.see("no credential in any log", || {
        canary::check(&environment.evidence)
    });
    failed.see("snapshots", || snapshots.check());
    println!("==> ended after {}", spoken(start.elapsed()));
    summary.print();
    failed.outcome()
}

/// The steps that did not hold.
#[derive(Default)]
struct Failed(Vec<&'static str>);

impl Failed {
    fn see(&mut self, name: &'static str, work: impl FnOnce() -> Result<()>) {
        if let Err(fault) = step(name, work) {
            println!("    {fault}");
            self.0.push(name);
        }
    }

    fn outcome(self) -> Result<()> {
        if self.0.is_empty() {
            return Ok(());
        }
        Err(Fault::new(format!("failed: {}", self.0.join(", "))))
    }
}

fn formatting() -> Result<()> {
    command(&mut cargo(&["fmt", "--all", "--check"]))
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
    let deny = |arguments: &[&str]| {
        command(&mut cargo(
            &[&["deny", "--log-level", "error"], arguments].concat(),
        ))
    };
    deny(&["check", "bans", "licenses", "sources"])?;
    if deny(&["fetch", "db"]).is_err() {
        println!("    advisories skipped: their database cannot be reached");
        return Ok(());
    }
    deny(&["check", "advisories"])
}

/// Runs all tests; the runner's own lines are printed as they come and kept for the end.
fn tests(environment: &Environment, summary: &mut Summary) -> Result<()> {
    let mut runner = cargo(&["test", "--workspace", "--no-fail-fast"]);
    environment.apply(&mut runner);
    if watch(&mut runner, |line| summary.see(line))? {
        return Ok(());
    }
    Err(Fault::new("a test failed, or its program did not end well"))
}
