//! `loggia.files`: each module's part of the file store, a folder.

use std::ffi::{CStr, c_void};
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use loggia_abi::{HostFiles, Sink, Str, code};

use super::guard::guarded;
use super::hub::{InstanceFacts, Provider, Table};

/// The file store: stored files by module and key, uploads by name.
#[derive(Debug)]
pub struct FileStore {
    root: PathBuf,
    uploads: PathBuf,
}

impl FileStore {
    /// Opens the store in a folder, which is made where it is missing.
    pub fn open(root: &Path) -> io::Result<Self> {
        let store = FileStore {
            root: root.to_owned(),
            uploads: root.join(".uploads"),
        };
        fs::create_dir_all(&store.uploads)?;
        Ok(store)
    }

    /// The folder of all files.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Takes a file in for the time of a call; the upload's file is removed when it is dropped.
    pub fn upload(&self) -> io::Result<tempfile::NamedTempFile> {
        tempfile::Builder::new()
            .prefix("upload-")
            .tempfile_in(&self.uploads)
    }

    /// Where a module's file lies; `None` where the key is not one.
    pub fn path(&self, module: &str, key: &str) -> Option<PathBuf> {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        let segment =
            |part: &str| !part.is_empty() && !part.starts_with('.') && part.chars().all(plain);
        (key.len() <= 255 && key.split('/').all(segment)).then(|| self.root.join(module).join(key))
    }

    /// An upload by its name; `None` where it is gone or no upload.
    fn upload_path(&self, name: &str) -> Option<PathBuf> {
        let path = self.uploads.join(name);
        (name.starts_with("upload-") && !name.contains('/') && path.is_file()).then_some(path)
    }

    /// Moves an upload under a key.
    fn adopt(&self, module: &str, upload: &str, key: &str) -> Result<(), i32> {
        let from = self.upload_path(upload).ok_or(code::NOT_FOUND)?;
        let target = self.path(module, key).ok_or(code::ARGUMENT)?;
        fs::File::open(&from)
            .and_then(|file| file.sync_all())
            .map_err(failed)?;
        place(&from, &target)
    }

    /// Stores bytes under a key.
    fn put(&self, module: &str, key: &str, bytes: &[u8]) -> Result<(), i32> {
        let target = self.path(module, key).ok_or(code::ARGUMENT)?;
        let mut file = self.upload().map_err(failed)?;
        file.write_all(bytes)
            .and_then(|()| file.as_file().sync_all())
            .map_err(failed)?;
        place(file.path(), &target)
    }

    fn remove(&self, module: &str, key: &str) -> Result<(), i32> {
        let path = self.path(module, key).ok_or(code::ARGUMENT)?;
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(error)),
            _ => Ok(()),
        }
    }

    fn open_path(&self, module: &str, key: &str) -> Result<PathBuf, i32> {
        let path = self
            .upload_path(key)
            .or_else(|| self.path(module, key))
            .ok_or(code::ARGUMENT)?;
        if path.is_file() {
            Ok(path)
        } else {
            Err(code::NOT_FOUND)
        }
    }
}

/// A hard link refuses a key that is taken, which a rename would overwrite; the folder's entry is made durable.
fn place(from: &Path, target: &Path) -> Result<(), i32> {
    let folder = target.parent().ok_or(code::ARGUMENT)?;
    fs::create_dir_all(folder).map_err(failed)?;
    match fs::hard_link(from, target) {
        Ok(()) => fs::File::open(folder)
            .and_then(|folder| folder.sync_all())
            .map_err(failed),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(code::UNIQUE),
        Err(error) => Err(failed(error)),
    }
}

fn failed(error: io::Error) -> i32 {
    tracing::error!("file store: {error}");
    code::IO
}

/// The service.
pub struct FilesService(pub Arc<FileStore>);

struct FilesTable {
    table: HostFiles,
    module: String,
    store: Arc<FileStore>,
}

// SAFETY: the raw pointer in `table` points at this very structure, which is never changed.
unsafe impl Send for FilesTable {}
// SAFETY: as above.
unsafe impl Sync for FilesTable {}

impl Provider for FilesService {
    fn id(&self) -> &'static CStr {
        c"loggia.files"
    }

    fn version(&self) -> u32 {
        1
    }

    fn provide(&self, instance: &InstanceFacts) -> Box<dyn Table> {
        let size = u32::try_from(size_of::<HostFiles>()).unwrap_or(0);
        let context = std::ptr::null_mut();
        let table = HostFiles {
            size,
            version: 1,
            context,
            adopt,
            put,
            open,
            size_of: size_of_file,
            remove,
        };
        let (module, store) = (instance.module.clone(), Arc::clone(&self.0));
        let mut made = Box::new(FilesTable {
            table,
            module,
            store,
        });
        made.table.context = (&raw mut *made).cast();
        made
    }
}

impl Table for FilesTable {
    fn pointer(&self) -> *const c_void {
        (&raw const self.table).cast()
    }
}

/// Runs one of the table's functions; a text that is not UTF-8 is an argument error.
///
/// # Safety
/// The context is the table that `provide` made; the module vouches for the text during this function.
unsafe fn with(
    context: *mut c_void,
    key: Str<'_>,
    body: impl FnOnce(&FilesTable, &str) -> Result<(), i32>,
) -> i32 {
    guarded(|| {
        // SAFETY: promised by the caller.
        let (files, key) = unsafe { (&*context.cast::<FilesTable>(), key.text()) };
        body(files, key.ok_or(code::ARGUMENT)?)
    })
}

unsafe extern "C" fn adopt(context: *mut c_void, upload: Str<'_>, key: Str<'_>) -> i32 {
    // SAFETY: the boundary's contract for both texts; so in each function below.
    unsafe {
        with(context, key, |files, key| {
            files
                .store
                .adopt(&files.module, upload.text().ok_or(code::ARGUMENT)?, key)
        })
    }
}

unsafe extern "C" fn put(context: *mut c_void, key: Str<'_>, bytes: Str<'_>) -> i32 {
    // SAFETY: as in `adopt`.
    unsafe {
        with(context, key, |files, key| {
            files.store.put(&files.module, key, bytes.bytes())
        })
    }
}

unsafe extern "C" fn open(context: *mut c_void, key: Str<'_>, path: *mut Sink) -> i32 {
    // SAFETY: as in `adopt`; the sink lives during this function.
    unsafe {
        with(context, key, |files, key| {
            let found = files.store.open_path(&files.module, key)?;
            let (text, sink) = (
                found.to_string_lossy(),
                path.as_ref().ok_or(code::ARGUMENT)?,
            );
            (sink.write)(sink.context, text.as_ptr(), text.len());
            Ok(())
        })
    }
}

unsafe extern "C" fn size_of_file(context: *mut c_void, key: Str<'_>, bytes: *mut u64) -> i32 {
    // SAFETY: as in `adopt`; the number's place lives during this function.
    unsafe {
        with(context, key, |files, key| {
            let length = fs::metadata(files.store.open_path(&files.module, key)?)
                .map_err(failed)?
                .len();
            *bytes.as_mut().ok_or(code::ARGUMENT)? = length;
            Ok(())
        })
    }
}

unsafe extern "C" fn remove(context: *mut c_void, key: Str<'_>) -> i32 {
    // SAFETY: as in `adopt`.
    unsafe {
        with(context, key, |files, key| {
            files.store.remove(&files.module, key)
        })
    }
}
