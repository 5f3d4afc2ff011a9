//! `share/loggia`: defaults, the service unit, completions, man pages, the sources an author builds against.

use std::path::Path;
use std::process::Command;

use crate::fault::Result;
use crate::step::output;
use crate::tree;

/// The shells that completions are made for, and the name each expects its file under.
const SHELLS: [(&str, &str); 3] = [
    ("bash", "loggia.bash"),
    ("zsh", "_loggia"),
    ("fish", "loggia.fish"),
];

/// What `loggia module new` makes a crate depend on: the workspace without its own modules and tests.
const SOURCES: [&str; 3] = ["core", "migrations", "sdk"];

/// Fills the folder; completions and man pages are the binary's own words.
pub(crate) fn fill(binary: &Path, share: &Path) -> Result<()> {
    for file in tree::entries(&tree::root().join("xtask/share"))? {
        tree::copy_file(&file, &share.join(tree::name(&file)))?;
    }
    tree::copy_file(
        &tree::root().join("core/src/default.toml"),
        &share.join("default.toml"),
    )?;
    for (shell, file) in SHELLS {
        let text = output(Command::new(binary).args(["completions", shell]))?;
        tree::write(&share.join("completions").join(file), text.as_bytes())?;
    }
    let pages = share.join("man");
    tree::make_folder(&pages)?;
    output(Command::new(binary).arg("man").arg(&pages))?;
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
