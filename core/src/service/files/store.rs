//! What a store of files does, wherever it keeps them.

use std::io;
use std::path::{Path, PathBuf};

use super::objects::Refusal;
use super::stored::Stored;

/// Where stored files are kept. The kinds of its errors are told apart: `AlreadyExists` and `NotFound` for
/// paths, `ResourceBusy` where another try may succeed.
pub(super) trait Store: std::fmt::Debug + Send + Sync {
    /// Adds a complete file under a path that no file has.
    fn add(&self, path: &str, file: &Path) -> io::Result<()>;
    /// Finds a file.
    fn find(&self, path: &str) -> io::Result<Stored>;
    /// Removes a file; it is no fault if it is gone.
    fn remove(&self, path: &str) -> io::Result<()>;
    /// The paths of all files, in order.
    fn list(&self) -> io::Result<Vec<String>>;
    /// Where a file of this store can be opened by others, if it lies on this machine's disk.
    fn on_disk(&self, path: &str) -> Option<PathBuf>;
    /// How many objects or files there are, the unfinished too.
    #[cfg(test)]
    fn everything(&self) -> io::Result<usize>;
    /// Asks whoever keeps the files whether the settings hold.
    fn check(&self) -> Result<(), Refusal>;
}

/// Whether a text is a relative path of parts that any store can name. Names that begin with a dot are the
/// host's own: uploads, copies of libraries.
pub(super) fn is_path(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    text.split('/')
        .all(|part| !part.is_empty() && !part.starts_with('.') && part.chars().all(plain))
}
