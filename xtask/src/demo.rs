//! `cargo xtask demo`: the release tree, and a demo site served from it.

use std::process::Command;

use crate::dist::{self, Profile};
use crate::fault::Result;
use crate::step;
use crate::tree;

/// Serves until it is interrupted.
pub(crate) fn run() -> Result<()> {
    let tree = dist::build(Profile::Release)?;
    step::run(
        Command::new(tree.join("bin/loggia"))
            .args(["demo", "--data", "demo-site", "--listen", "127.0.0.1:8080"])
            .current_dir(tree::root()),
    )
}
