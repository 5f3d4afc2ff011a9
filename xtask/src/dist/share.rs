//! `share/loggia`: the service unit, the sources an author builds against.

use std::path::Path;

use crate::fault::Result;
use crate::tree;

/// What `loggia module new` makes a crate depend on: the workspace without its own modules and tests.
const SOURCES: [&str; 3] = ["core", "migrations", "sdk"];

/// Fills the folder.
pub(crate) fn fill(share: &Path) -> Result<()> {
    for file in tree::entries(&tree::root().join("xtask/share"))? {
        tree::copy_file(&file, &share.join(tree::name(&file)))?;
    }
    sources(&share.join("sdk"))
}

/// Copies the sources, with a manifest that names only what was copied.
fn sources(sdk: &Path) -> Result<()> {
    let root = tree::root();
    for folder in SOURCES {
        tree::copy_folder(&root.join(folder), &sdk.join(folder))?;
    }
    tree::copy_file(&root.join("Cargo.lock"), &sdk.join("Cargo.lock"))?;
    let manifest = tree::read(&root.join("Cargo.toml"))?;
    tree::write(&sdk.join("Cargo.toml"), trimmed(&manifest).as_bytes())
}

/// The workspace manifest with the members that were copied.
fn trimmed(manifest: &str) -> String {
    let mut text = String::new();
    for line in manifest.lines() {
        if line.starts_with("members = ") {
            text.push_str(r#"members = ["core", "sdk/abi", "sdk/sql", "sdk/rust", "sdk/testkit"]"#);
        } else if line.starts_with("default-members = ") || line.contains("path = \"modules/") {
            continue;
        } else {
            text.push_str(line);
        }
        text.push('\n');
    }
    text
}
