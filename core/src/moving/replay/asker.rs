//! Sends a request to one of the two sites.

use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, Url};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tokio::runtime::Runtime;

use super::record::Request;
use crate::moving::{MovingError, Outcome};

const TIMEOUT: Duration = Duration::from_mins(1);
/// What stands for a site's own address in its answers, so that two sites can be compared.
const OWN_ADDRESS: &str = "{site}";

/// An answer.
#[derive(Clone, Debug, Default)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) media_type: String,
    /// The body where it is JSON.
    pub(super) json: Option<Value>,
    pub(super) length: usize,
    pub(super) digest: Vec<u8>,
}

impl Answer {
    /// An answer of which nothing else is known.
    pub(super) fn of_status(status: u16) -> Self {
        Self {
            status,
            ..Self::default()
        }
    }
}

/// Asks one site.
pub(super) struct Asker {
    base: String,
    client: Client,
    runtime: Runtime,
}

impl Asker {
    /// For a site at an address, below which the paths of the log are.
    pub(super) fn new(base: &str, headers: &[(String, String)]) -> Outcome<Self> {
        let url = Url::parse(base).ok().filter(Url::has_host);
        let is_good = url.is_some_and(|url| matches!(url.scheme(), "http" | "https"));
        if !is_good {
            return Err(MovingError::new(
                "write a site's address as https://www.example.org",
            ));
        }
        // Another part of the process may have been first; there is one provider to install.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .timeout(TIMEOUT)
            .redirect(Policy::none())
            .default_headers(header_map(headers)?)
            .build()
            .map_err(MovingError::of("the HTTP client"))?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(MovingError::of("the HTTP client"))?;
        Ok(Self {
            base: base.trim_end_matches('/').to_owned(),
            client,
            runtime,
        })
    }

    /// The answer to a request; none where there is none.
    pub(super) fn ask(&self, request: &Request) -> Option<Answer> {
        let method = Method::from_bytes(request.method.as_bytes()).ok()?;
        let url = Url::parse(&format!("{}{}", self.base, request.target)).ok()?;
        let mut asked = self.client.request(method, url);
        if let Some(body) = &request.body {
            let guessed = if body.trim_start().starts_with(['{', '[']) {
                "application/json"
            } else {
                "application/x-www-form-urlencoded"
            };
            let media_type = request.media_type.as_deref().unwrap_or(guessed);
            asked = asked.header(CONTENT_TYPE, media_type).body(body.clone());
        }
        self.runtime.block_on(async {
            let answer = asked.send().await.ok()?;
            let status = answer.status().as_u16();
            let media_type = answer
                .headers()
                .get(CONTENT_TYPE)
                .and_then(|one| one.to_str().ok());
            let media_type = media_type.unwrap_or_default().to_owned();
            let bytes = answer.bytes().await.ok()?;
            Some(self.read(status, media_type, &bytes))
        })
    }

    fn read(&self, status: u16, media_type: String, bytes: &[u8]) -> Answer {
        let mut json = serde_json::from_slice(bytes).ok();
        if let Some(json) = &mut json {
            self.forget_address(json);
        }
        Answer {
            status,
            media_type,
            json,
            length: bytes.len(),
            digest: Sha256::digest(bytes).to_vec(),
        }
    }

    fn forget_address(&self, value: &mut Value) {
        match value {
            Value::String(text) if text.contains(&self.base) => {
                *text = text.replace(&self.base, OWN_ADDRESS);
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.forget_address(item)),
            Value::Object(members) => {
                members
                    .values_mut()
                    .for_each(|member| self.forget_address(member));
            }
            _ => {}
        }
    }
}

fn header_map(headers: &[(String, String)]) -> Outcome<HeaderMap> {
    let header = |(name, value): &(String, String)| {
        let name = HeaderName::try_from(name.as_str()).ok()?;
        let mut value = HeaderValue::try_from(value.as_str()).ok()?;
        value.set_sensitive(true);
        Some((name, value))
    };
    let found: Option<HeaderMap> = headers.iter().map(header).collect();
    found.ok_or_else(|| MovingError::new("a header is written as NAME: VALUE"))
}
