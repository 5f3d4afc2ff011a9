//! An HTTP/2 server over TLS, as small as it can be: all requests of a connection are answered in one task.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use h2::server::SendResponse;
use h2::{Reason, RecvStream};
use http::{HeaderMap, HeaderValue, Response};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::book::{Action, Book};
use crate::wire::{Insertion, Wire};

/// A request, read to its end.
pub(crate) struct Request {
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// Whether the client showed a certificate of our authority.
    pub(crate) is_certified: bool,
}

/// What comes of it.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) action: Action,
    pub(crate) delay: Duration,
}

impl Reply {
    pub(crate) fn new(status: u16) -> Self {
        Self {
            status,
            headers: HeaderMap::new(),
            body: Bytes::new(),
            action: Action::Answer,
            delay: Duration::ZERO,
        }
    }

    /// Says something in a header, as far as that can be said there.
    pub(crate) fn say(&mut self, name: &'static str, value: &str) {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(name, value);
        }
    }
}

/// What answers.
pub(crate) trait Service: Send + Sync + 'static {
    fn book(&self) -> &Book;

    /// Decides what comes of a request, before it is noted: what is cut off is not processed.
    fn answer(&self, request: &Request) -> Reply;
}

/// How long a client may take to leave after GOAWAY.
const PATIENCE: Duration = Duration::from_secs(5);

/// Takes connections until the runtime ends; those that speak HTTP/1.1 go to the other server.
pub(crate) async fn serve<S: Service>(listener: TcpListener, tls: TlsAcceptor, service: Arc<S>) {
    while let Ok((tcp, _)) = listener.accept().await {
        let (tls, service) = (tls.clone(), Arc::clone(&service));
        tokio::spawn(async move {
            service.book().connected();
            let _ = tcp.set_nodelay(true);
            connection(tcp, tls, service).await
        });
    }
}

async fn connection<S: Service>(tcp: TcpStream, tls: TlsAcceptor, service: Arc<S>) -> Option<()> {
    let stream = tls.accept(tcp).await.ok()?;
    let is_certified = stream.get_ref().1.peer_certificates().is_some();
    if is_certified {
        service.book().proof_shown();
    }
    if stream.get_ref().1.alpn_protocol() == Some(b"http/1.1") {
        crate::plain::serve_one(stream, service).await;
        return Some(());
    }
    let manner = service.book().manner.lock().clone();
    let insertion = Insertion::default();
    let wire = Wire::new(stream, insertion.clone());
    let mut builder = h2::server::Builder::new();
    builder
        .max_concurrent_streams(manner.max_streams)
        .initial_window_size(1 << 20)
        .initial_connection_window_size(1 << 24)
        .max_concurrent_reset_streams(10_000)
        .max_pending_accept_reset_streams(10_000)
        .max_local_error_reset_streams(None);
    let mut connection = builder.handshake::<_, Bytes>(wire).await.ok()?;
    let state = Connection {
        service,
        insertion,
        is_certified,
        last_stream: AtomicU32::new(u32::MAX),
        requests: AtomicU64::new(0),
        goaway_after: manner.goaway_after,
    };
    let mut answering = FuturesUnordered::new();
    // After GOAWAY the client is left to close: closing on what it still sends would cost it our last answers.
    let mut patience = std::pin::pin!(tokio::time::sleep(PATIENCE));
    loop {
        tokio::select! {
            accepted = connection.accept() => {
                let Some(Ok((request, respond))) = accepted else { break };
                answering.push(state.answer(request, respond));
                state.service.book().open_streams(answering.len() as u64);
            }
            Some(end) = answering.next(), if !answering.is_empty() => {
                if end == End::Cut {
                    return None;
                }
            }
            () = &mut patience, if state.is_over(answering.len()) => break,
        }
        if !state.is_over(answering.len()) {
            patience
                .as_mut()
                .reset(tokio::time::Instant::now() + PATIENCE);
        }
    }
    Some(())
}

#[derive(PartialEq, Eq)]
enum End {
    Answered,
    Cut,
}

struct Connection<S> {
    service: Arc<S>,
    insertion: Insertion,
    is_certified: bool,
    /// The last stream that is processed, as GOAWAY said.
    last_stream: AtomicU32,
    requests: AtomicU64,
    goaway_after: u64,
}

impl<S: Service> Connection<S> {
    /// After GOAWAY, when all that was promised is done.
    fn is_over(&self, answering: usize) -> bool {
        self.last_stream.load(Ordering::Relaxed) != u32::MAX && answering == 0
    }

    async fn answer(
        &self,
        request: http::Request<RecvStream>,
        respond: SendResponse<Bytes>,
    ) -> End {
        let id = respond.stream_id().as_u32();
        let number = self.requests.fetch_add(1, Ordering::Relaxed) + 1;
        if self.goaway_after != 0 && number == self.goaway_after {
            self.go_away(id);
        }
        if id > self.last_stream.load(Ordering::Relaxed) {
            return End::Answered;
        }
        match self.process(request, respond, id).await {
            Some(end) => end,
            None => End::Answered,
        }
    }

    async fn process(
        &self,
        request: http::Request<RecvStream>,
        mut respond: SendResponse<Bytes>,
        id: u32,
    ) -> Option<End> {
        let (head, body) = request.into_parts();
        let request = Request {
            path: head.uri.path().to_owned(),
            headers: head.headers,
            body: read(body).await?,
            is_certified: self.is_certified,
        };
        let reply = self.service.answer(&request);
        let latency = self.service.book().manner.lock().latency_ms;
        let delay = reply.delay + Duration::from_millis(latency);
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
        match reply.action {
            Action::Answer => send(&mut respond, reply)?,
            Action::Stall => std::future::pending().await,
            Action::Reset => respond.send_reset(Reason::INTERNAL_ERROR),
            Action::Refuse => respond.send_reset(Reason::REFUSED_STREAM),
            Action::GoAway => self.go_away(id),
            Action::Cut => return Some(End::Cut),
        }
        None
    }

    /// This stream and all later ones are not processed.
    fn go_away(&self, id: u32) {
        let last = id.saturating_sub(2);
        self.last_stream.fetch_min(last, Ordering::Relaxed);
        self.insertion.go_away(last);
    }
}

async fn read(mut body: RecvStream) -> Option<Bytes> {
    let mut first: Option<Bytes> = None;
    let mut more = BytesMut::new();
    while let Some(piece) = body.data().await {
        let piece = piece.ok()?;
        body.flow_control().release_capacity(piece.len()).ok()?;
        match first.take() {
            None if more.is_empty() => first = Some(piece),
            None => more.extend_from_slice(&piece),
            Some(begun) => {
                more.extend_from_slice(&begun);
                more.extend_from_slice(&piece);
            }
        }
    }
    Some(first.unwrap_or_else(|| more.freeze()))
}

fn send(respond: &mut SendResponse<Bytes>, reply: Reply) -> Option<()> {
    let mut response = Response::new(());
    *response.status_mut() = http::StatusCode::from_u16(reply.status).ok()?;
    *response.headers_mut() = reply.headers;
    let mut stream = respond
        .send_response(response, reply.body.is_empty())
        .ok()?;
    if !reply.body.is_empty() {
        stream.send_data(reply.body, true).ok()?;
    }
    Some(())
}
