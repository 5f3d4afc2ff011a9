//! What the suites share: compiling C, finding the built product, the databases to run on.

pub mod cc;

use std::path::{Path, PathBuf};

/// The top of the source tree.
pub fn source_tree() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .map_or_else(PathBuf::new, Path::to_path_buf)
}
