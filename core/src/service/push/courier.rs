//! Who carries events to applications' webhooks. What waits lies in the database; a letter is taken for a while, so
//! that it comes to another node, or to this one after its next start, where nobody says what became of it. So it
//! comes at least once, and always with the same id and text.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use diesel::QueryResult;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::{HeaderMap, HeaderValue};
use loggia_push::hook::{self, Hook};
use loggia_push::letter::{self, Letter};
use loggia_push::{Application, application};
use sha2::Sha256;

use super::depot::{Depot, soon};
use super::errands::Busy;
use super::outcome::pause_ms;
use super::vendor::{Heard, Messenger};
use super::webhook;
use crate::service::channels::form::sent;
use crate::service::clock::now_ms;

/// How often it is looked for what another node has entered.
const LOOK: Duration = Duration::from_secs(1);
/// How long after a call's end a letter counts as lost.
const GRACE: Duration = Duration::from_secs(5);
/// The longest pause that the receiver did not ask for.
const LONGEST_PAUSE_MS: i64 = 3_600_000;
/// The longest pause that it may ask for.
const LONGEST_ASKED: Duration = Duration::from_hours(24);

/// A letter with what it takes to deliver it.
struct Errand {
    hook: Hook,
    letter: Letter,
    application: Application,
}

/// Carries until this process ends.
pub(super) async fn run(depot: Arc<Depot>) {
    if depot.carriers.messenger().is_none() {
        return;
    }
    loop {
        // Whether it was woken or not, it looks.
        let _ = tokio::time::timeout(LOOK, depot.errands.woken()).await;
        let due = on_database(&depot, |depot| {
            hook::due(&mut depot.pool.read(soon())?, now_ms())
        });
        for application in due.await.unwrap_or_default() {
            if let Some(busy) = depot.errands.begin(application) {
                tokio::spawn(serve(Arc::clone(&depot), busy));
            }
        }
    }
}

/// Calls one webhook until nothing waits for it, or it does not take what it is told.
async fn serve(depot: Arc<Depot>, busy: Busy) {
    while let Some(messenger) = depot.carriers.messenger() {
        // A place for each call, so that long backlogs let others in between.
        let Some(_place) = depot.errands.place().await else {
            return;
        };
        let application = busy.application;
        let leased_ms = millis(messenger.timeout() + GRACE);
        let taken = on_database(&depot, move |depot| depot.errand(application, leased_ms));
        let Some(Some(errand)) = taken.await else {
            return;
        };
        let heard = depot.deliver(messenger, &errand).await;
        let goes_on = heard == Heard::Taken;
        let written = on_database(&depot, move |depot| depot.conclude(&errand, &heard));
        if written.await.is_none() || !goes_on {
            return;
        }
    }
}

/// Works on the database beside the tasks; nothing where it fails, which the log is told.
async fn on_database<T: Send + 'static>(
    depot: &Arc<Depot>,
    work: impl FnOnce(&Depot) -> QueryResult<T> + Send + 'static,
) -> Option<T> {
    let depot = Arc::clone(depot);
    match tokio::task::spawn_blocking(move || work(&depot)).await {
        Ok(Ok(found)) => Some(found),
        Ok(Err(error)) => {
            tracing::warn!("events for webhooks are late: {error}");
            None
        }
        Err(_) => None,
    }
}

impl Depot {
    fn errand(&self, application: i64, leased_ms: i64) -> QueryResult<Option<Errand>> {
        let mut connection = self.pool.write(soon())?;
        let now_ms = now_ms();
        let taken = letter::take(&mut connection, application, now_ms, now_ms + leased_ms)?;
        let Some((hook, letter)) = taken else {
            return Ok(None);
        };
        let application = application::by_id(&mut connection, application)?;
        Ok(application.map(|application| Errand {
            hook,
            letter,
            application,
        }))
    }

    async fn deliver(&self, messenger: &Messenger, errand: &Errand) -> Heard {
        let key = match webhook::open(&self.seal, &errand.application, &errand.hook) {
            Ok(key) => key,
            Err(fault) => {
                let application = &errand.application.code;
                tracing::error!(application, "its webhook cannot be called: {fault}");
                return Heard::Failed {
                    reason: "the secret cannot be opened".into(),
                    after: None,
                };
            }
        };
        let now_ms = now_ms();
        let body = body(errand, now_ms);
        let headers = headers(&errand.letter.public_id, now_ms / 1_000, &body, &key);
        messenger.call(&errand.hook.url, headers, body.into()).await
    }

    fn conclude(&self, errand: &Errand, heard: &Heard) -> QueryResult<()> {
        let (letter, now_ms) = (&errand.letter, now_ms());
        let application = &*errand.application.code;
        let connection = &mut self.pool.write(soon())?;
        match heard {
            Heard::Taken => letter::taken(connection, letter, now_ms),
            Heard::Gone => {
                let reason = "the receiver answered 410: it wants nothing any more";
                tracing::warn!(application, "its webhook is stopped: {reason}");
                hook::stop(connection, &errand.hook, reason, now_ms)
            }
            Heard::Failed { reason, after } => {
                let asked = after.map(|asked| asked.min(LONGEST_ASKED));
                let until_ms = now_ms + pause_ms(asked, errand.hook.failures + 1, LONGEST_PAUSE_MS);
                let given_up_ms = now_ms - self.settings.load().webhook_patience_ms;
                let at = (until_ms, given_up_ms);
                let lost = letter::failed(connection, letter, reason, at, now_ms)?;
                if lost > 0 {
                    tracing::warn!(
                        application,
                        "{lost} messages for its webhook were given up: {reason}"
                    );
                }
                Ok(())
            }
        }
    }
}

/// As Standard Webhooks has it: what it is, when, and the data.
fn body(errand: &Errand, now_ms: i64) -> String {
    let time = sent(now_ms);
    let code = serde_json::Value::from(errand.application.code.as_str());
    let events = &errand.letter.content;
    format!(
        r#"{{"type":"push.events","timestamp":"{time}","data":{{"application":{code},"events":{events}}}}}"#
    )
}

/// The three headers of Standard Webhooks.
fn headers(id: &str, time_s: i64, body: &str, key: &[u8]) -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(5);
    let json = HeaderValue::from_static("application/json");
    headers.insert(http::header::CONTENT_TYPE, json);
    let agent = HeaderValue::from_static(concat!("loggia/", env!("CARGO_PKG_VERSION")));
    headers.insert(http::header::USER_AGENT, agent);
    let signature = signature(id, time_s, body, key);
    for (name, text) in [
        ("webhook-id", id),
        ("webhook-timestamp", &time_s.to_string()),
        ("webhook-signature", &signature),
    ] {
        if let Ok(value) = HeaderValue::from_str(text) {
            headers.insert(name, value);
        }
    }
    headers
}

/// HMAC-SHA256 over id, time and body.
fn signature(id: &str, time_s: i64, body: &str, key: &[u8]) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
        return String::new();
    };
    mac.update(format!("{id}.{time_s}.").as_bytes());
    mac.update(body.as_bytes());
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

fn millis(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_the_one_of_the_standard_s_example() {
        let key = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let body = r#"{"test": 2432232314}"#;
        let signed = signature("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body, &key);
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn pauses_double_up_to_an_hour_and_the_receiver_may_ask_for_more() {
        for (failures, pause) in [(1, 1_000), (4, 8_000), (40, 3_600_000)] {
            let found = pause_ms(None, failures, LONGEST_PAUSE_MS);
            assert!((pause..=pause + pause / 4).contains(&found), "{found}");
        }
        let asked = pause_ms(Some(Duration::from_hours(3)), 1, LONGEST_PAUSE_MS);
        assert!((10_800_000..=13_500_000).contains(&asked), "{asked}");
    }
}
