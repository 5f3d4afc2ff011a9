//! The table of the file store that modules are given.

use std::ffi::{CStr, c_void};
use std::io;
use std::sync::Arc;

use loggia_abi::{HostFiles, Sink, Str, code};

use super::FileStore;
use crate::service::guard::guarded;
use crate::service::hub::{InstanceFacts, Provider, Table};

/// A failure of the store as modules are told it; what nobody planned for is logged here.
pub(crate) fn code_of(error: io::Error) -> i32 {
    match error.kind() {
        io::ErrorKind::NotFound => code::NOT_FOUND,
        io::ErrorKind::AlreadyExists => code::UNIQUE,
        io::ErrorKind::InvalidInput => code::ARGUMENT,
        io::ErrorKind::ResourceBusy => {
            tracing::warn!("file store: {error}");
            code::BUSY
        }
        _ => {
            tracing::error!("file store: {error}");
            code::IO
        }
    }
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
    body: impl FnOnce(&FilesTable, &str) -> io::Result<()>,
) -> i32 {
    guarded(|| {
        // SAFETY: promised by the caller.
        let (files, key) = unsafe { (&*context.cast::<FilesTable>(), key.text()) };
        body(files, key.ok_or(code::ARGUMENT)?).map_err(code_of)
    })
}

/// A null pointer, or a text that is not UTF-8.
fn no_text() -> io::Error {
    io::ErrorKind::InvalidInput.into()
}

unsafe extern "C" fn adopt(context: *mut c_void, upload: Str<'_>, key: Str<'_>) -> i32 {
    // SAFETY: the boundary's contract for both texts; so in each function below.
    unsafe {
        with(context, key, |files, key| {
            files
                .store
                .adopt(&files.module, upload.text().ok_or_else(no_text)?, key)
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
            let found = files.store.local_path(&files.module, key)?;
            let (text, sink) = (found.to_string_lossy(), path.as_ref().ok_or_else(no_text)?);
            (sink.write)(sink.context, text.as_ptr(), text.len());
            Ok(())
        })
    }
}

unsafe extern "C" fn size_of_file(context: *mut c_void, key: Str<'_>, bytes: *mut u64) -> i32 {
    // SAFETY: as in `adopt`; the number's place lives during this function.
    unsafe {
        with(context, key, |files, key| {
            *bytes.as_mut().ok_or_else(no_text)? = files.store.size(&files.module, key)?;
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
