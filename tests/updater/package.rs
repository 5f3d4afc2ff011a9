//! Packages to publish.

use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};

use zip::write::{SimpleFileOptions, ZipWriter};

/// The bytes of a ZIP with these texts.
pub(crate) fn archive(entries: &[(&str, &str)]) -> Vec<u8> {
    let entries: Vec<_> = entries
        .iter()
        .map(|(name, text)| (*name, text.as_bytes()))
        .collect();
    archive_of(&entries)
}

/// The bytes of a ZIP with these entries.
pub(crate) fn archive_of(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        writer
            .start_file(*name, SimpleFileOptions::default())
            .expect("an entry can be begun");
        writer.write_all(bytes).expect("an entry can be written");
    }
    let archive = writer.finish().expect("the archive can be finished");
    archive.into_inner()
}

/// A component's package.
pub(crate) fn component(name: &str, version: &str) -> Vec<u8> {
    let manifest = format!(
        "<extension type=\"component\"><name>com_{name}</name><version>{version}</version></extension>"
    );
    archive(&[(&format!("{name}.xml"), &manifest), ("readme.txt", version)])
}

/// Writes a package into a folder.
pub(crate) fn write(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, bytes).expect("a package can be written");
    path
}
