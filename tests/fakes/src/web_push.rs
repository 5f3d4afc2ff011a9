//! A browser's push service: `POST /push/NAME`, and plain receivers at `/topic/NAME`.

use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use parking_lot::Mutex;
use ring::signature::ECDSA_P256_SHA256_FIXED;
use serde_json::{Value, json};
use web_push_native::Auth;
use web_push_native::p256::SecretKey;
use web_push_native::p256::elliptic_curve::sec1::ToEncodedPoint;

use crate::apns::{header, seen};
use crate::book::{Action, Book};
use crate::proof;
use crate::server::{Reply, Request, Service};

/// The fake. All subscriptions have one key: it is one browser with many endpoints.
pub struct WebPush {
    book: Book,
    key: SecretKey,
    auth: [u8; 16],
    origin: String,
    /// What is thought of each token that was shown: checking a signature once is enough.
    proofs: Mutex<HashMap<String, bool>>,
}

impl WebPush {
    pub(crate) fn new(origin: String) -> Option<Self> {
        Some(Self {
            book: Book::default(),
            key: SecretKey::from_slice(&[0x2a; 32]).ok()?,
            auth: *b"sixteen bytes ok",
            origin,
            proofs: Mutex::new(HashMap::new()),
        })
    }

    /// What it saw, and what it is to do.
    pub fn book(&self) -> &Book {
        &self.book
    }

    /// A subscription as a browser's `toJSON()` gives it.
    pub fn subscription(&self, name: &str) -> Value {
        let point = self.key.public_key().to_encoded_point(false);
        json!({
            "endpoint": format!("{}/push/{name}", self.origin),
            "expirationTime": null,
            "keys": {
                "p256dh": URL_SAFE_NO_PAD.encode(point.as_bytes()),
                "auth": URL_SAFE_NO_PAD.encode(self.auth),
            },
        })
    }

    /// The address of a plain receiver.
    pub fn topic(&self, name: &str) -> String {
        format!("{}/topic/{name}", self.origin)
    }

    /// The text that a browser would read, or why it would not.
    fn decrypt(&self, request: &Request) -> Result<Bytes, u16> {
        if header(&request.headers, "content-encoding") != "aes128gcm" {
            return Err(415);
        }
        if !self.book.manner.lock().decrypts {
            return Ok(Bytes::new());
        }
        let auth = Auth::clone_from_slice(&self.auth);
        let text = web_push_native::decrypt(request.body.to_vec(), &self.key, &auth);
        text.map(Bytes::from).map_err(|_| 400)
    }

    fn is_authorised(&self, request: &Request) -> bool {
        let shown = header(&request.headers, "authorization");
        if let Some(verdict) = self.proofs.lock().get(shown) {
            return *verdict;
        }
        let verdict = self.is_proof(shown);
        self.book.proof_shown();
        self.proofs.lock().insert(shown.to_owned(), verdict);
        verdict
    }

    /// Checks RFC 8292's header: whose key, for whom, until when.
    fn is_proof(&self, shown: &str) -> bool {
        let parameters = shown.strip_prefix("vapid ").unwrap_or_default();
        let member = |name: &str| {
            let mut all = parameters.split(',').map(str::trim);
            all.find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
        };
        let check = || {
            let key = URL_SAFE_NO_PAD.decode(member("k")?).ok()?;
            let claims = proof::check(member("t")?, &ECDSA_P256_SHA256_FIXED, &key)?.claims;
            let left = claims["exp"]
                .as_u64()?
                .checked_sub(proof::now_ms() / 1000)?;
            let is_right = claims["aud"] == self.origin.as_str() && left <= 86_400;
            Some(is_right && claims["sub"].as_str()?.contains(':'))
        };
        check().unwrap_or(false)
    }

    fn judge(&self, request: &Request) -> (u16, Bytes) {
        if !request.path.starts_with("/push/") {
            return (200, request.body.clone());
        }
        if header(&request.headers, "ttl").parse::<u32>().is_err() {
            return (400, Bytes::new());
        }
        if self.book.manner.lock().is_strict && !self.is_authorised(request) {
            return (403, Bytes::new());
        }
        match self.decrypt(request) {
            Ok(text) => (201, text),
            Err(status) => (status, Bytes::new()),
        }
    }
}

impl Service for WebPush {
    fn book(&self) -> &Book {
        &self.book
    }

    fn answer(&self, request: &Request) -> Reply {
        let target = request.path.rsplit('/').next().unwrap_or_default();
        let (mut status, text) = self.judge(request);
        let answer = self.book.scripted(target).unwrap_or_default();
        if answer.status != 0 {
            status = answer.status;
        }
        let mut reply = Reply::new(status);
        reply.action = answer.action;
        reply.delay = std::time::Duration::from_millis(answer.delay_ms);
        if let Some(after) = answer.retry_after {
            reply.say("retry-after", &after);
        }
        if status == 201 {
            let location = format!("{}/message/{target}", self.origin);
            reply.say("location", &location);
        }
        let noted = if reply.action == Action::Answer {
            status
        } else {
            0
        };
        let shown = || {
            let mut shown = seen(target, request, noted);
            let plain = || json!(String::from_utf8_lossy(&text));
            shown.body = serde_json::from_slice(&text).unwrap_or_else(|_| plain());
            shown
        };
        let id = header(&request.headers, "topic");
        self.book.note(shown, target, id, noted);
        reply
    }
}
