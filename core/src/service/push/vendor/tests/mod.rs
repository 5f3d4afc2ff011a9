//! The senders against fakes of the vendors, over real HTTP/2 and TLS.

mod apns;
mod apns_broken;
mod apns_faults;
mod fcm;
mod fcm_faults;
mod secrets;
mod web_push;

use std::sync::Arc;
use std::time::Duration;

use loggia_fakes::{Answer as Scripted, Fakes, Seen};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::{
    Answer, Application, Batch, Channel, Credentials, Message, Outcome, Permission, Target,
    VendorSettings, Vendors, Wishes,
};
use crate::service::outgoing::Guard;
use crate::settings::Outgoing;

/// Fakes, and senders that believe them.
struct House {
    fakes: Fakes,
    vendors: Vendors,
    permission: Permission,
}

impl House {
    fn new() -> Self {
        Self::with_timeout(Duration::from_secs(10))
    }

    fn with_timeout(timeout: Duration) -> Self {
        let fakes = Fakes::start().unwrap();
        let mut values = fakes.line().as_object().unwrap().clone();
        values.insert("vapid_subject".to_owned(), json!("mailto:push@example.org"));
        values.insert("connections".to_owned(), json!(1));
        let settings = VendorSettings::read(&values, timeout).unwrap();
        let vendors = Vendors::new(settings, &guard(&["127.0.0.0/8"])).unwrap();
        Self {
            fakes,
            vendors,
            permission: Permission::granted(),
        }
    }

    /// An application with the credentials that the fakes know.
    fn application(&self) -> Application {
        application_with(self.fakes.line()["credentials"].clone())
    }

    fn batch(
        &self,
        application: Application,
        channel: Channel,
        message: &Value,
        targets: Vec<Target>,
    ) -> (Batch, mpsc::UnboundedReceiver<Answer>) {
        let (answers, received) = mpsc::unbounded_channel();
        let batch = Batch {
            application: Arc::new(application),
            notification_public_id: "spring".into(),
            message: Arc::new(Message::read(message, channel.platform(), None).unwrap()),
            targets,
            permission: self.permission.clone(),
            answers,
        };
        (batch, received)
    }

    /// Sends, and gives the outcomes in the order of the targets.
    async fn send_from(
        &self,
        application: Application,
        channel: Channel,
        message: &Value,
        targets: Vec<Target>,
    ) -> Vec<Outcome> {
        let count = targets.len();
        let (batch, received) = self.batch(application, channel, message, targets);
        self.vendors.sender(channel).send(batch).await;
        ordered(received, count)
    }

    async fn send(&self, channel: Channel, message: &Value, tokens: &[&str]) -> Vec<Outcome> {
        let targets = targets(tokens);
        self.send_from(self.application(), channel, message, targets)
            .await
    }

    async fn send_one(&self, channel: Channel, message: &Value, token: &str) -> Outcome {
        self.send(channel, message, &[token]).await.remove(0)
    }

    /// Sends to one device, and gives what Apple's fake saw of it.
    async fn apple_sees(&self, message: Value) -> Seen {
        let outcome = self.send_one(Channel::Apns, &message, TOKEN).await;
        assert!(matches!(outcome, Outcome::Accepted { .. }), "{outcome:?}");
        self.fakes.apns().book().seen().pop().unwrap()
    }
}

fn application_with(credentials: Value) -> Application {
    Application {
        id: 1,
        version: 1,
        code: "shop".to_owned(),
        is_production: true,
        credentials: serde_json::from_value::<Credentials>(credentials).unwrap(),
    }
}

/// A token as Apple gives them out.
const TOKEN: &str = "00fc13adff785122b4ad28809a3420982341241421348097878e577c991de8f0";

fn guard(allow: &[&str]) -> Guard {
    Guard::new(&Outgoing {
        allow: allow.iter().map(|net| net.parse().unwrap()).collect(),
        timeout_ms: 10_000,
    })
}

/// Devices 1, 2, 3 ... with these tokens.
fn targets(tokens: &[&str]) -> Vec<Target> {
    let target = |(position, token): (usize, &&str)| Target {
        device_id: i64::try_from(position).unwrap() + 1,
        token: (*token).to_owned(),
        badge: None,
        wishes: Wishes::default(),
    };
    tokens.iter().enumerate().map(target).collect()
}

/// So many tokens of Apple's form.
fn many(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("{number:064x}")).collect()
}

/// One answer a target, by device.
fn ordered(mut received: mpsc::UnboundedReceiver<Answer>, count: usize) -> Vec<Outcome> {
    let mut answers: Vec<Answer> = std::iter::from_fn(|| received.try_recv().ok()).collect();
    assert_eq!(answers.len(), count, "each target is answered once");
    answers.sort_by_key(|answer| answer.device_id);
    answers.dedup_by_key(|answer| answer.device_id);
    assert_eq!(answers.len(), count, "each target is answered once");
    answers.into_iter().map(|answer| answer.outcome).collect()
}

fn scripted(status: u16, reason: &str) -> Scripted {
    Scripted {
        status,
        reason: Some(reason.to_owned()),
        ..Scripted::default()
    }
}

fn is_accepted(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Accepted { .. })
}
