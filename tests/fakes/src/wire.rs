//! A transport into which a GOAWAY of our choice can be put between two frames.
//!
//! The HTTP/2 crate only ever says that it has processed everything it was sent; vendors say less.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use parking_lot::Mutex;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Where a frame is laid that is to go out.
#[derive(Debug, Clone, Default)]
pub(crate) struct Insertion(Arc<Mutex<Vec<u8>>>);

impl Insertion {
    /// Lays down a GOAWAY that names the last stream which was processed.
    pub(crate) fn go_away(&self, last_stream: u32) {
        let mut frame = vec![0, 0, 8, 7, 0, 0, 0, 0, 0];
        frame.extend(last_stream.to_be_bytes());
        frame.extend([0; 4]);
        *self.0.lock() = frame;
    }
}

/// The transport.
pub(crate) struct Wire<T> {
    inner: T,
    insertion: Insertion,
    head: [u8; HEAD],
    head_written: usize,
    body_left: usize,
}

const HEAD: usize = 9;

impl<T> Wire<T> {
    pub(crate) fn new(inner: T, insertion: Insertion) -> Self {
        Self {
            inner,
            insertion,
            head: [0; HEAD],
            head_written: 0,
            body_left: 0,
        }
    }

    fn is_between_frames(&self) -> bool {
        self.head_written == 0 && self.body_left == 0
    }

    /// Follows the frames that went out.
    fn follow(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            if self.head_written < HEAD {
                let taken = bytes.len().min(HEAD - self.head_written);
                self.head[self.head_written..][..taken].copy_from_slice(&bytes[..taken]);
                self.head_written += taken;
                bytes = &bytes[taken..];
                if self.head_written == HEAD {
                    let [high, middle, low, ..] = self.head.map(usize::from);
                    self.body_left = high << 16 | middle << 8 | low;
                }
            } else {
                let taken = bytes.len().min(self.body_left);
                self.body_left -= taken;
                bytes = &bytes[taken..];
            }
            if self.head_written == HEAD && self.body_left == 0 {
                self.head_written = 0;
            }
        }
    }
}

impl<T: AsyncWrite + Unpin> Wire<T> {
    fn poll_insertion(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.is_between_frames() {
            return Poll::Ready(Ok(()));
        }
        let insertion = self.insertion.clone();
        let mut waiting = insertion.0.lock();
        while !waiting.is_empty() {
            match Pin::new(&mut self.inner).poll_write(context, &waiting) {
                Poll::Ready(Ok(written)) => {
                    waiting.drain(..written);
                }
                Poll::Ready(Err(fault)) => return Poll::Ready(Err(fault)),
                Poll::Pending => return Poll::Pending,
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Wire<T> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_read(context, buffer)
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Wire<T> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if this.poll_insertion(context)?.is_pending() {
            return Poll::Pending;
        }
        let polled = Pin::new(&mut this.inner).poll_write(context, bytes);
        if let Poll::Ready(Ok(written)) = &polled {
            this.follow(&bytes[..*written]);
        }
        polled
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.poll_insertion(context)?.is_pending() {
            return Poll::Pending;
        }
        Pin::new(&mut this.inner).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_shutdown(context)
    }
}
