//! Opening a shared library: a private copy, the one symbol, the versions of both sides.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use libloading::os::unix::{Library as Mapped, RTLD_LOCAL, RTLD_NOW};
use loggia_abi::{ENTRY_SYMBOL, EntryFunction, MAJOR, MINOR, Module, UNLOADABLE};
use parking_lot::{Mutex, MutexGuard};

use super::descriptor::Descriptor;

/// Why a file is not a module of this host, for the operator.
#[derive(Debug, thiserror::Error)]
pub enum LibraryError {
    /// The file could not be read or copied.
    #[error("{path}: {error}")]
    File {
        /// The file.
        path: PathBuf,
        /// What failed.
        error: io::Error,
    },
    /// The dynamic linker refused it.
    #[error("{path} is not a library that can be loaded here: {reason}")]
    Linker {
        /// The file.
        path: PathBuf,
        /// The linker's words.
        reason: String,
    },
    /// It does not export the entry symbol.
    #[error(
        "{path} does not export {ENTRY_SYMBOL}: it is no Loggia module, or one for another major version than {MAJOR}"
    )]
    Symbol {
        /// The file.
        path: PathBuf,
    },
    /// Its versions do not fit.
    #[error(
        "{path} was built for version {major}.{minor} of the boundary and needs at least minor {min_host_minor}; this host speaks {MAJOR}.{MINOR}"
    )]
    Version {
        /// The file.
        path: PathBuf,
        /// The module's major.
        major: u32,
        /// The module's minor.
        minor: u32,
        /// The oldest host it can live with.
        min_host_minor: u32,
    },
    /// Its table or descriptor is not usable.
    #[error("{path}: {reason}")]
    Table {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
}

/// Held by whoever opens or closes a library, and by who needs that none is opened or closed meanwhile.
pub(super) fn still() -> MutexGuard<'static, ()> {
    static STILL: Mutex<()> = Mutex::new(());
    STILL.lock()
}

/// An opened module: its functions, and everything else copied out of it.
pub struct Library {
    /// The functions; copied, so that no later change in the library's memory can matter.
    pub table: Functions,
    /// What it says of itself.
    pub descriptor: Descriptor,
    /// Whether it may be unmapped.
    pub unloadable: bool,
    /// Kept so that the code stays mapped; absent for a module linked into this program.
    mapped: Option<Mapped>,
}

/// The functions of a module's table.
#[derive(Clone, Copy)]
pub struct Functions {
    /// Makes an instance.
    pub start: unsafe extern "C" fn(*const loggia_abi::Host, *mut *mut std::ffi::c_void) -> i32,
    /// Answers a call.
    pub handle: unsafe extern "C" fn(
        *mut std::ffi::c_void,
        *const loggia_abi::Request<'_>,
        *mut loggia_abi::Reply,
    ) -> i32,
    /// Hears of an event.
    pub event: Option<
        unsafe extern "C" fn(
            *mut std::ffi::c_void,
            *mut loggia_abi::Call,
            loggia_abi::Str<'_>,
            loggia_abi::Str<'_>,
        ) -> i32,
    >,
    /// Hears that no new calls will come.
    pub drain: Option<unsafe extern "C" fn(*mut std::ffi::c_void)>,
    /// Ends the instance.
    pub stop: unsafe extern "C" fn(*mut std::ffi::c_void),
}

impl Library {
    /// Opens a copy of the file, so that whoever overwrites it does not pull mapped pages from under the
    /// server. The copy has a name of its own each time, so that equal bytes are a second instance too, and
    /// is unlinked at once: nothing is left behind by a crash.
    pub fn open(path: &Path, scratch: &Path) -> Result<Self, LibraryError> {
        static COPIES: AtomicU64 = AtomicU64::new(0);
        let file = |error| LibraryError::File {
            path: path.to_owned(),
            error,
        };
        let missing = super::elf::missing_bytes(path).map_err(file)?;
        if missing > 0 {
            let reason = format!("it is truncated, {missing} bytes are missing");
            return Err(LibraryError::Linker {
                path: path.to_owned(),
                reason,
            });
        }
        let _held = still();
        let number = COPIES.fetch_add(1, Ordering::Relaxed);
        fs::create_dir_all(scratch).map_err(file)?;
        let copy = scratch.join(format!("module-{}-{number}.so", std::process::id()));
        fs::copy(path, &copy).map_err(file)?;
        // SAFETY: loading runs the library's initialisers; a probe in a child process has survived them.
        let mapped = unsafe { Mapped::open(Some(&copy), RTLD_NOW | RTLD_LOCAL) };
        let removed = fs::remove_file(&copy);
        let mapped = mapped.map_err(|error| LibraryError::Linker {
            path: path.to_owned(),
            reason: reason_without(&copy, &error),
        })?;
        removed.map_err(file)?;
        // SAFETY: the symbol's name fixes its type for this major version.
        let entry = unsafe { mapped.get::<EntryFunction>(ENTRY_SYMBOL.as_bytes()) };
        let entry = *entry.map_err(|_| LibraryError::Symbol {
            path: path.to_owned(),
        })?;
        let mut library = Self::linked(entry, path)?;
        library.mapped = Some(mapped);
        Ok(library)
    }

    /// A module linked into this program, for the test kit: the same path without the file.
    pub fn linked(entry: EntryFunction, path: &Path) -> Result<Self, LibraryError> {
        let wrong = |reason: String| LibraryError::Table {
            path: path.to_owned(),
            reason,
        };
        // SAFETY: the entry function takes the host's minor and answers null or its table.
        let table = unsafe { entry(MINOR) };
        if table.is_null() {
            return Err(wrong(format!(
                "it does not run on a host of version {MAJOR}.{MINOR}"
            )));
        }
        // SAFETY: every version of the structure begins with its size and versions.
        let [size, major, minor, min_host_minor] = unsafe { *table.cast::<[u32; 4]>() };
        let fits =
            size as usize >= size_of::<Module>() && major == MAJOR && min_host_minor <= MINOR;
        if !fits {
            return Err(LibraryError::Version {
                path: path.to_owned(),
                major,
                minor,
                min_host_minor,
            });
        }
        // SAFETY: the size covers this version's structure.
        let table = unsafe { &*table };
        // SAFETY: the texts are constant while the library is open; they are copied here.
        let (name, descriptor) = unsafe { (table.name.text(), table.descriptor.text()) };
        let descriptor =
            descriptor.ok_or_else(|| wrong("the descriptor is not UTF-8".to_owned()))?;
        let descriptor = Descriptor::read(descriptor).map_err(wrong)?;
        if name != Some(descriptor.module.as_str()) {
            return Err(wrong(
                "the names in its table and in its descriptor differ".to_owned(),
            ));
        }
        let table_functions = Functions {
            start: table.start,
            handle: table.handle,
            event: table.event,
            drain: table.drain,
            stop: table.stop,
        };
        let unloadable = table.flags & UNLOADABLE != 0;
        Ok(Library {
            table: table_functions,
            descriptor,
            unloadable,
            mapped: None,
        })
    }

    /// Unmaps the library where it allows that, else leaves it mapped for good.
    pub fn close(self) {
        let _held = still();
        match self.mapped {
            Some(mapped) if self.unloadable => {
                if let Err(error) = mapped.close() {
                    tracing::warn!("a module's library could not be unmapped: {error}");
                }
            }
            Some(mapped) => std::mem::forget(mapped),
            None => {}
        }
    }
}

/// The linker's words name the private copy, which means nothing to the operator.
fn reason_without(copy: &Path, error: &libloading::Error) -> String {
    use std::error::Error;
    let text = error
        .source()
        .map_or_else(|| error.to_string(), ToString::to_string);
    let prefix = format!("{}: ", copy.display());
    text.replace(&prefix, "")
        .replace(&copy.display().to_string(), "the file")
}
