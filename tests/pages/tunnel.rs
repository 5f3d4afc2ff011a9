//! TLS before the server, as a proxy offers it: a certificate of our own, and bytes handed through.

use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use loggia::store::testing::TestDatabase;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{
    ClientConfig, ClientConnection, RootCertStore, ServerConfig, ServerConnection, StreamOwned,
};
use serde_json::json;

use crate::fixture::Site;
use crate::socket::Page;

/// How long one direction waits before it looks at the other.
const TURN: Duration = Duration::from_millis(5);

/// A proxy that speaks TLS with clients and hands on what they say.
pub(crate) struct Tunnel {
    pub(crate) port: u16,
    pub(crate) certificate: CertificateDer<'static>,
}

impl Tunnel {
    /// Before a server, `HOST:PORT`; it lasts as long as the test.
    pub(crate) fn before(server: &str) -> Self {
        let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
        let made = rcgen::generate_simple_self_signed(names).expect("a certificate can be made");
        let certificate = made.cert.der().clone();
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).expect("a key");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions of TLS")
            .with_no_client_auth()
            .with_single_cert(vec![certificate.clone()], key)
            .expect("a certificate with its key");
        let config = Arc::new(config);
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port can be had");
        let port = listener.local_addr().expect("it has an address").port();
        let server = server.to_owned();
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let (config, server) = (Arc::clone(&config), server.clone());
                thread::spawn(move || {
                    let connection = ServerConnection::new(config).expect("a connection");
                    let back = TcpStream::connect(server).expect("the server can be connected to");
                    pass(StreamOwned::new(connection, client), back);
                });
            }
        });
        Tunnel { port, certificate }
    }
}

/// Hands bytes on in both directions until one side ends.
fn pass(mut front: StreamOwned<ServerConnection, TcpStream>, mut back: TcpStream) {
    let timed = |stream: &TcpStream| {
        stream
            .set_read_timeout(Some(TURN))
            .expect("a stream can time out");
    };
    timed(&front.sock);
    timed(&back);
    let mut buffer = [0; 16 * 1024];
    loop {
        for towards_server in [true, false] {
            let read = if towards_server {
                front.read(&mut buffer)
            } else {
                back.read(&mut buffer)
            };
            let handed = match read {
                Ok(0) => return,
                Ok(length) if towards_server => back.write_all(&buffer[..length]),
                Ok(length) => front
                    .write_all(&buffer[..length])
                    .and_then(|()| front.flush()),
                Err(error)
                    if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) =>
                {
                    Ok(())
                }
                Err(_) => return,
            };
            if handed.is_err() {
                return;
            }
        }
    }
}

#[test]
fn a_websocket_works_behind_tls() {
    let site = Site::new(TestDatabase::sqlite());
    let application = site.application("Shop");
    let server = site.serve();
    application.register(&server.root(), &json!([1]));
    let tunnel = Tunnel::before(server.url().trim_start_matches("http://"));
    let mut roots = RootCertStore::empty();
    roots.add(tunnel.certificate.clone()).expect("an authority");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions of TLS")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("localhost").expect("a name");
    let connection = ClientConnection::new(Arc::new(config), name).expect("a connection");
    let stream =
        TcpStream::connect(("127.0.0.1", tunnel.port)).expect("the tunnel can be connected to");
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .expect("a stream can time out");
    let address = format!("ws://localhost:{}{}", tunnel.port, application.path("1"));
    let (mut page, _) =
        Page::over(StreamOwned::new(connection, stream), &address, &[]).expect("it is let in");
    application.tell(&server.root(), &json!([1]), &json!("encrypted"));
    assert_eq!(page.text(), "\"encrypted\"");
}
