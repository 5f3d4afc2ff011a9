//! Whether a library's file is whole. The dynamic linker does not look: it maps what it needs and finds the
//! end of the file, with a signal, when a page is missing.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// The length of the header of a 64-bit file.
const HEADER_BYTES: usize = 64;

/// How many bytes the file lacks of what its own header promises; 0 where it is whole, or no 64-bit
/// little-endian ELF file at all, which the linker tells by itself.
pub(super) fn missing_bytes(path: &Path) -> io::Result<u64> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    let mut header = [0; HEADER_BYTES];
    match file.read_exact(&mut header) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(0),
        read => read?,
    }
    if !header.starts_with(b"\x7fELF\x02\x01") {
        return Ok(0);
    }
    // The table of sections stands last in what linkers write.
    let start = u64::from_le_bytes(bytes(&header, 0x28));
    let entry = u64::from(u16::from_le_bytes(bytes(&header, 0x3a)));
    let entries = u64::from(u16::from_le_bytes(bytes(&header, 0x3c)));
    Ok(start.saturating_add(entry * entries).saturating_sub(length))
}

fn bytes<const N: usize>(header: &[u8; HEADER_BYTES], place: usize) -> [u8; N] {
    std::array::from_fn(|offset| header[place + offset])
}
