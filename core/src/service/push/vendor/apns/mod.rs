//! Apple's push service over HTTP/2.

mod payload;
mod provider;
mod reason;

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, Uri};
use loggia_push::delivery_id::DeliveryIds;

use self::provider::Provider;
use self::reason::Meaning;
use super::desk::Desks;
use super::drive::{Drive, answer_all};
use super::gate::Gate;
use super::jwt::SigningKey;
use super::link::{Link, Lost, Reply, Unreachable};
use super::plan::{Bodies, Written, is_expired, wishes};
use super::trust::Trust;
use super::{
    ApnsCredentials, ApnsToken, Application, Batch, DeliveryId, Message, Outcome, Permission,
    Reason, Scope, Sender, Sending, Target, VendorSettings,
};
use crate::service::clock::now_ms;
use crate::service::outgoing::Guard;

pub(super) use self::reason::unknown;

/// So many requests of a batch wait for their answers at once; the connections' own limits are below that.
const AT_ONCE: usize = 2000;

static APNS_ID: HeaderName = HeaderName::from_static("apns-id");

/// Apple's sender.
pub(super) struct Apns {
    settings: Arc<VendorSettings>,
    trust: Trust,
    guard: Guard,
    desks: Desks<Desk>,
}

/// What it keeps for an application.
struct Desk {
    link: Link,
    /// Nothing where a certificate speaks for the application.
    provider: Option<Provider>,
    topic: Option<HeaderValue>,
    gate: Arc<Gate>,
}

/// One notification as all its devices have it in common.
struct Plan {
    message: Arc<Message>,
    ids: DeliveryIds,
    bodies: Bodies<(Written, HeaderMap)>,
    now_ms: i64,
    permission: Permission,
}

impl Apns {
    pub(super) fn new(settings: Arc<VendorSettings>, trust: Trust, guard: Guard) -> Self {
        Self {
            settings,
            trust,
            guard,
            desks: Desks::new(),
        }
    }

    /// Whether the credentials could be used, asked of nobody but themselves.
    pub(super) fn check(&self, application: &Application) -> Result<(), Reason> {
        self.desk(application).map(drop)
    }

    async fn deliver(&self, batch: Batch) {
        let desk = match self
            .desks
            .get(&batch.application, || self.desk(&batch.application))
        {
            Ok(desk) => desk,
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
            message: batch.message,
            ids: DeliveryIds::new(&batch.notification_public_id),
            bodies: Bodies::new(),
            now_ms,
            permission: batch.permission.clone(),
        };
        let drive = Drive {
            permission: batch.permission,
            answers: batch.answers,
            gate: Arc::clone(&desk.gate),
            stopped: OnceLock::new(),
        };
        let (desk, plan) = (&desk, &plan);
        let send = |target: Target| async move { desk.send(plan, &target).await };
        drive.run(batch.targets, AT_ONCE, send).await;
    }

    fn desk(&self, application: &Application) -> Result<Desk, Reason> {
        let credentials = application.credentials.apns.as_ref();
        let credentials = credentials.ok_or("there are no credentials for Apple")?;
        let (provider, tls) = match (&credentials.token, identity(credentials)) {
            (None, Some((chain, key))) => (None, self.trust.with_identity(chain, key)),
            (token, _) => {
                let provider = provider(token.as_ref(), credentials)?;
                (Some(provider), self.trust.anonymous())
            }
        };
        let base = if application.is_production {
            &self.settings.apns_url
        } else {
            &self.settings.apns_sandbox_url
        };
        let settings = &self.settings;
        let tls = tls.map_err(|fault| fault.to_string())?;
        let link = Link::new(
            base,
            tls,
            self.guard.clone(),
            settings.timeout,
            settings.connections,
        );
        let topic = credentials
            .bundle
            .as_deref()
            .map(HeaderValue::from_str)
            .transpose();
        Ok(Desk {
            link: link.map_err(|fault| format!("Apple's address: {fault}"))?,
            provider,
            topic: topic.map_err(|_| "`bundle` is not a bundle id")?,
            gate: Arc::new(Gate::default()),
        })
    }
}

impl Sender for Apns {
    fn send(&self, batch: Batch) -> Sending<'_> {
        Box::pin(self.deliver(batch))
    }
}

/// The certificate and its key, where both are there.
fn identity(credentials: &ApnsCredentials) -> Option<(&str, &str)> {
    let chain = credentials.certificate.as_deref()?;
    Some((chain, credentials.key.as_ref()?.expose()))
}

/// Says what is missing in the order in which LoopBack's users know it.
fn provider(token: Option<&ApnsToken>, credentials: &ApnsCredentials) -> Result<Provider, Reason> {
    let token = token.ok_or("`token` is missing")?;
    credentials.bundle.as_ref().ok_or("`bundle` is missing")?;
    let key_id = token.key_id.clone().ok_or("`token.key_id` is missing")?;
    let key = token.key.as_ref().ok_or("`token.key` is missing")?;
    let team_id = token.team_id.clone().ok_or("`token.team_id` is missing")?;
    let key = SigningKey::elliptic_from_pem(key.expose());
    let key = key.ok_or("`token.key` is not the text of a `.p8` file")?;
    Ok(Provider::new(key, key_id, team_id))
}

impl Desk {
    async fn send(&self, plan: &Plan, target: &Target) -> Outcome {
        let id = plan.ids.of(target.device_id);
        let parts = match self.parts(plan, target, id) {
            Ok(parts) => parts,
            Err(reason) => return Outcome::Refused { reason },
        };
        let (uri, headers, body) = parts;
        let id_text = id_header(id);
        // A second time only with a new token, whose first use may find that it is out of date too.
        for _ in 0..2 {
            let Some((authorization, number)) = self.authorization() else {
                let reason = Reason::from("the provider token could not be signed");
                return Outcome::BadCredentials { reason };
            };
            let request = || request(&uri, headers, (&id_text, authorization.as_ref()));
            match self.link.exchange(request, &body, &plan.permission).await {
                Err(Unreachable(reason)) => return self.unreachable(reason),
                Ok(Err(lost)) => return lost_outcome(lost),
                Ok(Ok(reply)) => {
                    if let Some(outcome) = self.judge(&reply, id, number) {
                        return outcome;
                    }
                }
            }
        }
        Outcome::Retry {
            after: None,
            scope: Scope::Application,
            reason: "ExpiredProviderToken".into(),
        }
    }

    /// The outcome, or nothing where the request is to be sent again with a new token.
    fn judge(&self, reply: &Reply, id: DeliveryId, number: u64) -> Option<Outcome> {
        if reply.status == StatusCode::OK {
            let vendor_id = compact_str::format_compact!("{id}");
            return Some(Outcome::Accepted { vendor_id });
        }
        let (meaning, outcome) = reason::judge(reply);
        match meaning {
            Meaning::Renew if self.provider.as_ref().is_some_and(|key| key.renew(number)) => None,
            Meaning::Renew | Meaning::ApplicationSlow => Some(self.pause(outcome)),
            Meaning::Later => Some(self.later(outcome)),
            _ => Some(outcome),
        }
    }

    /// Everything of the application waits.
    fn pause(&self, outcome: Outcome) -> Outcome {
        match outcome {
            Outcome::Retry { after, reason, .. } => Outcome::Retry {
                after: Some(
                    after.map_or_else(|| self.gate.back_off(), |after| self.gate.close(after)),
                ),
                scope: Scope::Application,
                reason,
            },
            other => other,
        }
    }

    /// One failure of the vendor's; many in a row close the gate.
    fn later(&self, outcome: Outcome) -> Outcome {
        if let Outcome::Retry { after, .. } = &outcome {
            match after {
                Some(after) => {
                    self.gate.close(*after);
                }
                None => self.gate.failed(),
            }
        }
        outcome
    }

    fn unreachable(&self, reason: &'static str) -> Outcome {
        Outcome::Retry {
            after: Some(self.gate.back_off()),
            scope: Scope::Application,
            reason: reason.into(),
        }
    }

    /// The header with the provider token, where there is one, and the token's number.
    fn authorization(&self) -> Option<(Option<HeaderValue>, u64)> {
        let Some(provider) = &self.provider else {
            return Some((None, 0));
        };
        let (header, number) = provider.header()?;
        Some((Some(header), number))
    }

    fn parts<'p>(
        &self,
        plan: &'p Plan,
        target: &Target,
        id: DeliveryId,
    ) -> Result<(Uri, &'p HeaderMap, Bytes), Reason> {
        let wishes = wishes(&plan.message, target);
        let (written, headers) = plan.bodies.get(wishes, || self.write(plan, wishes))?;
        let path = path(&target.token)?;
        let uri = self.link.uri(path).map_err(|_| "the token makes no path")?;
        Ok((uri, headers, written.template.fill(target, id)))
    }

    fn write(&self, plan: &Plan, wishes: super::Wishes) -> Result<(Written, HeaderMap), Reason> {
        let written = payload::write(&plan.message, wishes)?;
        let background = written.is_background;
        let mut headers =
            payload::headers(&plan.message, self.topic.as_ref(), background, plan.now_ms)?;
        // Places for what differs from request to request, so that a copy need not grow.
        headers.insert(&APNS_ID, HeaderValue::from_static(""));
        if self.provider.is_some() {
            headers.insert(http::header::AUTHORIZATION, HeaderValue::from_static(""));
        }
        Ok((written, headers))
    }
}

/// What is lost on the way: unsent it is sent again soon, unanswered nobody knows.
pub(super) fn lost_outcome(lost: Lost) -> Outcome {
    match lost {
        Lost::NotProcessed(reason) => Outcome::Retry {
            after: None,
            scope: Scope::Device,
            reason: reason.into(),
        },
        Lost::Unanswered(reason) => Outcome::Unanswered {
            reason: reason.into(),
        },
        Lost::Withheld => Outcome::Withheld,
    }
}

/// A request with what all have in common, its id, and perhaps the provider token.
fn request(
    uri: &Uri,
    common: &HeaderMap,
    (id, authorization): (&HeaderValue, Option<&HeaderValue>),
) -> Request<()> {
    let mut headers = common.clone();
    headers.insert(&APNS_ID, id.clone());
    if let Some(authorization) = authorization {
        headers.insert(http::header::AUTHORIZATION, authorization.clone());
    }
    let mut request = Request::new(());
    *request.method_mut() = Method::POST;
    *request.uri_mut() = uri.clone();
    *request.version_mut() = http::Version::HTTP_2;
    *request.headers_mut() = headers;
    request
}

/// The path of a token: blanks and angle brackets, as some clients send them, are left out.
fn path(token: &str) -> Result<PathAndQuery, Reason> {
    let mut path = String::with_capacity(10 + token.len());
    path.push_str("/3/device/");
    for part in token.split([' ', '<', '>']) {
        path.push_str(part);
    }
    let digits = &path.as_bytes()[10..];
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_hexdigit) {
        return Err("the token is not hexadecimal".into());
    }
    PathAndQuery::from_maybe_shared(Bytes::from(path)).map_err(|_| "the token makes no path".into())
}

/// Each id occurs once: it is kept out of the table of headers that the connection compresses with.
fn id_header(id: DeliveryId) -> HeaderValue {
    let text = Bytes::from(id.to_string());
    let mut header = HeaderValue::from_maybe_shared(text).unwrap_or(HeaderValue::from_static(""));
    header.set_sensitive(true);
    header
}
