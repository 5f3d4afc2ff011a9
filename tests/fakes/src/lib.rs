//! Stand-ins for the push vendors that bite: real HTTP/2 and TLS, real signatures, and answers by script.
//!
//! They live in one thread of their own and count what they saw and accepted, so that a test can compare that
//! with what the server believes. The binary of the same name prints one JSON line with all addresses.

mod apns;
mod authority;
mod book;
mod control;
mod fcm;
mod plain;
mod proof;
mod server;
mod web_push;
mod wire;

use std::io::Write;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;

use rcgen::KeyPair;
use serde_json::{Value, json};
use tempfile::NamedTempFile;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;

pub use apns::{Apns, BUNDLE, KEY_ID, TEAM_ID};
pub use authority::ClientCertificate;
pub use book::{Action, Answer, Book, Counts, Manner, Seen};
pub use fcm::{CLIENT_EMAIL, Fcm, PROJECT};
pub use web_push::WebPush;

use authority::{Authority, PASSWORD};
use control::Control;

type Fault = Box<dyn std::error::Error + Send + Sync>;

/// All fakes, until they are dropped.
pub struct Fakes {
    shared: Arc<Shared>,
    roots: NamedTempFile,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    apns: Arc<Apns>,
    apns_sandbox: Arc<Apns>,
    fcm: Arc<Fcm>,
    web_push: Arc<WebPush>,
    line: Value,
}

struct Listeners {
    apns: Listener,
    apns_sandbox: Listener,
    fcm: Listener,
    web_push: Listener,
    dead: Listener,
    control: Listener,
}

/// Bound before there is a runtime, so that the addresses are known to all from the start.
type Listener = std::net::TcpListener;

impl Fakes {
    /// Starts them, each at an address of its own.
    pub fn start() -> Result<Self, Fault> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let listeners = Listeners::bind()?;
        let authority = Authority::new()?;
        let mut roots = NamedTempFile::with_suffix(".pem")?;
        roots.write_all(authority.pem().as_bytes())?;
        let shared = Arc::new(shared(&listeners, &authority, roots.path())?);
        let tls = TlsAcceptor::from(authority.server(&["h2"])?);
        let both = TlsAcceptor::from(authority.server(&["h2", "http/1.1"])?);
        let (stop, stopped) = oneshot::channel();
        let serving = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name("fakes".to_owned())
            .spawn(move || {
                runtime.block_on(async move {
                    if listeners.serve(&tls, &both, &serving).is_ok() {
                        // A sender that is gone stops them as well.
                        let _ = stopped.await;
                    }
                });
            })?;
        Ok(Self {
            shared,
            roots,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// Apple's production service.
    pub fn apns(&self) -> &Apns {
        &self.shared.apns
    }

    /// Apple's sandbox.
    pub fn apns_sandbox(&self) -> &Apns {
        &self.shared.apns_sandbox
    }

    /// Google's service.
    pub fn fcm(&self) -> &Fcm {
        &self.shared.fcm
    }

    /// A browser's service.
    pub fn web_push(&self) -> &WebPush {
        &self.shared.web_push
    }

    /// The certificate to trust, in a PEM file.
    pub fn root_certificates(&self) -> &Path {
        self.roots.path()
    }

    /// The table `[module.push]` of a site that sends to them; more settings of it may stand behind.
    pub fn settings(&self) -> &str {
        self.shared.line["settings"].as_str().unwrap_or_default()
    }

    /// Where everything is, and the credentials with which it is entered.
    pub fn line(&self) -> &Value {
        &self.shared.line
    }
}

impl Drop for Fakes {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Listeners {
    fn bind() -> Result<Self, Fault> {
        let bind = || -> std::io::Result<Listener> {
            let listener = Listener::bind(("127.0.0.1", 0))?;
            listener.set_nonblocking(true)?;
            Ok(listener)
        };
        Ok(Self {
            apns: bind()?,
            apns_sandbox: bind()?,
            fcm: bind()?,
            web_push: bind()?,
            dead: bind()?,
            control: bind()?,
        })
    }

    /// Begins to serve, within the runtime.
    fn serve(
        self,
        tls: &TlsAcceptor,
        both: &TlsAcceptor,
        shared: &Arc<Shared>,
    ) -> std::io::Result<()> {
        let listen = TcpListener::from_std;
        let (apns, sandbox) = (Arc::clone(&shared.apns), Arc::clone(&shared.apns_sandbox));
        let (fcm, web_push) = (Arc::clone(&shared.fcm), Arc::clone(&shared.web_push));
        tokio::spawn(server::serve(listen(self.apns)?, tls.clone(), apns));
        tokio::spawn(server::serve(
            listen(self.apns_sandbox)?,
            tls.clone(),
            sandbox,
        ));
        tokio::spawn(server::serve(listen(self.fcm)?, both.clone(), fcm));
        tokio::spawn(server::serve(
            listen(self.web_push)?,
            both.clone(),
            web_push,
        ));
        tokio::spawn(dead(listen(self.dead)?));
        let control = Arc::new(Control::new(Arc::clone(shared)));
        tokio::spawn(plain::serve(listen(self.control)?, control));
        Ok(())
    }
}

/// Takes connections and never says a word.
async fn dead(listener: TcpListener) {
    let mut held = Vec::new();
    while let Ok((tcp, _)) = listener.accept().await {
        held.push(tcp);
    }
}

fn shared(listeners: &Listeners, authority: &Authority, roots: &Path) -> Result<Shared, Fault> {
    let at = |scheme: &str, listener: &Listener| -> Result<String, Fault> {
        let address: SocketAddr = listener.local_addr()?;
        Ok(format!("{scheme}://{address}"))
    };
    let key = KeyPair::generate()?;
    let client = authority.client()?;
    let fcm_url = at("https", &listeners.fcm)?;
    let web_push_url = at("https", &listeners.web_push)?;
    let web_push = WebPush::new(web_push_url.clone()).ok_or("no key for the browser")?;
    let apns_url = at("https", &listeners.apns)?;
    let apns_sandbox_url = at("https", &listeners.apns_sandbox)?;
    let settings = format!(
        "[module.push]\napns_url = \"{apns_url}\"\napns_sandbox_url = \"{apns_sandbox_url}\"\n\
         fcm_url = \"{fcm_url}\"\nroot_certificates = {}\n",
        json!(roots)
    );
    let line = json!({
        "settings": settings,
        "apns_url": apns_url,
        "apns_sandbox_url": apns_sandbox_url,
        "fcm_url": fcm_url,
        "web_push_url": web_push_url,
        "dead_url": at("https", &listeners.dead)?,
        "control_url": at("http", &listeners.control)?,
        "root_certificates": roots,
        "subscription": web_push.subscription("one"),
        "credentials": {
            "apns": {
                "token": {"key_id": KEY_ID, "team_id": TEAM_ID, "key": key.serialize_pem()},
                "bundle": BUNDLE,
            },
            "fcm": {"service_account": Fcm::account(&format!("{fcm_url}/token"))},
        },
        "apns_certificate": {
            "certificate": client.certificate,
            "key": client.key,
            "bundle": BUNDLE,
        },
        "apns_protected": {
            "certificate": client.certificate,
            "key": client.protected_key,
            "password": PASSWORD,
            "bundle": BUNDLE,
        },
    });
    Ok(Shared {
        apns: Arc::new(Apns::new(&key)),
        apns_sandbox: Arc::new(Apns::new(&key)),
        fcm: Arc::new(Fcm::new()),
        web_push: Arc::new(web_push),
        line,
    })
}
