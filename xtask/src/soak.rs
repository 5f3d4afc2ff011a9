//! `cargo xtask soak`: the tests that take rounds, at full length, on the optimised tree.

use std::path::Path;
use std::time::Instant;

use crate::dist::{self, Profile};
use crate::fault::{Fault, Result};
use crate::fuzzing;
use crate::newcomer;
use crate::packages;
use crate::postgres::Cluster;
use crate::step::{cargo, spoken, step, watch};

/// Every test's own long number, where the caller names none for all.
const ROUNDS: &str = "long";

/// The tests that go in rounds, each alone: they make load of their own.
const TESTS: [(&str, &str); 4] = [
    ("abi", "swap"),
    ("wire", "quota::a_kill"),
    ("wire", "forms"),
    ("sending", "kill"),
];

/// How long each endpoint of a demo site is fuzzed, on each database.
const FUZZING_SECONDS: u32 = 300;

/// Runs the long rounds. What fails is remembered, and the rest still runs.
pub(crate) fn run() -> Result<()> {
    let start = Instant::now();
    step("tools", || packages::install(&packages::TESTS))?;
    let tree = dist::build(Profile::Release)?;
    let cluster = step("PostgreSQL", Cluster::start)?;
    let mut failed = Vec::new();
    let mut see = |name: String, work: &dyn Fn() -> Result<()>| {
        if let Err(fault) = step(&name, work) {
            println!("    {fault}");
            failed.push(name);
        }
    };
    see("a new module".to_owned(), &|| newcomer::check(&tree));
    for (suite, test) in TESTS {
        see(format!("{suite}: {test}"), &|| {
            rounds(&tree, &cluster, suite, test)
        });
    }
    let url = cluster.url();
    for (database, postgres) in [("SQLite", None), ("PostgreSQL", Some(url.as_str()))] {
        see(format!("fuzzing on {database}"), &|| {
            fuzzing::check(&tree, postgres, FUZZING_SECONDS)
        });
    }
    println!("==> ended after {}", spoken(start.elapsed()));
    if failed.is_empty() {
        return Ok(());
    }
    Err(Fault::new(format!("failed: {}", failed.join(", "))))
}

fn rounds(tree: &Path, cluster: &Cluster, suite: &str, test: &str) -> Result<()> {
    let rounds = std::env::var("LOGGIA_ROUNDS").unwrap_or_else(|_| ROUNDS.to_owned());
    let mut runner = cargo(&["test", "--package", "loggia-tests", "--test", suite]);
    runner
        .args(["--", "--nocapture", "--test-threads", "1", test])
        .env("LOGGIA_TEST_POSTGRES", cluster.url())
        .env("LOGGIA_DIST", tree)
        .env("LOGGIA_ROUNDS", &rounds);
    if watch(&mut runner, |_| ())? {
        return Ok(());
    }
    Err(Fault::new("a round failed"))
}
