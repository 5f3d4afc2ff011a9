//! No secret, token or address is in a log, an outcome or what `Debug` shows.

use std::fmt::Write as _;
use std::io;
use std::sync::Arc;

use loggia_fakes::{Action, Answer as Scripted};
use parking_lot::Mutex;
use serde_json::{Value, json};
use tracing_subscriber::fmt::MakeWriter;

use super::super::{Channel, new_vapid_key};
use super::{House, TOKEN, scripted, targets};

/// Everything that is logged, at every level, by everybody.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'w> MakeWriter<'w> for Log {
    type Writer = Self;

    fn make_writer(&'w self) -> Self::Writer {
        self.clone()
    }
}

#[tokio::test]
async fn nothing_that_is_shown_tells_a_secret() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::DEBUG)
        .with_writer(log.clone())
        .finish();
    let _recording = tracing::subscriber::set_default(subscriber);
    let house = House::new();
    let mut shown = String::new();
    for answer in [
        scripted(200, ""),
        scripted(400, TOKEN),
        scripted(403, "InvalidProviderToken"),
        scripted(503, "ServiceUnavailable"),
        Scripted {
            action: Action::Cut,
            ..Scripted::default()
        },
    ] {
        house.fakes.apns().book().script(TOKEN, vec![answer]);
        let outcome = house
            .send_one(Channel::Apns, &json!({"body": "x"}), TOKEN)
            .await;
        writeln!(shown, "{outcome:?}").unwrap();
    }
    for status in [200, 400, 401, 503] {
        house
            .fakes
            .fcm()
            .book()
            .script(TOKEN, vec![scripted(status, TOKEN)]);
        let outcome = house
            .send_one(Channel::Fcm, &json!({"body": "x"}), TOKEN)
            .await;
        writeln!(shown, "{outcome:?}").unwrap();
    }
    let mut application = house.application();
    application.credentials.web_push = new_vapid_key();
    let vapid = application.credentials.web_push.clone().unwrap();
    writeln!(shown, "{application:?}").unwrap();
    let subscription = house
        .fakes
        .web_push()
        .subscription("a-secret-name-of-a-browser");
    let targets = targets(&[&subscription.to_string()]);
    writeln!(shown, "{targets:?}").unwrap();
    let message = json!({"body": "x"});
    let outcomes = house
        .send_from(application, Channel::WebPush, &message, targets)
        .await;
    writeln!(shown, "{outcomes:?}").unwrap();
    shown.push_str(&String::from_utf8_lossy(&log.0.lock()));
    let line = house.fakes.line();
    let credentials = &line["credentials"];
    let seen = house.fakes.apns().book().seen();
    let bearer = seen[0].headers["authorization"].as_str().unwrap();
    let granted = house.fakes.fcm().book().seen();
    let access = granted[0].headers["authorization"].as_str().unwrap();
    for secret in [
        TOKEN,
        bearer.trim_start_matches("bearer "),
        second_line(&credentials["apns"]["token"]["key"]),
        second_line(&credentials["fcm"]["service_account"]["private_key"]),
        access.trim_start_matches("Bearer "),
        "a-secret-name-of-a-browser",
        subscription["keys"]["auth"].as_str().unwrap(),
        vapid
            .private_key
            .as_ref()
            .unwrap()
            .expose()
            .lines()
            .nth(1)
            .unwrap(),
    ] {
        assert!(secret.len() > 20 && !shown.contains(secret), "{secret}");
    }
}

/// The first line of a PEM text that tells something.
fn second_line(pem: &Value) -> &str {
    pem.as_str().unwrap().lines().nth(1).unwrap()
}
