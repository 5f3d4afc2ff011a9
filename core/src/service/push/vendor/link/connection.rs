//! One HTTP/2 connection: its streams, their limit, and what became of each request.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use h2::client::SendRequest;
use h2::{Ping, PingPong, Reason};
use http::{HeaderMap, Request, StatusCode};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{Mutex, Semaphore, SemaphorePermit};

use super::fate::{Fate, Watched};

/// What a server answered.
#[derive(Debug)]
pub(in super::super) struct Reply {
    /// The status.
    pub(in super::super) status: StatusCode,
    /// The headers.
    pub(in super::super) headers: HeaderMap,
    /// The body, as far as it is of interest.
    pub(in super::super) body: Bytes,
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Lost {
    /// It never left, or the server said that it will not look at it: it may be sent again.
    NotProcessed(&'static str),
    /// It left, and whether it was processed nobody knows.
    Unanswered(&'static str),
    /// It was held back: this node may not send any more.
    Withheld,
}

/// One connection.
#[derive(Debug)]
pub(super) struct Connection {
    send: SendRequest<Bytes>,
    fate: Arc<Fate>,
    streams: Semaphore,
    /// How many streams the semaphore stands for at present.
    granted: AtomicUsize,
    ping: Mutex<PingPong>,
    born: Instant,
    /// When it was last heard of, in milliseconds of its life.
    heard_ms: AtomicU64,
}

/// Beyond so many streams a connection gains nothing.
const MOST_STREAMS: usize = 1000;

/// A connection that was silent for longer is asked whether it is still there.
const SILENCE: Duration = Duration::from_secs(30);

/// How long it may take to say so.
const PONG: Duration = Duration::from_secs(5);

/// The part of a body that is kept.
const MOST_BODY: usize = 16 * 1024;

impl Connection {
    /// Shakes hands over a transport and lets the connection run.
    pub(super) async fn open<T>(transport: T) -> Option<Arc<Self>>
    where
        T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let fate = Arc::new(Fate::default());
        let watched = Watched::new(transport, Arc::clone(&fate));
        // One stream until the server has told its limit: Apple wants it so, and no other loses by it.
        let mut builder = h2::client::Builder::new();
        let builder = builder.initial_max_send_streams(1).enable_push(false);
        let (send, mut driver) = builder.handshake::<_, Bytes>(watched).await.ok()?;
        let ping = driver.ping_pong()?;
        let connection = Arc::new(Self {
            send,
            fate: Arc::clone(&fate),
            streams: Semaphore::new(1),
            granted: AtomicUsize::new(1),
            ping: Mutex::new(ping),
            born: Instant::now(),
            heard_ms: AtomicU64::new(0),
        });
        let weak = Arc::downgrade(&connection);
        tokio::spawn(async move {
            // What broke is told to each stream; here only the end matters.
            let _ = driver.await;
            fate.end();
            if let Some(connection) = weak.upgrade() {
                connection.streams.close();
            }
        });
        Some(connection)
    }

    /// Whether new streams may be opened on it.
    pub(super) fn is_open(&self) -> bool {
        !self.fate.is_ending() && !self.streams.is_closed()
    }

    /// Whether it answers, asked only where it was silent for long.
    pub(super) async fn is_alive(&self) -> bool {
        let heard = Duration::from_millis(self.heard_ms.load(Ordering::Relaxed));
        self.born.elapsed().saturating_sub(heard) < SILENCE || Box::pin(self.answers_ping()).await
    }

    async fn answers_ping(&self) -> bool {
        let mut ping = self.ping.lock().await;
        let pong = tokio::time::timeout(PONG, ping.ping(Ping::opaque())).await;
        let is_alive = matches!(pong, Ok(Ok(_)));
        if is_alive {
            self.heard();
        } else {
            self.end();
        }
        is_alive
    }

    /// Takes a stream, waiting for one where the server's limit is reached; nothing where it is ending.
    pub(super) async fn stream(&self) -> Option<Stream<'_>> {
        self.heed_limit();
        let permit = self.streams.acquire().await.ok()?;
        let stream = Stream {
            connection: self,
            permit: Some(permit),
        };
        self.is_open().then_some(stream)
    }

    fn end(&self) {
        self.fate.end();
        self.streams.close();
    }

    fn heard(&self) {
        self.heard_ms.store(self.age_ms(), Ordering::Relaxed);
    }

    fn age_ms(&self) -> u64 {
        u64::try_from(self.born.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Follows the limit that the server told, which it may change at any time.
    fn heed_limit(&self) {
        let limit = self.send.current_max_send_streams().min(MOST_STREAMS);
        let granted = self.granted.load(Ordering::Acquire);
        if limit > granted {
            let swapped = self.swap_granted(granted, limit);
            if swapped {
                self.streams.add_permits(limit - granted);
            }
        } else if limit < granted && limit > 0 {
            let forgotten = self.streams.forget_permits(granted - limit);
            self.granted.fetch_sub(forgotten, Ordering::AcqRel);
        }
    }

    fn swap_granted(&self, from: usize, to: usize) -> bool {
        let swapped = self
            .granted
            .compare_exchange(from, to, Ordering::AcqRel, Ordering::Acquire);
        swapped.is_ok()
    }
}

/// The right to one stream.
pub(super) struct Stream<'c> {
    connection: &'c Connection,
    permit: Option<SemaphorePermit<'c>>,
}

impl Drop for Stream<'_> {
    fn drop(&mut self) {
        drop(self.permit.take());
        self.connection.heed_limit();
        if self.connection.fate.is_ending() {
            // Whoever waits for a stream here is to look for another connection.
            self.connection.streams.close();
        }
    }
}

impl Stream<'_> {
    /// Sends a request and waits for its answer.
    pub(super) async fn exchange(
        self,
        request: Request<()>,
        body: Bytes,
        timeout: Duration,
    ) -> Result<Reply, Lost> {
        let connection = self.connection;
        let sent_ms = connection.age_ms();
        let send = connection.send.clone().ready().await;
        let mut send = send.map_err(|_| Lost::NotProcessed(ENDED))?;
        let opened = send.send_request(request, body.is_empty());
        let (response, mut upload) = opened.map_err(|_| Lost::NotProcessed(ENDED))?;
        let id = response.stream_id().as_u32();
        let lost = |fault: &h2::Error| connection.lost(id, fault);
        if !body.is_empty() {
            upload.send_data(body, true).map_err(|fault| lost(&fault))?;
        }
        let answer = tokio::time::timeout(timeout, read(response)).await;
        match answer {
            Ok(Ok(reply)) => {
                connection.heard();
                Ok(reply)
            }
            Ok(Err(fault)) => Err(lost(&fault)),
            Err(_) => {
                upload.send_reset(Reason::CANCEL);
                connection.late(sent_ms);
                Err(Lost::Unanswered("no answer in time"))
            }
        }
    }
}

const ENDED: &str = "the connection ended";

impl Connection {
    fn lost(&self, stream: u32, fault: &h2::Error) -> Lost {
        let is_refused = fault.is_reset() && fault.reason() == Some(Reason::REFUSED_STREAM);
        if is_refused {
            return Lost::NotProcessed("the stream was refused");
        }
        if self.fate.was_not_processed(stream) {
            return Lost::NotProcessed(ENDED);
        }
        if fault.is_reset() {
            return Lost::Unanswered("the stream was reset");
        }
        self.end();
        Lost::Unanswered("the connection broke")
    }

    /// An answer did not come: the next request is better off on another connection, unless others were answered
    /// since this one was sent.
    fn late(&self, sent_ms: u64) {
        if self.heard_ms.load(Ordering::Relaxed) <= sent_ms {
            self.end();
        }
    }
}

/// Reads an answer; of a long body only the beginning, the rest is let go.
async fn read(response: h2::client::ResponseFuture) -> Result<Reply, h2::Error> {
    let (head, mut body) = response.await?.into_parts();
    let mut kept = BytesMut::new();
    while let Some(piece) = body.data().await {
        let piece = piece?;
        body.flow_control().release_capacity(piece.len())?;
        let room = MOST_BODY.saturating_sub(kept.len());
        kept.extend_from_slice(&piece[..piece.len().min(room)]);
        if room == 0 {
            break;
        }
    }
    Ok(Reply {
        status: head.status,
        headers: head.headers,
        body: kept.freeze(),
    })
}
