//! Snapshots that no test compares any more are rejected, so that none is taken for a promise.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::fault::{Fault, Result};
use crate::tree;

/// The list that insta fills while the tests run.
pub(crate) struct Snapshots {
    references: PathBuf,
}

impl Snapshots {
    /// Starts with an empty list.
    pub(crate) fn new() -> Result<Self> {
        let references = tree::target().join("snapshot-references");
        tree::write(&references, b"")?;
        Ok(Snapshots { references })
    }

    /// Where insta writes.
    pub(crate) fn references(&self) -> PathBuf {
        self.references.clone()
    }

    /// Compares the list with the files of the tree.
    pub(crate) fn check(&self) -> Result<()> {
        let compared: BTreeSet<PathBuf> = tree::read(&self.references)?
            .lines()
            .filter_map(|line| fs::canonicalize(line).ok())
            .collect();
        let files = tree::files_below(tree::root())?;
        let left_over: Vec<String> = files
            .into_iter()
            .filter(|file| {
                file.extension()
                    .is_some_and(|extension| extension == "snap")
            })
            .filter(|file| !compared.contains(&canonical(file)))
            .map(|file| file.display().to_string())
            .collect();
        if left_over.is_empty() {
            println!("    {} snapshots, each compared", compared.len());
            return Ok(());
        }
        Err(Fault::new(format!(
            "no test compares {}",
            left_over.join(", ")
        )))
    }
}

fn canonical(file: &Path) -> PathBuf {
    fs::canonicalize(file).unwrap_or_else(|_| file.to_path_buf())
}
