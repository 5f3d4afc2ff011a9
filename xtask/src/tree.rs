//! Where things lie in the source tree, and the few file operations that chores share.

use std::fs;
use std::path::{Path, PathBuf};

use crate::fault::{Fault, Result};

/// The top of the source tree.
pub(crate) fn root() -> &'static Path {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest)
}

/// The build folder of the whole workspace.
pub(crate) fn target() -> PathBuf {
    root().join("target")
}

/// The entries of a folder, sorted by name, so that every run does the same.
pub(crate) fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(Fault::file(folder))? {
        paths.push(entry.map_err(Fault::file(folder))?.path());
    }
    paths.sort();
    Ok(paths)
}

/// All files below a folder, outside build folders and the history.
pub(crate) fn files_below(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in entries(folder)? {
        if !path.is_dir() {
            files.push(path);
        } else if !matches!(name(&path), "target" | ".git") {
            files.extend(files_below(&path)?);
        }
    }
    Ok(files)
}

/// The last part of a path, as text.
pub(crate) fn name(path: &Path) -> &str {
    path.file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default()
}

/// Makes a folder and those above it.
pub(crate) fn make_folder(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).map_err(Fault::file(folder))
}

/// Copies one file, making the folder it goes to.
pub(crate) fn copy_file(from: &Path, to: &Path) -> Result<()> {
    if let Some(folder) = to.parent() {
        make_folder(folder)?;
    }
    fs::copy(from, to).map_err(Fault::file(from))?;
    Ok(())
}

/// Copies a folder with everything below it but build folders.
pub(crate) fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    for file in files_below(from)? {
        let below = file.strip_prefix(from).unwrap_or(&file);
        copy_file(&file, &to.join(below))?;
    }
    Ok(())
}

/// Writes a text, making the folder it goes to.
pub(crate) fn write(path: &Path, text: &[u8]) -> Result<()> {
    if let Some(folder) = path.parent() {
        make_folder(folder)?;
    }
    fs::write(path, text).map_err(Fault::file(path))
}

/// Removes a folder; one that is not there is as good.
pub(crate) fn remove_folder(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(Fault::file(folder))?;
    }
    Ok(())
}

/// Reads a text.
pub(crate) fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).map_err(Fault::file(path))
}
