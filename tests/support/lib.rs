//! What the suites share: compiling C, running the built product, asking it over HTTP.

pub mod cc;
pub mod client;
pub mod product;
pub mod server;
pub mod site;

use std::path::{Path, PathBuf};

/// The top of the source tree.
pub fn source_tree() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .map_or_else(PathBuf::new, Path::to_path_buf)
}

/// How many rounds a test that goes in rounds makes: `LOGGIA_ROUNDS`, else the test's own short number.
pub fn rounds(short: u32) -> u32 {
    let asked = std::env::var("LOGGIA_ROUNDS").ok();
    asked
        .and_then(|rounds| rounds.parse().ok())
        .unwrap_or(short)
}
