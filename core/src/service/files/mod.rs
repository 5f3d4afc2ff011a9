//! `loggia.files`: the file store, each module's part of it apart: a folder, or a bucket that nodes share.
//!
//! A stored file has a path, `MODULE/KEY`, and is never changed: it is added whole, and perhaps removed.
//! Uploads under way lie in a folder of this node, whatever the store is.

mod bucket;
mod folder;
mod objects;
mod store;
mod stored;
mod table;
pub mod testing;

#[cfg(test)]
mod tests;

use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::settings::{self, Files};
use crate::store::archive;

use bucket::Bucket;
use folder::Folder;
pub use objects::Refusal;
use store::{Store, is_path};
pub use stored::{Object, Place, Stored};
pub use table::FilesService;
pub(crate) use table::code_of;

/// The file store: stored files by module and key, uploads by name.
#[derive(Debug)]
pub struct FileStore {
    own_folder: PathBuf,
    uploads: PathBuf,
    store: Box<dyn Store>,
}

impl FileStore {
    /// Opens the store of the settings. Folders are made where they are missing; a bucket is not asked yet.
    pub fn open(files: &Files) -> io::Result<Self> {
        match &files.store {
            settings::FileStore::Folder(folder) => Self::folder(folder),
            settings::FileStore::Bucket { .. } => {
                let bucket = Bucket::open(files, &files.scratch.join(".fetched"))?;
                Self::with(&files.scratch, Box::new(bucket))
            }
        }
    }

    /// Opens a folder as a store.
    pub fn folder(folder: &Path) -> io::Result<Self> {
        Self::with(folder, Box::new(Folder::new(folder)))
    }

    fn with(own_folder: &Path, store: Box<dyn Store>) -> io::Result<Self> {
        let uploads = own_folder.join(".uploads");
        fs::create_dir_all(&uploads)?;
        Ok(FileStore {
            own_folder: own_folder.to_owned(),
            uploads,
            store,
        })
    }

    /// Asks whoever keeps the files whether the settings hold.
    pub fn check(&self) -> Result<(), Refusal> {
        self.store.check()
    }

    /// This node's own folder: the one of all files, where the store is a folder.
    pub fn own_folder(&self) -> &Path {
        &self.own_folder
    }

    /// Takes a file in for the time of a call; the upload's file is removed when it is dropped.
    pub fn upload(&self) -> io::Result<NamedTempFile> {
        tempfile::Builder::new()
            .prefix("upload-")
            .tempfile_in(&self.uploads)
    }

    /// A module's file.
    pub fn find(&self, module: &str, key: &str) -> io::Result<Stored> {
        self.store.find(&path(module, key)?)
    }

    /// An upload by its name; `None` where it is gone or no upload.
    fn upload_path(&self, name: &str) -> Option<PathBuf> {
        let path = self.uploads.join(name);
        (name.starts_with("upload-") && !name.contains('/') && path.is_file()).then_some(path)
    }

    /// Moves an upload under a key.
    fn adopt(&self, module: &str, upload: &str, key: &str) -> io::Result<()> {
        let file = self.upload_path(upload).ok_or(io::ErrorKind::NotFound)?;
        let path = path(module, key)?;
        fs::File::open(&file)?.sync_all()?;
        self.store.add(&path, &file)
    }

    /// Stores bytes under a key.
    fn put(&self, module: &str, key: &str, mut bytes: &[u8]) -> io::Result<()> {
        self.add(&path(module, key)?, &mut bytes).map(drop)
    }

    /// Stores all that can be read under a path, and gives how much it was.
    fn add(&self, path: &str, bytes: &mut dyn Read) -> io::Result<u64> {
        let mut file = self.upload()?;
        let length = io::copy(bytes, &mut file)?;
        file.flush()?;
        file.as_file().sync_all()?;
        self.store.add(path, file.path())?;
        Ok(length)
    }

    /// Removes a module's file.
    fn remove(&self, module: &str, key: &str) -> io::Result<()> {
        self.store.remove(&path(module, key)?)
    }

    /// Where an upload or a module's file can be opened now.
    fn local_path(&self, module: &str, key: &str) -> io::Result<PathBuf> {
        match self.upload_path(key) {
            Some(path) => Ok(path),
            None => self.find(module, key)?.local_path(),
        }
    }

    /// The size of an upload or of a module's file.
    fn size(&self, module: &str, key: &str) -> io::Result<u64> {
        match self.upload_path(key) {
            Some(path) => Ok(fs::metadata(path)?.len()),
            None => Ok(self.find(module, key)?.size),
        }
    }
}

/// What a backup takes in and a restore brings back.
impl archive::Files for FileStore {
    fn paths(&self, except: &Path) -> io::Result<Vec<String>> {
        let mut paths = self.store.list()?;
        let except = fs::canonicalize(except).ok();
        paths.retain(|path| {
            let on_disk = self.store.on_disk(path);
            on_disk.is_none_or(|path| except.is_none() || fs::canonicalize(path).ok() != except)
        });
        Ok(paths)
    }

    fn open(&self, path: &str) -> io::Result<(u64, Box<dyn Read + Send>)> {
        let stored = self.store.find(path)?;
        Ok((stored.size, stored.reader()?))
    }

    fn restore(&self, path: &str, bytes: &mut dyn Read) -> io::Result<u64> {
        if is_path(path) {
            self.add(path, bytes)
        } else {
            Err(no_key())
        }
    }
}

/// The path of a module's file.
fn path(module: &str, key: &str) -> io::Result<String> {
    if key.len() <= 255 && is_path(key) {
        Ok(format!("{module}/{key}"))
    } else {
        Err(no_key())
    }
}

fn no_key() -> io::Error {
    let rule =
        "a key is made of letters, digits, '.', '_', '-' and '/', and no part begins with a dot";
    io::Error::new(io::ErrorKind::InvalidInput, rule)
}
