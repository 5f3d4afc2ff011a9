//! The release tree: what an operator unpacks below `/opt/loggia` or `/usr`.
//!
//! ```text
//! bin/loggia
//! lib/loggia/modules/NAME.so
//! include/loggia.h
//! share/loggia/  default.toml, loggia.service, completions/, man/, sdk/ (the sources for `module new`)
//! ```

mod share;

use std::fs;
use std::path::{Path, PathBuf};

use clap::ValueEnum;

use crate::fault::{Fault, Result};
use crate::step::{cargo, run, step};
use crate::tree;

/// How the tree is compiled, and with that where it lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Profile {
    /// Optimised, in `target/dist`.
    Release,
    /// As the tests are compiled, in `target/dist-dev`.
    Dev,
}

impl Profile {
    /// The folder cargo builds into.
    pub(crate) fn built(self) -> PathBuf {
        tree::target().join(match self {
            Profile::Release => "release",
            Profile::Dev => "debug",
        })
    }

    /// The folder the tree is made in.
    pub(crate) fn tree(self) -> PathBuf {
        tree::target().join(match self {
            Profile::Release => "dist",
            Profile::Dev => "dist-dev",
        })
    }

    /// The one build command. The unoptimised tree is made of the very files the tests are linked with, so
    /// it is built as they are and nothing is compiled twice.
    fn arguments(self) -> &'static [&'static str] {
        match self {
            Profile::Release => &["build", "--release"],
            Profile::Dev => &["build", "--workspace", "--all-targets"],
        }
    }
}

/// Compiles, makes the tree, and says where.
pub(crate) fn build(profile: Profile) -> Result<PathBuf> {
    compile(profile)?;
    step("release tree", || assemble(profile))
}

/// Compiles what the tree is made of.
pub(crate) fn compile(profile: Profile) -> Result<()> {
    step("build", || run(&mut cargo(profile.arguments())))
}

/// Makes the tree from what is compiled. It is made beside the old one and then takes its place, so that a
/// server started from the old tree keeps its files until then.
pub(crate) fn assemble(profile: Profile) -> Result<PathBuf> {
    let finished = profile.tree();
    let fresh = finished.with_extension("new");
    tree::remove_folder(&fresh)?;
    let binary = fresh.join("bin/loggia");
    tree::copy_file(&profile.built().join("loggia"), &binary)?;
    for (name, library) in modules(profile)? {
        let place = fresh.join("lib/loggia/modules").join(format!("{name}.so"));
        tree::copy_file(&library, &place)?;
    }
    tree::copy_file(
        &tree::root().join("sdk/include/loggia.h"),
        &fresh.join("include/loggia.h"),
    )?;
    share::fill(&binary, &fresh.join("share/loggia"))?;
    tree::remove_folder(&finished)?;
    fs::rename(&fresh, &finished).map_err(Fault::file(&fresh))?;
    Ok(finished)
}

/// The modules of this source tree: name and built library.
pub(crate) fn modules(profile: Profile) -> Result<Vec<(String, PathBuf)>> {
    let folders = tree::entries(&tree::root().join("modules"))?;
    let crates = folders
        .iter()
        .filter(|folder| folder.join("Cargo.toml").exists());
    Ok(crates
        .map(|folder| {
            let name = tree::name(folder).to_owned();
            let library = format!("libloggia_module_{}.so", name.replace('-', "_"));
            (name, profile.built().join(library))
        })
        .collect())
}

/// The libraries of a finished tree.
pub(crate) fn libraries(tree: &Path) -> Result<Vec<PathBuf>> {
    tree::entries(&tree.join("lib/loggia/modules"))
}
