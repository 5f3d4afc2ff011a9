//! A package file: a ZIP that Joomla can unpack, read within bounds.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use sha2::{Digest, Sha256, Sha384, Sha512};
use zip::ZipArchive;

use crate::refusal::Refusal;

/// What a package file may hold at most.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of the file.
    pub file_bytes: u64,
    /// Entries in it.
    pub entries: usize,
    /// Bytes of all entries, unpacked.
    pub unpacked_bytes: u64,
}

/// The most bytes of an XML file that is looked at.
const MOST_XML_BYTES: u64 = 1 << 20;
/// How many XML files are looked at in search of the manifest.
const MOST_XML_FILES: usize = 200;
/// An entry may unpack to this many times its size, beyond the first megabyte.
const MOST_RATIO: u64 = 200;

/// The size and the checksums of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Digests {
    /// Its size in bytes.
    pub bytes: i64,
    /// SHA-256, in lower-case hexadecimal digits as all three.
    pub sha256: String,
    /// SHA-384.
    pub sha384: String,
    /// SHA-512.
    pub sha512: String,
}

/// Reads a file once, from where it stands, and computes all its checksums.
pub fn digests(file: &mut File) -> std::io::Result<Digests> {
    let (mut sha256, mut sha384, mut sha512) = (Sha256::new(), Sha384::new(), Sha512::new());
    let mut buffer = vec![0; 1 << 16];
    let mut bytes = 0;
    loop {
        let count = file.read(&mut buffer)?;
        if count == 0 {
            break;
        }
        let chunk = &buffer[..count];
        sha256.update(chunk);
        sha384.update(chunk);
        sha512.update(chunk);
        bytes += i64::try_from(count).unwrap_or(0);
    }
    Ok(Digests {
        bytes,
        sha256: hex::encode(sha256.finalize()),
        sha384: hex::encode(sha384.finalize()),
        sha512: hex::encode(sha512.finalize()),
    })
}

/// The XML files that Joomla looks through for the manifest, in its order: those at the top first, then
/// those one folder down, by name; a single folder that holds everything is looked into.
pub fn xml_files(file: &mut File, limits: &Limits) -> Result<Vec<(String, String)>, Refusal> {
    check_directory(file, limits)?;
    let mut archive = ZipArchive::new(file).map_err(|_| unreadable())?;
    let names = check_entries(&mut archive, limits)?;
    let mut candidates: Vec<(usize, String, usize)> = Vec::new();
    let top = single_folder(&names);
    for (index, name) in names.iter().enumerate() {
        let inner = name.strip_prefix(&top).unwrap_or(name);
        let depth = inner.matches('/').count();
        let is_xml = Path::new(inner)
            .extension()
            .is_some_and(|extension| extension == "xml");
        if is_xml && depth <= 1 {
            candidates.push((depth, inner.to_owned(), index));
        }
    }
    candidates.sort_unstable();
    candidates.truncate(MOST_XML_FILES);
    candidates
        .into_iter()
        .filter_map(|(_, name, index)| match text(&mut archive, index) {
            Ok(Some(text)) => Some(Ok((name, text))),
            Ok(None) => None,
            Err(refusal) => Some(Err(refusal)),
        })
        .collect()
}

fn unreadable() -> Refusal {
    Refusal::new(
        "zip",
        "the file is not a ZIP archive that can be read to its end",
    )
}

/// Reads the number of entries before the archive is opened, so that a forged one cannot fill the memory.
fn check_directory(file: &mut File, limits: &Limits) -> Result<(), Refusal> {
    let length = file.seek(SeekFrom::End(0)).map_err(|_| unreadable())?;
    if length > limits.file_bytes {
        return Err(Refusal::new(
            "size",
            format!(
                "the file has {length} bytes, more than {}",
                limits.file_bytes
            ),
        ));
    }
    let tail_start = length.saturating_sub(22 + 65_535);
    let mut tail = Vec::new();
    file.seek(SeekFrom::Start(tail_start))
        .map_err(|_| unreadable())?;
    file.read_to_end(&mut tail).map_err(|_| unreadable())?;
    file.seek(SeekFrom::Start(0)).map_err(|_| unreadable())?;
    let end = tail
        .windows(4)
        .rposition(|window| window == b"PK\x05\x06")
        .ok_or_else(unreadable)?;
    let (Some(low), Some(high)) = (tail.get(end + 10), tail.get(end + 11)) else {
        return Err(unreadable());
    };
    let entries = usize::from(u16::from_le_bytes([*low, *high]));
    if entries == usize::from(u16::MAX) {
        return Err(Refusal::new(
            "zip64",
            "the archive is in the ZIP64 form, which Joomla's own unpacker does not read",
        ));
    }
    if entries > limits.entries {
        return Err(Refusal::new(
            "entries",
            format!(
                "the archive has {entries} entries, more than {}",
                limits.entries
            ),
        ));
    }
    Ok(())
}

/// Checks the entries from the archive's directory, without unpacking them, and gives their names.
fn check_entries(
    archive: &mut ZipArchive<&mut File>,
    limits: &Limits,
) -> Result<Vec<String>, Refusal> {
    let mut names = Vec::with_capacity(archive.len());
    let mut unpacked: u64 = 0;
    for index in 0..archive.len() {
        let entry = archive.by_index_data(index).map_err(|_| unreadable())?;
        let name = entry.name().map_err(|_| unreadable())?.into_owned();
        if entry.enclosed_name().is_none() || name.contains('\\') || entry.is_symlink() {
            return Err(Refusal::new(
                "path",
                format!(
                    "the entry \"{}\" leads out of the package",
                    name.escape_debug()
                ),
            ));
        }
        let method = entry.compression();
        let plain = [
            zip::CompressionMethod::Stored,
            zip::CompressionMethod::Deflated,
        ];
        if entry.encrypted() || !plain.contains(&method) {
            return Err(Refusal::new(
                "compression",
                format!(
                    "the entry \"{}\" is packed in a way Joomla does not unpack",
                    name.escape_debug()
                ),
            ));
        }
        let allowed = entry
            .compressed_size()
            .saturating_mul(MOST_RATIO)
            .saturating_add(1 << 20);
        unpacked = unpacked.saturating_add(entry.size());
        if entry.size() > allowed || unpacked > limits.unpacked_bytes {
            return Err(Refusal::new(
                "bomb",
                format!(
                    "the entries unpack to more than {} bytes, or to {MOST_RATIO} times their size",
                    limits.unpacked_bytes
                ),
            ));
        }
        names.push(name);
    }
    Ok(names)
}

/// The one folder that everything lies in, with its slash, or nothing.
fn single_folder(names: &[String]) -> String {
    let first = names.first().and_then(|name| name.split_once('/'));
    match first {
        Some((folder, _))
            if names
                .iter()
                .all(|name| name.starts_with(&format!("{folder}/"))) =>
        {
            format!("{folder}/")
        }
        _ => String::new(),
    }
}

/// The text of an XML file, or nothing where it is too large or no text: Joomla would pass over it too.
fn text(archive: &mut ZipArchive<&mut File>, index: usize) -> Result<Option<String>, Refusal> {
    let entry = archive.by_index(index).map_err(|_| unreadable())?;
    let mut bytes = Vec::new();
    entry
        .take(MOST_XML_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|_| unreadable())?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > MOST_XML_BYTES {
        return Ok(None);
    }
    Ok(String::from_utf8(bytes).ok())
}
