//! A link to one vendor: a few HTTP/2 connections to one address, opened when needed and replaced when they end.

mod connection;
mod fate;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http::uri::{Authority, PathAndQuery, Scheme, Uri};
use parking_lot::RwLock;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use url::Url;

use self::connection::Connection;
pub(super) use self::connection::{Lost, Reply};
use super::batch::Permission;
use crate::service::outgoing::{Guard, OutgoingFault};

/// A vendor's address with the connections to it.
pub(super) struct Link {
    address: Address,
    tls: TlsConnector,
    guard: Guard,
    timeout: Duration,
    slots: Vec<Slot>,
    turn: AtomicUsize,
}

#[derive(Default)]
struct Slot {
    present: RwLock<Option<Arc<Connection>>>,
    /// Held while one connection is opened, so that a thousand waiters open one and not a thousand.
    opening: tokio::sync::Mutex<()>,
}

/// Why a vendor cannot be reached: nothing was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unreachable(pub(super) &'static str);

/// How often a request that nobody processed is sent again at once.
const TRIES: usize = 8;

/// How many connections may end under a request that waits for a stream.
const WAITS: usize = 64;

impl Link {
    /// A link to a base address, with so many connections.
    pub(super) fn new(
        base: &Url,
        mut tls: ClientConfig,
        guard: Guard,
        timeout: Duration,
        connections: usize,
    ) -> Result<Self, OutgoingFault> {
        guard.check(base)?;
        tls.alpn_protocols = vec![b"h2".to_vec()];
        Ok(Self {
            address: Address::of(base)?,
            tls: TlsConnector::from(Arc::new(tls)),
            guard,
            timeout,
            slots: (0..connections).map(|_| Slot::default()).collect(),
            turn: AtomicUsize::new(0),
        })
    }

    /// The address of a path there.
    pub(super) fn uri(&self, path: PathAndQuery) -> Result<Uri, http::Error> {
        let builder = Uri::builder().scheme(self.address.scheme.clone());
        builder
            .authority(self.address.authority.clone())
            .path_and_query(path)
            .build()
    }

    /// Sends a request and gives its answer; sent again only where it surely was not processed.
    pub(super) async fn exchange(
        &self,
        request: impl Fn() -> Request<()>,
        body: &Bytes,
        permission: &Permission,
    ) -> Result<Result<Reply, Lost>, Unreachable> {
        let mut lost = Lost::NotProcessed("no connection held");
        let (mut tries, mut waits) = (0, 0);
        while tries < TRIES && waits < WAITS {
            let connection = self.connection().await?;
            let Some(stream) = connection.stream().await else {
                waits += 1;
                continue;
            };
            tries += 1;
            if !permission.holds() {
                return Ok(Err(Lost::Withheld));
            }
            match stream.exchange(request(), body.clone(), self.timeout).await {
                Err(fault @ Lost::NotProcessed(_)) => lost = fault,
                done => return Ok(done),
            }
        }
        Ok(Err(lost))
    }

    async fn connection(&self) -> Result<Arc<Connection>, Unreachable> {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let slot = &self.slots[turn % self.slots.len()];
        let present = || {
            slot.present
                .read()
                .clone()
                .filter(|present| present.is_open())
        };
        if let Some(present) = present()
            && present.is_alive().await
        {
            return Ok(present);
        }
        let _opening = slot.opening.lock().await;
        if let Some(present) = present() {
            return Ok(present);
        }
        // What happens seldom is boxed: thousands of requests wait at once, and each would carry a handshake's state.
        let opened = Box::pin(tokio::time::timeout(self.timeout, self.open())).await;
        let opened = opened.unwrap_or(Err(Unreachable("no connection in time")))?;
        *slot.present.write() = Some(Arc::clone(&opened));
        Ok(opened)
    }

    async fn open(&self) -> Result<Arc<Connection>, Unreachable> {
        let Address { host, port, .. } = &self.address;
        let found = self.guard.resolve(host, *port).await;
        let addresses = found.map_err(|fault| Unreachable(reason(fault)))?;
        let mut tcp = Err(());
        for address in addresses {
            tcp = TcpStream::connect(address).await.map_err(|_| ());
            if tcp.is_ok() {
                break;
            }
        }
        let tcp = tcp.map_err(|()| Unreachable("the vendor refuses connections"))?;
        // Requests are written in one piece; holding them back gains nothing.
        let _ = tcp.set_nodelay(true);
        let opened = match &self.address.name {
            None => Connection::open(tcp).await,
            Some(name) => {
                let tls = self.tls.connect(name.clone(), tcp).await;
                Connection::open(tls.map_err(|_| Unreachable("no TLS with the vendor"))?).await
            }
        };
        opened.ok_or(Unreachable("no HTTP/2 with the vendor"))
    }
}

fn reason(fault: OutgoingFault) -> &'static str {
    match fault {
        OutgoingFault::Scheme => "the vendor's address is not https",
        OutgoingFault::Host => "the vendor's address has no plain host",
        OutgoingFault::Private => "the vendor's address is private and not allowed",
        OutgoingFault::Unresolved => "the vendor's name has no address",
    }
}

/// A base address in the pieces that are needed.
struct Address {
    scheme: Scheme,
    authority: Authority,
    host: String,
    port: u16,
    /// The name that its certificate has to bear; nothing without TLS.
    name: Option<ServerName<'static>>,
}

impl Address {
    fn of(base: &Url) -> Result<Self, OutgoingFault> {
        let host = base.host_str().ok_or(OutgoingFault::Host)?.to_owned();
        let port = base.port_or_known_default().ok_or(OutgoingFault::Host)?;
        let authority = match base.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.clone(),
        };
        let bare = host
            .trim_start_matches('[')
            .trim_end_matches(']')
            .to_owned();
        let is_secure = base.scheme() == "https";
        let name = is_secure
            .then(|| ServerName::try_from(bare.clone()))
            .transpose();
        Ok(Self {
            scheme: if is_secure {
                Scheme::HTTPS
            } else {
                Scheme::HTTP
            },
            authority: authority.parse().map_err(|_| OutgoingFault::Host)?,
            host: bare,
            port,
            name: name.map_err(|_| OutgoingFault::Host)?,
        })
    }
}
