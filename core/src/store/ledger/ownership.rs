//! One serving process a SQLite file: its counters are in memory, so two would each admit the whole limit.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// The right to serve from a SQLite file. The operating system takes it back when the process ends, however
/// it ends. Commands that only change rows need none.
#[derive(Debug)]
pub struct Ownership {
    _lock: File,
}

/// Why a process may not serve from a file.
#[derive(Debug, thiserror::Error)]
pub enum InUse {
    /// Another process serves from it.
    #[error("another process serves from {}; several nodes need PostgreSQL", path.display())]
    Served {
        /// The database's file.
        path: PathBuf,
    },
    /// The file beside it cannot be made or locked.
    #[error("cannot lock {}: {reason}", path.display())]
    Lock {
        /// The lock's file.
        path: PathBuf,
        /// What stood in the way.
        reason: io::Error,
    },
}

impl Ownership {
    /// Takes the right to serve from a database's file.
    pub fn take(database: &Path) -> Result<Self, InUse> {
        let mut path = database.as_os_str().to_owned();
        path.push(".serving");
        let path = PathBuf::from(path);
        let failed = |reason: io::Error| InUse::Lock {
            path: path.clone(),
            reason,
        };
        let mut options = OpenOptions::new();
        options.append(true).create(true).mode(0o600);
        let lock = options.open(&path).map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => Ok(Ownership { _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(InUse::Served {
                path: database.to_owned(),
            }),
            Err(TryLockError::Error(reason)) => Err(failed(reason)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_file_is_served_by_one_process_at_a_time() {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let database = folder.path().join("loggia.db");
        let first = Ownership::take(&database).expect("nobody serves yet");
        let second = Ownership::take(&database).expect_err("it is served");
        assert!(matches!(second, InUse::Served { .. }));
        drop(first);
        Ownership::take(&database).expect("it is free again");
    }
}
