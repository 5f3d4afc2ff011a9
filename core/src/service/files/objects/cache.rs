//! Copies of objects on this machine's disk, for modules that want to open them as files.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use sha2::{Digest as _, Sha256};

/// How long a copy stays; longer than any call that may have been given its path.
const LIFETIME: Duration = Duration::from_hours(1);

/// A folder of copies.
#[derive(Debug)]
pub(super) struct Cache {
    folder: PathBuf,
}

impl Cache {
    pub(super) fn new(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        Ok(Cache {
            folder: folder.to_owned(),
        })
    }

    /// The copy of an object with this validator, made by what `open` reads where there is none.
    pub(super) fn get(
        &self,
        path: &str,
        tag: &str,
        open: impl FnOnce() -> io::Result<Box<dyn Read + Send>>,
    ) -> io::Result<PathBuf> {
        self.sweep()?;
        let name = hex::encode(Sha256::digest(format!("{path}\0{tag}")));
        let copy = self.folder.join(name);
        if let Ok(file) = fs::File::open(&copy) {
            file.set_modified(SystemTime::now())?;
        } else {
            let mut file = tempfile::NamedTempFile::new_in(&self.folder)?;
            io::copy(&mut open()?, &mut file)?;
            file.persist(&copy).map_err(|error| error.error)?;
        }
        Ok(copy)
    }

    /// Removes the copies that are too old.
    fn sweep(&self) -> io::Result<()> {
        let now = SystemTime::now();
        for entry in fs::read_dir(&self.folder)? {
            let path = entry?.path();
            let made = fs::metadata(&path).and_then(|facts| facts.modified());
            let age = made.ok().and_then(|made| now.duration_since(made).ok());
            if age.is_some_and(|age| age > LIFETIME) {
                // Another call may have removed it at the same time.
                let _ = fs::remove_file(&path);
            }
        }
        Ok(())
    }
}
