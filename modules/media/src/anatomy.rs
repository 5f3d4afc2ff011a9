//! Where an image ends and whether it moves, read from its structure alone: nothing is decoded or allocated.
//!
//! A file that is an image and something else behind it would be one thing to us and another to somebody else.

/// What the structure of an image says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Anatomy {
    /// The first byte behind it.
    pub(crate) end: usize,
    /// Whether it has more than one picture.
    pub(crate) is_animated: bool,
}

/// A walk through bytes; every step ends at their end with `None`.
struct Walk<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl<'b> Walk<'b> {
    fn new(bytes: &'b [u8], at: usize) -> Self {
        Walk { bytes, at }
    }

    fn take(&mut self, count: usize) -> Option<&'b [u8]> {
        let end = self.at.checked_add(count)?;
        let taken = self.bytes.get(self.at..end)?;
        self.at = end;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1).map(|taken| taken[0])
    }

    fn skip(&mut self, count: usize) -> Option<()> {
        self.take(count).map(drop)
    }

    fn big_16(&mut self) -> Option<usize> {
        let taken: [u8; 2] = self.take(2)?.try_into().ok()?;
        Some(usize::from(u16::from_be_bytes(taken)))
    }

    fn big_32(&mut self) -> Option<usize> {
        let taken: [u8; 4] = self.take(4)?.try_into().ok()?;
        usize::try_from(u32::from_be_bytes(taken)).ok()
    }

    fn little_32(&mut self) -> Option<usize> {
        let taken: [u8; 4] = self.take(4)?.try_into().ok()?;
        usize::try_from(u32::from_le_bytes(taken)).ok()
    }
}

/// Of a PNG: chunks until `IEND`. `None` where it is cut off.
pub(crate) fn png(bytes: &[u8]) -> Option<Anatomy> {
    let mut walk = Walk::new(bytes, 8);
    let mut is_animated = false;
    loop {
        let length = walk.big_32()?;
        let name = walk.take(4)?;
        walk.skip(length)?;
        walk.skip(4)?;
        is_animated |= name == b"acTL";
        if name == b"IEND" {
            return Some(Anatomy {
                end: walk.at,
                is_animated,
            });
        }
    }
}

/// Of a GIF: blocks until the trailer. `None` where it is cut off or no GIF.
pub(crate) fn gif(bytes: &[u8]) -> Option<Anatomy> {
    let mut walk = Walk::new(bytes, 6 + 4);
    let flags = walk.byte()?;
    walk.skip(2)?;
    skip_colours(&mut walk, flags)?;
    let mut pictures = 0;
    loop {
        match walk.byte()? {
            0x21 => {
                walk.skip(1)?;
                skip_blocks(&mut walk)?;
            }
            0x2c => {
                pictures += 1;
                walk.skip(8)?;
                let flags = walk.byte()?;
                skip_colours(&mut walk, flags)?;
                walk.skip(1)?;
                skip_blocks(&mut walk)?;
            }
            0x3b => {
                return Some(Anatomy {
                    end: walk.at,
                    is_animated: pictures > 1,
                });
            }
            _ => return None,
        }
    }
}

fn skip_colours(walk: &mut Walk<'_>, flags: u8) -> Option<()> {
    if flags & 0x80 == 0 {
        return Some(());
    }
    walk.skip(3 << ((flags & 7) + 1))
}

fn skip_blocks(walk: &mut Walk<'_>) -> Option<()> {
    loop {
        match walk.byte()? {
            0 => return Some(()),
            length => walk.skip(length.into())?,
        }
    }
}

/// Of a WebP: as long as its container says. `None` where it is cut off.
pub(crate) fn webp(bytes: &[u8]) -> Option<Anatomy> {
    let mut walk = Walk::new(bytes, 4);
    let end = walk.little_32()?.checked_add(8)?;
    let inner = bytes.get(..end)?;
    let mut walk = Walk::new(inner, 12);
    let mut is_animated = false;
    while walk.at < end {
        let name = walk.take(4)?;
        let length = walk.little_32()?;
        walk.skip(length)?;
        // An odd chunk is filled up; at the end of the file some programs forget it.
        if length % 2 == 1 && walk.at < end {
            walk.skip(1)?;
        }
        is_animated |= name == b"ANIM" || name == b"ANMF";
    }
    Some(Anatomy { end, is_animated })
}

/// Of a JPEG: segments and what stands between them, until its end. `None` where it is cut off or no JPEG.
pub(crate) fn jpeg(bytes: &[u8]) -> Option<Anatomy> {
    let mut walk = Walk::new(bytes, 2);
    loop {
        if walk.byte()? != 0xff {
            return None;
        }
        let mut marker = walk.byte()?;
        while marker == 0xff {
            marker = walk.byte()?;
        }
        match marker {
            0xd9 => {
                return Some(Anatomy {
                    end: walk.at,
                    is_animated: false,
                });
            }
            0x01 | 0xd0..=0xd7 => {}
            0x00 | 0xd8 => return None,
            _ => {
                let length = walk.big_16()?;
                walk.skip(length.checked_sub(2)?)?;
                if marker == 0xda {
                    skip_scan(&mut walk)?;
                }
            }
        }
    }
}

/// Passes over the coded picture up to the marker behind it.
fn skip_scan(walk: &mut Walk<'_>) -> Option<()> {
    loop {
        let rest = walk.bytes.get(walk.at..)?;
        walk.at += rest.iter().position(|byte| *byte == 0xff)?;
        match *walk.bytes.get(walk.at + 1)? {
            0x00 | 0xd0..=0xd7 => walk.at += 2,
            0xff => walk.at += 1,
            _ => return Some(()),
        }
    }
}

/// Whether nothing stands behind an image but zeros, and behind a JPEG further ones, as cameras write them.
pub(crate) fn is_clean_behind(bytes: &[u8], end: usize, is_jpeg: bool) -> bool {
    let mut at = end;
    loop {
        let rest = bytes.get(at..).unwrap_or_default();
        let Some(zeros) = rest.iter().position(|byte| *byte != 0) else {
            return true;
        };
        let further = &rest[zeros..];
        if !is_jpeg || !further.starts_with(b"\xff\xd8\xff") {
            return false;
        }
        let Some(next) = jpeg(further) else {
            return false;
        };
        at += zeros + next.end;
    }
}
