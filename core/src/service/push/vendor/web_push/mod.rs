//! Browsers' push services: RFC 8030, sealed by RFC 8291, signed by RFC 8292.

mod encryption;
mod payload;
mod reason;
mod subscription;
mod vapid;

use std::sync::{Arc, OnceLock};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue};
use loggia_push::delivery_id::DeliveryIds;
use sha2::{Digest, Sha256};
use url::Url;

use self::encryption::{Reader, seal};
pub(super) use self::payload::{body, texts, title, write};
pub(super) use self::reason::judge;
pub(super) use self::subscription::Subscription;
use self::vapid::Vapid;
pub use self::vapid::new_vapid_key;
use super::apns::lost_outcome;
use super::caller::Caller;
use super::desk::Desks;
use super::drive::{Drive, answer_all};
use super::gate::Gate;
use super::origins::Origins;
use super::plan::{Bodies, is_expired, wishes};
use super::template::Template;
use super::{
    Application, Batch, DeliveryId, Message, Outcome, Permission, Reason, Scope, Sender, Sending,
    Target, VendorSettings,
};
use crate::service::clock::now_ms;

/// So many requests of a batch are on their way at once.
const AT_ONCE: usize = 256;

/// The sender to browsers.
pub(super) struct WebPush {
    settings: Arc<VendorSettings>,
    caller: Caller,
    desks: Desks<Vapid>,
    origins: Origins,
}

/// One notification as all its receivers have it in common.
struct Plan {
    message: Arc<Message>,
    ids: DeliveryIds,
    bodies: Bodies<Template>,
    headers: HeaderMap,
    vapid: Arc<Vapid>,
    permission: Permission,
}

impl WebPush {
    pub(super) fn new(settings: Arc<VendorSettings>, caller: Caller) -> Self {
        Self {
            settings,
            caller,
            desks: Desks::new(),
            origins: Origins::default(),
        }
    }

    /// Whether the credentials could be used, asked of nobody but themselves.
    pub(super) fn check(&self, application: &Application) -> Result<(), Reason> {
        self.vapid(application).map(drop)
    }

    async fn deliver(&self, batch: Batch) {
        let vapid = match self
            .desks
            .get(&batch.application, || self.vapid(&batch.application))
        {
            Ok(vapid) => vapid,
            Err(reason) => {
                let outcome = Outcome::BadCredentials { reason };
                return answer_all(&batch.targets, &batch.answers, &outcome);
            }
        };
        let now_ms = now_ms();
        if is_expired(&batch.message, now_ms) {
            return answer_all(&batch.targets, &batch.answers, &Outcome::Expired);
        }
        let plan = Plan {
            headers: headers(&batch.message, now_ms),
            message: batch.message,
            ids: DeliveryIds::new(&batch.notification_public_id),
            bodies: Bodies::new(),
            vapid,
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

    fn vapid(&self, application: &Application) -> Result<Vapid, Reason> {
        let credentials = application.credentials.web_push.as_ref();
        let credentials = credentials.ok_or("there are no credentials for browsers")?;
        Vapid::read(credentials, self.settings.vapid_subject.as_deref())
    }

    async fn send_one(&self, plan: &Plan, target: &Target) -> Result<Outcome, Reason> {
        let subscription = Subscription::read(&target.token)?;
        let reader = subscription
            .reader
            .ok_or("the subscription has no `keys`")?;
        let wishes = wishes(&plan.message, target);
        let id = plan.ids.of(target.device_id);
        let template = plan.bodies.get(wishes, || write(&plan.message, wishes))?;
        let body = sealed(&template.fill(target, id), &reader)?;
        let mut headers = plan.headers.clone();
        let origin = subscription.endpoint.origin().ascii_serialization();
        let authorization = plan.vapid.header(&origin);
        let authorization = authorization.ok_or("the token of VAPID could not be signed")?;
        headers.insert(http::header::AUTHORIZATION, authorization);
        put_topic(&mut headers, &plan.message, id);
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

impl Sender for WebPush {
    fn send(&self, batch: Batch) -> Sending<'_> {
        Box::pin(self.deliver(batch))
    }
}

/// Seals a text for a reader.
pub(super) fn sealed(text: &[u8], reader: &Reader) -> Result<Bytes, Reason> {
    let sealed = seal(text, reader);
    Ok(sealed
        .ok_or("the subscription's `keys.p256dh` is no point of the curve")?
        .into())
}

/// What is posted to an address that a device gave us.
pub(super) struct Letter {
    pub(super) endpoint: Url,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    pub(super) id: DeliveryId,
}

impl Letter {
    /// Posts it: guarded, and with a pause of its own for each host.
    pub(super) async fn post(
        self,
        caller: &Caller,
        origins: &Origins,
        permission: &Permission,
    ) -> Result<Outcome, Reason> {
        caller
            .check(&self.endpoint)
            .map_err(|fault| fault.to_string())?;
        let origin = origins.of(&self.endpoint);
        let turn = origin.turn().await;
        if !permission.holds() {
            return Ok(Outcome::Withheld);
        }
        if let Some(left) = origin.gate.closed_for() {
            return Ok(Outcome::Retry {
                after: Some(left),
                scope: Scope::Device,
                reason: "the receiver did not answer others".into(),
            });
        }
        match caller.post(self.endpoint, self.headers, self.body).await {
            Ok(reply) => {
                origin.succeeded();
                Ok(judge(&reply, self.id))
            }
            Err(lost) => {
                origin.failed(turn.is_some());
                Ok(lost_outcome(lost))
            }
        }
    }
}

/// The headers that all receivers have in common.
pub(super) fn headers(message: &Message, now_ms: i64) -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(8);
    headers.insert("ttl", HeaderValue::from(payload::ttl(message, now_ms)));
    headers.insert(
        "urgency",
        HeaderValue::from_static(payload::urgency(message)),
    );
    let encoding = HeaderValue::from_static("aes128gcm");
    headers.insert(http::header::CONTENT_ENCODING, encoding);
    let octets = HeaderValue::from_static("application/octet-stream");
    headers.insert(http::header::CONTENT_TYPE, octets);
    headers
}

/// A later message with the same topic replaces one that waits: those of one key, and a repetition of the same
/// delivery, which then is shown once.
pub(super) fn put_topic(headers: &mut HeaderMap, message: &Message, id: DeliveryId) {
    let topic = match &message.collapse_key {
        Some(key) => URL_SAFE_NO_PAD.encode(&Sha256::digest(key.as_bytes())[..18]),
        None => URL_SAFE_NO_PAD.encode(id.bytes()),
    };
    if let Ok(topic) = HeaderValue::try_from(topic) {
        headers.insert("topic", topic);
    }
}
