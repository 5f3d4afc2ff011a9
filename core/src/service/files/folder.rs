//! Stored files in a folder of this machine.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::objects::Refusal;
use super::store::{Store, is_path};
use super::stored::{Place, Stored};

/// A folder; a file's path in the store is its path below it.
#[derive(Debug)]
pub(super) struct Folder {
    root: PathBuf,
}

impl Folder {
    pub(super) fn new(root: &Path) -> Self {
        Folder {
            root: root.to_owned(),
        }
    }
}

impl Store for Folder {
    /// A hard link refuses a path that is taken, which a rename would overwrite; the folder's entry is made
    /// durable.
    fn add(&self, path: &str, file: &Path) -> io::Result<()> {
        let target = self.root.join(path);
        let folder = target.parent().unwrap_or(&self.root);
        fs::create_dir_all(folder)?;
        fs::hard_link(file, &target)?;
        File::open(folder)?.sync_all()
    }

    fn find(&self, path: &str) -> io::Result<Stored> {
        let path = self.root.join(path);
        let facts = fs::metadata(&path)?;
        if !facts.is_file() {
            return Err(io::ErrorKind::NotFound.into());
        }
        Ok(Stored {
            size: facts.len(),
            modified: facts.modified()?,
            place: Place::Disk(path),
        })
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        match fs::remove_file(self.root.join(path)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    fn list(&self) -> io::Result<Vec<String>> {
        let mut found = Vec::new();
        list(&self.root, "", &mut found)?;
        Ok(found)
    }

    fn on_disk(&self, path: &str) -> Option<PathBuf> {
        Some(self.root.join(path))
    }

    #[cfg(test)]
    fn everything(&self) -> io::Result<usize> {
        let uploads = fs::read_dir(self.root.join(".uploads"))?.count();
        Ok(uploads + self.list()?.len())
    }

    fn check(&self) -> Result<(), Refusal> {
        Ok(())
    }
}

/// Every stored file below a folder, in order. What no key can name is not ours; links are not followed,
/// because what they point at is not ours either.
fn list(folder: &Path, above: &str, found: &mut Vec<String>) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name().into_string().unwrap_or_default();
        if is_path(&name) {
            names.push((name, entry.file_type()?));
        }
    }
    names.sort_by(|(one, _), (other, _)| one.cmp(other));
    for (name, kind) in names {
        if kind.is_dir() {
            list(&folder.join(&name), &format!("{above}{name}/"), found)?;
        } else if kind.is_file() {
            found.push(format!("{above}{name}"));
        }
    }
    Ok(())
}
