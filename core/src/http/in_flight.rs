//! The requests in flight, so that an ending server waits for them and for nothing else.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::web::Bytes;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

/// A client that had a connection open may just be sending; this long without a request is quiet.
const QUIET: Duration = Duration::from_millis(50);

/// A counter of requests.
#[derive(Clone, Default)]
pub struct InFlight(Arc<AtomicUsize>);

/// One request in flight, until it is dropped.
pub(crate) struct Flight(Arc<AtomicUsize>);

impl Drop for Flight {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Release);
    }
}

impl InFlight {
    /// Counts one more.
    pub(crate) fn begin(&self) -> Flight {
        self.0.fetch_add(1, Ordering::Relaxed);
        Flight(Arc::clone(&self.0))
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    /// Resolves when there has been none for a moment.
    pub(crate) async fn none(&self) {
        let mut quiet = Duration::ZERO;
        let step = QUIET / 10;
        while quiet < QUIET {
            tokio::time::sleep(step).await;
            quiet = if self.0.load(Ordering::Acquire) == 0 {
                quiet + step
            } else {
                Duration::ZERO
            };
        }
    }
}

/// A body whose request is in flight until its last byte has been taken.
pub(crate) struct Streamed {
    pub(crate) body: BoxBody,
    pub(crate) _flight: Flight,
}

impl MessageBody for Streamed {
    type Error = Box<dyn std::error::Error>;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.body).poll_next(context)
    }
}
