//! Receivers that are plain addresses: `UnifiedPush`, which seals as browsers do, and ntfy, which reads texts.

use std::sync::{Arc, OnceLock};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use loggia_push::delivery_id::DeliveryIds;

use super::caller::Caller;
use super::drive::{Drive, answer_all};
use super::gate::Gate;
use super::origins::Origins;
use super::plan::{Bodies, is_expired, wishes};
use super::template::Template;
use super::web_push::{Letter, Subscription, body, headers, put_topic, sealed, title, write};
use super::{
    Batch, DeliveryId, Message, Outcome, Permission, Priority, Reason, Sender, Sending, Target,
};
use crate::service::clock::now_ms;

/// So many requests of a batch are on their way at once.
const AT_ONCE: usize = 256;

/// The sender to endpoints. Nobody has to prove himself there: who knows the address may send.
pub(super) struct Endpoint {
    caller: Caller,
    origins: Origins,
}

/// One notification as all its receivers have it in common.
struct Plan {
    message: Arc<Message>,
    ids: DeliveryIds,
    bodies: Bodies<Template>,
    now_ms: i64,
    permission: Permission,
}

impl Endpoint {
    pub(super) fn new(caller: Caller) -> Self {
        Self {
            caller,
            origins: Origins::default(),
        }
    }

    async fn deliver(&self, batch: Batch) {
        let now_ms = now_ms();
        if is_expired(&batch.message, now_ms) {
            return answer_all(&batch.targets, &batch.answers, &Outcome::Expired);
        }
        let plan = Plan {
            message: batch.message,
            ids: DeliveryIds::new(&batch.notification_public_id),
            bodies: Bodies::new(),
            now_ms,
            permission: batch.permission.clone(),
        };
        let drive = Drive {
            permission: batch.permission,
            answers: batch.answers,
            gate: Arc::new(Gate::default()),
            stopped: OnceLock::new(),
        };
        let plan = &plan;
        let send = |target: Target| async move {
            let sent = self.send_one(plan, &target).await;
            sent.unwrap_or_else(|reason| Outcome::Refused { reason })
        };
        drive.run(batch.targets, AT_ONCE, send).await;
    }

    async fn send_one(&self, plan: &Plan, target: &Target) -> Result<Outcome, Reason> {
        let subscription = Subscription::read(&target.token)?;
        let id = plan.ids.of(target.device_id);
        let (headers, body) = match &subscription.reader {
            Some(reader) => {
                let wishes = wishes(&plan.message, target);
                let template = plan.bodies.get(wishes, || write(&plan.message, wishes))?;
                let mut headers = headers(&plan.message, plan.now_ms);
                put_topic(&mut headers, &plan.message, id);
                (headers, sealed(&template.fill(target, id), reader)?)
            }
            None => plain(&plan.message, id)?,
        };
        let letter = Letter {
            endpoint: subscription.endpoint,
            headers,
            body,
            id,
        };
        letter
            .post(&self.caller, &self.origins, &plan.permission)
            .await
    }
}

impl Sender for Endpoint {
    fn send(&self, batch: Batch) -> Sending<'_> {
        Box::pin(self.deliver(batch))
    }
}

/// ntfy's form: the text is the body, the rest are headers.
fn plain(message: &Message, id: DeliveryId) -> Result<(HeaderMap, Bytes), Reason> {
    let mut headers = HeaderMap::with_capacity(8);
    let mut put = |name: &'static str, value: Option<&str>| -> Result<(), Reason> {
        let Some(value) = value else { return Ok(()) };
        let value = HeaderValue::try_from(encoded(value));
        let value = value.map_err(|_| Reason::from(format!("`{name}` has control characters")))?;
        headers.insert(HeaderName::from_static(name), value);
        Ok(())
    };
    put("title", title(message))?;
    put("priority", message.priority.map(priority))?;
    put("click", message.click_action.as_deref())?;
    put("icon", message.icon.as_deref())?;
    put("attach", message.image.as_deref())?;
    put("x-delivery-id", Some(&id.to_string()))?;
    let text = body(message).unwrap_or_default().to_owned();
    Ok((headers, text.into()))
}

/// A header carries ASCII; all else as RFC 2047 writes it, which ntfy reads.
fn encoded(text: &str) -> String {
    if text.is_ascii() {
        text.to_owned()
    } else {
        format!("=?UTF-8?B?{}?=", STANDARD.encode(text))
    }
}

fn priority(priority: Priority) -> &'static str {
    match priority {
        Priority::High => "4",
        Priority::Normal => "3",
        Priority::Low => "2",
    }
}
