//! Plain HTTPS calls of the senders: for OAuth tokens, to browsers' services and to endpoints of devices.
//!
//! No proxy of the environment, no redirects, and only addresses that the guard has judged.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use reqwest::Client;
use reqwest::redirect::Policy;
use url::Url;

use super::link::{Lost, Reply};
use super::trust::{Trust, TrustFault};
use crate::service::outgoing::{Guard, OutgoingFault};

/// The part of an answer that is kept.
const MOST_BODY: usize = 16 * 1024;

/// A client.
#[derive(Debug, Clone)]
pub(super) struct Caller {
    client: Client,
    guard: Guard,
}

impl Caller {
    pub(super) fn new(trust: &Trust, guard: &Guard, timeout: Duration) -> Result<Self, TrustFault> {
        let mut tls = trust.anonymous()?;
        tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let client = Client::builder()
            .tls_backend_preconfigured(tls)
            .dns_resolver(guard.clone())
            .redirect(Policy::none())
            .no_proxy()
            .timeout(timeout)
            .connect_timeout(timeout.min(Duration::from_secs(5)))
            .build();
        Ok(Self {
            client: client.map_err(|_| TrustFault::Roots)?,
            guard: guard.clone(),
        })
    }

    /// Whether this address may be called at all.
    pub(super) fn check(&self, url: &Url) -> Result<(), OutgoingFault> {
        self.guard.check(url)
    }

    /// Posts, and gives the answer. The status is what counts: a body that breaks off is taken as far as it came.
    pub(super) async fn post(
        &self,
        url: Url,
        headers: HeaderMap,
        body: Bytes,
    ) -> Result<Reply, Lost> {
        let sent = self
            .client
            .post(url)
            .headers(headers)
            .body(body)
            .send()
            .await;
        let mut response = sent.map_err(|fault| lost(&fault))?;
        let mut kept = BytesMut::new();
        while kept.len() < MOST_BODY {
            match response.chunk().await {
                Ok(Some(piece)) => kept.extend_from_slice(&piece),
                Ok(None) | Err(_) => break,
            }
        }
        Ok(Reply {
            status: response.status(),
            headers: std::mem::take(response.headers_mut()),
            body: kept.freeze(),
        })
    }
}

/// What did not come to a connection never left.
fn lost(fault: &reqwest::Error) -> Lost {
    if fault.is_connect() || fault.is_builder() {
        Lost::NotProcessed("the receiver cannot be reached")
    } else if fault.is_timeout() {
        Lost::Unanswered("no answer in time")
    } else {
        Lost::Unanswered("the connection broke")
    }
}
