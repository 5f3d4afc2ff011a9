//! The control of the fakes over HTTP/1.1, for scripts and for tests in other processes.
//!
//! `NAME` is `apns`, `apns_sandbox`, `fcm`, `oauth` or `web_push`.
//! - `GET /NAME/counts`: the sums; `GET /NAME/seen`: the last requests
//! - `POST /NAME/taken` with a list of targets: how often each took something
//! - `PUT /NAME/script` with `{"target":T,"answers":[...]}`; `PUT /NAME/manner` with the members to change
//! - `POST /NAME/expire`: all tokens shown so far are out of date; `POST /NAME/forget`: begins anew
//! - `GET /web_push/subscription/NAME`: a subscription; `GET /line`: what was printed at the start

use std::sync::Arc;

use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Shared;
use crate::book::{Answer, Book};
use crate::server::{Reply, Request, Service};

/// Answers for all fakes.
pub(crate) struct Control {
    book: Book,
    shared: Arc<Shared>,
}

#[derive(Deserialize)]
struct Script {
    target: String,
    answers: Vec<Answer>,
}

impl Control {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        let book = Book::default();
        Self { book, shared }
    }

    fn book_of(&self, name: &str) -> Option<&Book> {
        match name {
            "apns" => Some(self.shared.apns.book()),
            "apns_sandbox" => Some(self.shared.apns_sandbox.book()),
            "fcm" => Some(self.shared.fcm.book()),
            "oauth" => Some(self.shared.fcm.oauth()),
            "web_push" => Some(self.shared.web_push.book()),
            _ => None,
        }
    }

    fn expire(&self, name: &str) {
        match name {
            "apns" => self.shared.apns.expire_tokens(),
            "apns_sandbox" => self.shared.apns_sandbox.expire_tokens(),
            "fcm" => self.shared.fcm.expire_tokens(),
            _ => {}
        }
    }

    fn act(&self, path: &str, body: &[u8]) -> Result<Value, String> {
        let mut parts = path.trim_matches('/').splitn(3, '/');
        let (name, what, rest) = (parts.next(), parts.next(), parts.next());
        if name == Some("line") {
            return Ok(self.shared.line.clone());
        }
        let name = name.unwrap_or_default();
        let book = self.book_of(name).ok_or("no such fake")?;
        let read = |fault: serde_json::Error| fault.to_string();
        match what {
            Some("counts") => Ok(json!(book.counts())),
            Some("seen") => Ok(json!(book.seen())),
            Some("taken") => {
                let targets: Vec<String> = serde_json::from_slice(body).map_err(read)?;
                Ok(json!(book.taken(&targets)))
            }
            Some("script") => {
                let script: Script = serde_json::from_slice(body).map_err(read)?;
                book.script(&script.target, script.answers);
                Ok(json!({}))
            }
            Some("manner") => behave(book, body),
            Some("expire") => {
                self.expire(name);
                Ok(json!({}))
            }
            Some("forget") => {
                book.forget();
                Ok(json!({}))
            }
            Some("subscription") => Ok(self.shared.web_push.subscription(rest.unwrap_or("one"))),
            _ => Err("no such question".to_owned()),
        }
    }
}

impl Service for Control {
    fn book(&self) -> &Book {
        &self.book
    }

    fn answer(&self, request: &Request) -> Reply {
        let acted = self.act(&request.path, &request.body);
        let mut reply = Reply::new(if acted.is_ok() { 200 } else { 400 });
        let body = acted.unwrap_or_else(|fault| json!({"error": fault}));
        reply.say("content-type", "application/json");
        reply.body = Bytes::from(body.to_string());
        reply
    }
}

fn behave(book: &Book, body: &[u8]) -> Result<Value, String> {
    let change: Value = serde_json::from_slice(body).map_err(|fault| fault.to_string())?;
    let mut manner = json!(book.manner.lock().clone());
    for (name, value) in change.as_object().into_iter().flatten() {
        manner[name] = value.clone();
    }
    let manner = serde_json::from_value(manner).map_err(|fault| fault.to_string())?;
    book.behave(|present| *present = manner);
    Ok(json!(book.manner.lock().clone()))
}
