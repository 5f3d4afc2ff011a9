//! Google's service: `POST /v1/projects/PROJECT/messages:send`, and the OAuth server at `/token`.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use parking_lot::Mutex;
use ring::signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RsaKeyPair};
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::pki_types::pem::PemObject;
use serde_json::{Value, json};

use crate::apns::{header, seen};
use crate::book::{Action, Answer, Book};
use crate::proof;
use crate::server::{Reply, Request, Service};

/// The project that the fake knows.
pub const PROJECT: &str = "example-project";

/// The account's address.
pub const CLIENT_EMAIL: &str = "push@example-project.iam.example.org";

/// The account's key. It opens nothing but this fake.
const KEY: &str = include_str!("service_account.pem");

const SCOPE: &str = "https://www.googleapis.com/auth/firebase.messaging";

/// The fake.
pub struct Fcm {
    book: Book,
    oauth: Book,
    public_key: Vec<u8>,
    /// Until when each token that was handed out is good, in milliseconds since 1970.
    tokens: Mutex<HashMap<String, u64>>,
    /// Of the next message.
    number: AtomicU64,
}

impl Fcm {
    pub(crate) fn new() -> Self {
        let key = PrivatePkcs8KeyDer::from_pem_slice(KEY.as_bytes()).ok();
        let pair = key.and_then(|key| RsaKeyPair::from_pkcs8(key.secret_pkcs8_der()).ok());
        Self {
            book: Book::default(),
            oauth: Book::default(),
            public_key: pair
                .map(|pair| pair.public_key().as_ref().to_vec())
                .unwrap_or_default(),
            tokens: Mutex::new(HashMap::new()),
            number: AtomicU64::new(1),
        }
    }

    /// What it saw, and what it is to do.
    pub fn book(&self) -> &Book {
        &self.book
    }

    /// The same of the OAuth server; its only target is `token`.
    pub fn oauth(&self) -> &Book {
        &self.oauth
    }

    /// All tokens that were handed out so far are void.
    pub fn expire_tokens(&self) {
        self.tokens.lock().clear();
    }

    /// The account file, with the address of the OAuth server.
    pub(crate) fn account(token_uri: &str) -> Value {
        json!({
            "type": "service_account",
            "project_id": PROJECT,
            "private_key_id": "0123456789abcdef0123456789abcdef01234567",
            "private_key": KEY,
            "client_email": CLIENT_EMAIL,
            "client_id": "100000000000000000001",
            "token_uri": token_uri,
        })
    }

    fn token(&self, request: &Request) -> Reply {
        let answer = self.oauth.scripted("token").unwrap_or_default();
        let mut reply = Reply::new(if answer.status == 0 {
            200
        } else {
            answer.status
        });
        reply.action = answer.action;
        let body = if reply.status == 200 {
            self.grant(request)
        } else {
            let reason = answer.reason.unwrap_or_else(|| "invalid_grant".to_owned());
            Ok(json!({"error": reason}))
        };
        let body = body.unwrap_or_else(|reason| {
            reply.status = 400;
            json!({"error": "invalid_grant", "error_description": reason})
        });
        reply.say("content-type", "application/json");
        reply.body = Bytes::from(body.to_string());
        let status = if reply.action == Action::Answer {
            reply.status
        } else {
            0
        };
        self.oauth
            .note(|| seen("token", request, status), "token", "", status);
        reply
    }

    fn grant(&self, request: &Request) -> Result<Value, &'static str> {
        let body = std::str::from_utf8(&request.body).map_err(|_| "no text")?;
        let assertion = body
            .split('&')
            .find_map(|pair| pair.strip_prefix("assertion="));
        let assertion = assertion.ok_or("no assertion")?;
        let checked = proof::check(assertion, &RSA_PKCS1_2048_8192_SHA256, &self.public_key);
        let claims = checked.ok_or("the signature is wrong")?.claims;
        let now = proof::now_ms() / 1000;
        if claims["iss"] != CLIENT_EMAIL || claims["scope"] != SCOPE {
            return Err("not this account or not this scope");
        }
        if claims["exp"].as_u64().unwrap_or_default() <= now {
            return Err("out of date");
        }
        let life = self.book.manner.lock().token_life_s;
        let mut tokens = self.tokens.lock();
        self.book.token_issued();
        let token = format!("fake-access-{:x}-{}", proof::now_ms(), tokens.len());
        tokens.insert(token.clone(), proof::now_ms() + life * 1000);
        Ok(json!({"access_token": token, "expires_in": life, "token_type": "Bearer"}))
    }

    fn is_authorised(&self, request: &Request) -> bool {
        let shown = header(&request.headers, "authorization");
        let token = shown.strip_prefix("Bearer ").unwrap_or_default();
        let now = proof::now_ms() / 1000;
        self.tokens
            .lock()
            .get(token)
            .is_some_and(|until| *until > now)
    }

    fn message(&self, request: &Request) -> Reply {
        let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let target = body["message"]["token"].as_str().unwrap_or_default();
        let answer = if !self.book.manner.lock().is_strict || self.is_authorised(request) {
            self.book.scripted(target).unwrap_or_default()
        } else {
            Answer {
                status: 401,
                reason: Some("UNAUTHENTICATED".to_owned()),
                ..Answer::default()
            }
        };
        let mut reply = Reply::new(if answer.status == 0 {
            200
        } else {
            answer.status
        });
        reply.action = answer.action;
        reply.delay = std::time::Duration::from_millis(answer.delay_ms);
        if let Some(after) = &answer.retry_after {
            reply.say("retry-after", after);
        }
        let number = self.number.fetch_add(1, Ordering::Relaxed);
        let body = match (answer.body, reply.status) {
            (Some(body), _) => body,
            (None, 200) => json!({"name": format!("projects/{PROJECT}/messages/{number}")}),
            (None, status) => error(status, answer.reason.as_deref().unwrap_or("UNKNOWN")),
        };
        reply.say("content-type", "application/json");
        reply.body = Bytes::from(body.to_string());
        let status = if reply.action == Action::Answer {
            reply.status
        } else {
            0
        };
        self.book
            .note(|| seen(target, request, status), target, "", status);
        reply
    }
}

/// An error as Google writes it: the code in the details where it is one of the messaging service's.
fn error(status: u16, reason: &str) -> Value {
    let general = match reason {
        "UNREGISTERED" => "NOT_FOUND",
        "SENDER_ID_MISMATCH" => "PERMISSION_DENIED",
        "QUOTA_EXCEEDED" => "RESOURCE_EXHAUSTED",
        "THIRD_PARTY_AUTH_ERROR" => "UNAUTHENTICATED",
        other => other,
    };
    let details = if reason == "UNAUTHENTICATED" {
        json!([])
    } else {
        json!([{"@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError", "errorCode": reason}])
    };
    json!({"error": {"code": status, "message": "as the script says", "status": general, "details": details}})
}

impl Service for Fcm {
    fn book(&self) -> &Book {
        &self.book
    }

    fn answer(&self, request: &Request) -> Reply {
        if request.path == "/token" {
            return self.token(request);
        }
        if request.path == format!("/v1/projects/{PROJECT}/messages:send") {
            return self.message(request);
        }
        Reply::new(404)
    }
}
