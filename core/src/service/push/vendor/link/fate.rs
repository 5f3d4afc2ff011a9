//! What a server said about the end of its connection.
//!
//! GOAWAY names the last stream that the server has or will process; all later ones may be sent again safely.
//! The HTTP/2 crate keeps that number to itself, so the frames are watched as they come in.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// How a connection stands.
#[derive(Debug)]
pub(super) struct Fate {
    last_stream: AtomicU32,
    is_ending: AtomicBool,
}

impl Default for Fate {
    fn default() -> Self {
        Self {
            last_stream: AtomicU32::new(u32::MAX),
            is_ending: AtomicBool::new(false),
        }
    }
}

impl Fate {
    /// Whether the server has promised not to process this stream.
    pub(super) fn was_not_processed(&self, stream: u32) -> bool {
        stream > self.last_stream.load(Ordering::Acquire)
    }

    /// Whether no stream may be opened any more.
    pub(super) fn is_ending(&self) -> bool {
        self.is_ending.load(Ordering::Acquire)
    }

    /// From here on no stream is opened; those that are open go on.
    pub(super) fn end(&self) {
        self.is_ending.store(true, Ordering::Release);
    }

    fn go_away(&self, last_stream: u32) {
        self.last_stream.fetch_min(last_stream, Ordering::AcqRel);
        self.end();
    }
}

/// A transport whose incoming frames are watched.
pub(super) struct Watched<T> {
    inner: T,
    frames: Frames,
    fate: Arc<Fate>,
}

impl<T> Watched<T> {
    pub(super) fn new(inner: T, fate: Arc<Fate>) -> Self {
        Self {
            inner,
            frames: Frames::default(),
            fate,
        }
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Watched<T> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        let polled = Pin::new(&mut this.inner).poll_read(context, buffer);
        this.frames.read(&buffer.filled()[before..], &this.fate);
        polled
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Watched<T> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().inner).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().inner).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_shutdown(context)
    }
}

/// Where in the stream of frames the reader is. Only heads are looked at, and the first bytes of GOAWAY.
#[derive(Debug, Default)]
struct Frames {
    head: [u8; HEAD],
    head_read: usize,
    body_left: usize,
    last_stream: [u8; 4],
    last_stream_read: usize,
}

const HEAD: usize = 9;
const GOAWAY: u8 = 7;

impl Frames {
    fn read(&mut self, mut bytes: &[u8], fate: &Fate) {
        while !bytes.is_empty() {
            if self.head_read < HEAD {
                bytes = self.read_head(bytes);
            } else {
                bytes = self.read_body(bytes, fate);
            }
            if self.head_read == HEAD && self.body_left == 0 {
                self.head_read = 0;
                self.last_stream_read = 0;
            }
        }
    }

    fn read_head<'b>(&mut self, bytes: &'b [u8]) -> &'b [u8] {
        let taken = bytes.len().min(HEAD - self.head_read);
        self.head[self.head_read..self.head_read + taken].copy_from_slice(&bytes[..taken]);
        self.head_read += taken;
        if self.head_read == HEAD {
            let [high, middle, low, ..] = self.head;
            self.body_left = usize::from(high) << 16 | usize::from(middle) << 8 | usize::from(low);
        }
        &bytes[taken..]
    }

    fn read_body<'b>(&mut self, bytes: &'b [u8], fate: &Fate) -> &'b [u8] {
        let taken = bytes.len().min(self.body_left);
        if self.head[3] == GOAWAY {
            for byte in &bytes[..taken] {
                if self.last_stream_read < 4 {
                    self.last_stream[self.last_stream_read] = *byte;
                    self.last_stream_read += 1;
                    if self.last_stream_read == 4 {
                        fate.go_away(u32::from_be_bytes(self.last_stream) & 0x7fff_ffff);
                    }
                }
            }
        }
        self.body_left -= taken;
        &bytes[taken..]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_goaway_is_seen_however_the_bytes_are_cut() {
        let mut stream = vec![0, 0, 2, 0, 0, 0, 0, 0, 1, 0xaa, 0xbb];
        stream.extend([0, 0, 0, 4, 0, 0, 0, 0, 0]);
        stream.extend([
            0, 0, 10, GOAWAY, 0, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, b'b', b'y',
        ]);
        for cut in 1..stream.len() {
            let (fate, mut frames) = (Fate::default(), Frames::default());
            for piece in stream.chunks(cut) {
                frames.read(piece, &fate);
            }
            assert!(fate.is_ending(), "cut at {cut}");
            assert!(!fate.was_not_processed(5) && fate.was_not_processed(7));
        }
    }
}
