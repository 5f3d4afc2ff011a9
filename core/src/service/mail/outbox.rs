//! Mail as files in a folder, for development and tests.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// A folder of `.eml` files. A file appears whole or not at all, and the same message is always the same
/// file, so that one sent twice is there once.
pub(super) struct Outbox {
    folder: PathBuf,
}

impl Outbox {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Leaves a message in the folder.
    pub(super) fn leave(&self, name: &str, message: &[u8]) -> io::Result<()> {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.folder)?;
        let unfinished = self.folder.join(format!(".{name}.part"));
        write_whole(&unfinished, message)?;
        fs::rename(&unfinished, self.folder.join(format!("{name}.eml")))
    }
}

fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file: File = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_sent_twice_is_one_file() {
        let folder = tempfile::tempdir().unwrap();
        let outbox = Outbox::new(folder.path().join("outbox"));
        outbox.leave("0001-abc", b"first").unwrap();
        outbox.leave("0001-abc", b"first").unwrap();
        let names: Vec<_> = fs::read_dir(folder.path().join("outbox"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        assert_eq!(names, ["0001-abc.eml"]);
        assert_eq!(
            fs::read(folder.path().join("outbox/0001-abc.eml")).unwrap(),
            b"first"
        );
    }
}
