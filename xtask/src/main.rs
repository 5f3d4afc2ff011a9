//! The chores of this source tree: `cargo xtask dist`, `demo`, `test`, `soak` and `bench`.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a chore talks to the person who started it"
)]

mod bench;
mod demo;
mod dist;
mod fakes;
mod fault;
mod fuzzing;
mod http;
mod mariadb;
mod newcomer;
mod owner;
mod packages;
mod postgres;
mod process;
mod processor;
mod python;
mod s3;
mod site;
mod soak;
mod step;
mod test;
mod tree;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::dist::Profile;
use crate::fault::Result;

/// Builds, demonstrates, tests and measures Loggia.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Builds the release tree `target/dist`, or `target/dist-dev` from an unoptimised build.
    Dist {
        /// How the tree is compiled.
        #[arg(long, value_enum, default_value_t = Profile::Release)]
        profile: Profile,
    },
    /// Builds the release tree and serves a demo site in `./demo-site` on 127.0.0.1:8080.
    Demo,
    /// Checks formatting, lints and documentation, and runs every test on SQLite and PostgreSQL.
    Test,
    /// Runs the tests that go in rounds at full length; a number in `LOGGIA_ROUNDS` is for all of them.
    Soak,
    /// Measures Loggia beside what it is compared with, and prints a table and JSON.
    Bench {
        #[command(flatten)]
        extent: bench::Extent,
        /// Only these parts; all where none is named.
        #[arg(long, value_enum, value_delimiter = ',')]
        parts: Vec<bench::Part>,
    },
    /// Starts a throw-away PostgreSQL, prints its URL, and removes it when the standard input ends.
    Postgres,
    /// Starts a throw-away MariaDB, prints its URL, and removes it when the standard input ends.
    Mariadb,
    /// Starts a throw-away S3 server, prints the URL of its bucket, and ends it when the standard input ends.
    S3,
}

fn main() -> ExitCode {
    match run(&Arguments::parse().chore) {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("\nxtask: {fault}");
            ExitCode::FAILURE
        }
    }
}

fn run(chore: &Chore) -> Result<()> {
    match chore {
        Chore::Dist { profile } => dist::build(*profile).map(|tree| {
            println!("{}", tree.display());
        }),
        Chore::Demo => demo::run(),
        Chore::Test => test::run(),
        Chore::Soak => soak::run(),
        Chore::Bench { extent, parts } => bench::run(extent, parts),
        Chore::Postgres => postgres::serve(),
        Chore::Mariadb => mariadb::serve(),
        Chore::S3 => s3::serve(),
    }
}
