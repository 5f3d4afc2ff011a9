//! `cargo xtask soak`: the tests that take rounds, at full length, on the optimised tree.

use crate::dist::{self, Profile};
use crate::fault::{Fault, Result};
use crate::fuzzing;
use crate::packages;
use crate::postgres::Cluster;
use crate::s3::Bucket;
use crate::step::{cargo, step, watch};

/// Every test's own long number, where the caller names none for all.
const ROUNDS: &str = "long";

/// How long each endpoint of a demo site is fuzzed.
const FUZZING_SECONDS: u32 = 600;

/// Runs the suites whose tests read `LOGGIA_ROUNDS`.
pub(crate) fn run() -> Result<()> {
    step("tools", || packages::install(&packages::TESTS))?;
    let tree = dist::build(Profile::Release)?;
    let cluster = step("PostgreSQL", Cluster::start)?;
    let bucket = step("S3 server", Bucket::start)?;
    let rounds = std::env::var("LOGGIA_ROUNDS").unwrap_or_else(|_| ROUNDS.to_owned());
    step("fuzzing", || fuzzing::check(&tree, FUZZING_SECONDS))?;
    let passed = step(&format!("rounds: {rounds}"), || {
        let mut runner = cargo(&["test", "--package", "loggia-tests", "--no-fail-fast"]);
        runner
            .env("LOGGIA_TEST_POSTGRES", cluster.url())
            .env("LOGGIA_TEST_S3", bucket.url())
            .env("LOGGIA_DIST", &tree)
            .env("LOGGIA_ROUNDS", &rounds);
        watch(&mut runner, |_| ())
    })?;
    if passed {
        return Ok(());
    }
    Err(Fault::new("a round failed"))
}
