//! Frames that a client of a websocket sends.
//!
//! What they say is not read: a message may be as long as its sender likes, and is passed over as it comes. Only pings and
//! goodbyes are kept, and those are short.

use actix_web::web::{Buf as _, Bytes, BytesMut};

/// A frame, as far as it matters.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Frame {
    /// A question whether the server is there; it is answered with the same bytes.
    Ping(Bytes),
    /// A goodbye.
    Close,
    /// Anything else.
    Other,
    /// What no client may send.
    Broken,
}

/// The most that a ping or a goodbye may say.
const LONGEST_CONTROL: u64 = 125;

/// What has been received and not been looked at.
#[derive(Debug, Default)]
pub(super) struct Frames {
    unread: BytesMut,
    /// So much of a message is still to come, and is passed over.
    passed_over: u64,
}

/// What the beginning of a frame says.
struct Head {
    code: u8,
    mask: [u8; 4],
    /// Its own length.
    length: usize,
    /// The length of what follows.
    payload: u64,
}

impl Frames {
    /// Takes what has come, but for what is passed over.
    pub(super) fn receive(&mut self, bytes: &[u8]) {
        let length = bytes.len();
        let passed = usize::try_from(self.passed_over).map_or(length, |open| open.min(length));
        self.passed_over -= passed as u64;
        self.unread.extend_from_slice(&bytes[passed..]);
    }

    /// The next frame, where its beginning is there, and all of it where it is kept.
    pub(super) fn next(&mut self) -> Option<Frame> {
        let head = match head(&self.unread) {
            Ok(Some(head)) => head,
            Ok(None) => {
                if self.unread.is_empty() {
                    // An idle page keeps no buffer.
                    self.unread = BytesMut::new();
                }
                return None;
            }
            Err(()) => return Some(Frame::Broken),
        };
        if head.code < 8 {
            let there = self.unread.len() - head.length;
            let passed = usize::try_from(head.payload).map_or(there, |payload| payload.min(there));
            self.unread.advance(head.length + passed);
            self.passed_over = head.payload - passed as u64;
            return Some(Frame::Other);
        }
        let payload = usize::try_from(head.payload).unwrap_or_default();
        if self.unread.len() < head.length + payload {
            return None;
        }
        self.unread.advance(head.length);
        let mut payload = self.unread.split_to(payload);
        for (at, byte) in payload.iter_mut().enumerate() {
            *byte ^= head.mask[at % 4];
        }
        Some(match head.code {
            8 => Frame::Close,
            9 => Frame::Ping(payload.freeze()),
            _ => Frame::Other,
        })
    }
}

/// Reads the beginning of a frame; none where more has to come, an error where it is none.
fn head(bytes: &[u8]) -> Result<Option<Head>, ()> {
    let [first, second, ..] = *bytes else {
        return Ok(None);
    };
    let (code, is_whole) = (first & 0x0f, first & 0x80 != 0);
    let is_known = matches!(code, 0..=2 | 8..=10);
    let is_masked = second & 0x80 != 0;
    if first & 0x70 != 0 || !is_known || !is_masked {
        return Err(());
    }
    let (payload, at) = match second & 0x7f {
        126 => match bytes.get(2..4) {
            Some(written) => (length(written), 4),
            None => return Ok(None),
        },
        127 => match bytes.get(2..10) {
            Some(written) => (length(written), 10),
            None => return Ok(None),
        },
        short => (u64::from(short), 2),
    };
    if payload >> 63 != 0 || code >= 8 && (payload > LONGEST_CONTROL || !is_whole) {
        return Err(());
    }
    let mask = bytes.get(at..at + 4).and_then(|mask| mask.try_into().ok());
    Ok(mask.map(|mask| Head {
        code,
        mask,
        length: at + 4,
        payload,
    }))
}

/// A length as the network writes it.
fn length(bytes: &[u8]) -> u64 {
    let bytes = bytes.iter().copied();
    bytes.fold(0, |length, byte| length << 8 | u64::from(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A masked frame, the last of its message.
    fn frame(code: u8, payload: &[u8]) -> Vec<u8> {
        let mut frame = vec![0x80 | code];
        match payload.len() {
            length @ 0..126 => frame.push(0x80 | u8::try_from(length).unwrap()),
            length @ 126..65_536 => {
                frame.push(0xfe);
                frame.extend(u16::try_from(length).unwrap().to_be_bytes());
            }
            length => {
                frame.push(0xff);
                frame.extend((length as u64).to_be_bytes());
            }
        }
        let mask = [1, 2, 3, 4];
        frame.extend(mask);
        let masked = payload.iter().enumerate();
        frame.extend(masked.map(|(at, byte)| byte ^ mask[at % 4]));
        frame
    }

    fn heard(pieces: &[&[u8]]) -> Vec<Frame> {
        let mut frames = Frames::default();
        let mut heard = Vec::new();
        for piece in pieces {
            frames.receive(piece);
            while let Some(frame) = frames.next() {
                heard.push(frame);
                if heard.last() == Some(&Frame::Broken) {
                    return heard;
                }
            }
        }
        heard
    }

    #[test]
    fn a_message_of_any_length_is_passed_over_and_what_follows_is_heard() {
        for length in [0, 5, 125, 126, 65_535, 65_536, 3_000_000] {
            let mut bytes = frame(1, &vec![b'x'; length]);
            bytes.extend(frame(9, b"here?"));
            let ping = Frame::Ping(Bytes::from_static(b"here?"));
            let whole = heard(&[&bytes]);
            assert_eq!(whole, [Frame::Other, ping], "{length}");
            let pieces: Vec<&[u8]> = bytes.chunks(1 + length / 100).collect();
            assert_eq!(heard(&pieces), whole, "{length}");
        }
    }

    #[test]
    fn nothing_of_a_long_message_is_kept() {
        let mut frames = Frames::default();
        let bytes = frame(2, &vec![7; 1_000_000]);
        frames.receive(&bytes[..1000]);
        assert_eq!(frames.next(), Some(Frame::Other));
        for piece in bytes[1000..].chunks(4096) {
            frames.receive(piece);
            assert_eq!((frames.next(), frames.unread.len()), (None, 0));
        }
        assert_eq!(frames.passed_over, 0);
    }

    #[test]
    fn what_no_client_may_send_is_told_apart() {
        let long_ping = frame(9, &[0; 126]);
        let mut open_ping = frame(9, b"x");
        open_ping[0] = 9;
        for broken in [
            &[0x81, 0x01, b'x'][..],
            &[0xc1, 0x80, 0, 0, 0, 0],
            &[0x83, 0x80, 0, 0, 0, 0],
            &[0x81, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0],
            &long_ping,
            &open_ping,
        ] {
            assert_eq!(heard(&[broken]), [Frame::Broken], "{broken:?}");
        }
        assert_eq!(heard(&[&frame(8, &[3, 232])]), [Frame::Close]);
        assert_eq!(heard(&[&frame(10, b"x")]), [Frame::Other]);
    }
}
