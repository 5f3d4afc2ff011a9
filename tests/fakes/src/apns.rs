//! Apple's service: `POST /3/device/TOKEN`.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue};
use parking_lot::Mutex;
use rcgen::{KeyPair, PublicKeyData};
use ring::signature::ECDSA_P256_SHA256_FIXED;
use serde_json::{Map, Value, json};

use crate::book::{Action, Answer, Book, Seen};
use crate::proof;
use crate::server::{Reply, Request, Service};

/// The key's id, the team and the bundle that the fake knows.
pub const KEY_ID: &str = "ABC123DEFG";
/// The team that the fake knows.
pub const TEAM_ID: &str = "DEF123GHIJ";
/// The bundle that the fake knows.
pub const BUNDLE: &str = "org.example.app";

/// The fake.
pub struct Apns {
    book: Book,
    public_key: Vec<u8>,
    /// What is thought of each token that was shown: checking a signature once is enough.
    proofs: Mutex<BTreeMap<String, Option<&'static str>>>,
}

impl Apns {
    pub(crate) fn new(key: &KeyPair) -> Self {
        Self {
            book: Book::default(),
            public_key: key.der_bytes().to_vec(),
            proofs: Mutex::default(),
        }
    }

    /// What it saw, and what it is to do.
    pub fn book(&self) -> &Book {
        &self.book
    }

    /// All tokens that were shown so far are out of date from here on.
    pub fn expire_tokens(&self) {
        for verdict in self.proofs.lock().values_mut() {
            *verdict = Some("ExpiredProviderToken");
        }
    }

    /// Why the request may not come in; nothing where it may.
    fn refusal(&self, request: &Request) -> Option<&'static str> {
        let shown = request
            .headers
            .get("authorization")
            .and_then(|value| value.to_str().ok());
        let Some(shown) = shown else {
            return (!request.is_certified).then_some("MissingProviderToken");
        };
        if request
            .headers
            .get("apns-topic")
            .is_none_or(|topic| topic != BUNDLE)
        {
            return Some("BadTopic");
        }
        let mut proofs = self.proofs.lock();
        if let Some(verdict) = proofs.get(shown) {
            return *verdict;
        }
        self.book.proof_shown();
        let verdict = self.verdict(shown);
        proofs.insert(shown.to_owned(), verdict);
        verdict
    }

    fn verdict(&self, shown: &str) -> Option<&'static str> {
        let token = shown.strip_prefix("bearer ").unwrap_or_default();
        let Some(proof) = proof::check(token, &ECDSA_P256_SHA256_FIXED, &self.public_key) else {
            return Some("InvalidProviderToken");
        };
        let is_right = proof.header["alg"] == "ES256"
            && proof.header["kid"] == KEY_ID
            && proof.claims["iss"] == TEAM_ID;
        if !is_right {
            return Some("InvalidProviderToken");
        }
        let age =
            (proof::now_ms() / 1000).abs_diff(proof.claims["iat"].as_u64().unwrap_or_default());
        (age > 3600).then_some("ExpiredProviderToken")
    }
}

impl Service for Apns {
    fn book(&self) -> &Book {
        &self.book
    }

    fn answer(&self, request: &Request) -> Reply {
        let token = request.path.strip_prefix("/3/device/").unwrap_or_default();
        let refusal = if self.book.manner.lock().is_strict {
            self.refusal(request)
        } else {
            None
        };
        let answer = match refusal {
            Some(reason) => Answer {
                status: if reason == "BadTopic" { 400 } else { 403 },
                reason: Some(reason.to_owned()),
                ..Answer::default()
            },
            None => self.book.scripted(token).unwrap_or_default(),
        };
        let reply = reply(&answer, &request.headers);
        let id = header(&request.headers, "apns-id");
        let status = if answer.action == Action::Answer {
            reply.status
        } else {
            0
        };
        self.book
            .note(|| seen(token, request, status), token, id, status);
        reply
    }
}

fn reply(answer: &Answer, headers: &HeaderMap) -> Reply {
    let mut reply = Reply::new(if answer.status == 0 {
        200
    } else {
        answer.status
    });
    reply.action = answer.action;
    reply.delay = std::time::Duration::from_millis(answer.delay_ms);
    let id = headers.get("apns-id").cloned();
    let mut id = id.unwrap_or(HeaderValue::from_static(""));
    // Each id occurs once, so that it is no use in the connection's table of headers.
    id.set_sensitive(true);
    reply.headers.insert("apns-id", id);
    if let Some(after) = &answer.retry_after {
        reply.say("retry-after", after);
    }
    let mut body = answer.body.clone();
    if let Some(reason) = &answer.reason {
        let mut members = Map::new();
        members.insert("reason".to_owned(), json!(reason));
        if let Some(timestamp) = answer.timestamp {
            members.insert("timestamp".to_owned(), json!(timestamp));
        }
        body = body.or(Some(Value::Object(members)));
    }
    if let Some(body) = body {
        reply.body = Bytes::from(body.to_string());
    }
    reply
}

pub(crate) fn header<'h>(headers: &'h HeaderMap, name: &str) -> &'h str {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}

pub(crate) fn seen(target: &str, request: &Request, status: u16) -> Seen {
    let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let headers = request.headers.iter();
    let headers = headers.map(|(name, value)| (name.as_str().to_owned(), json!(text(value))));
    let body = serde_json::from_slice(&request.body);
    Seen {
        target: target.to_owned(),
        path: request.path.clone(),
        headers: headers.collect(),
        body: body.unwrap_or_else(|_| json!(String::from_utf8_lossy(&request.body))),
        status,
        at_ms: proof::now_ms(),
    }
}
