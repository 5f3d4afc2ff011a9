//! Google's HTTP v1 service: one request a device, many at once over HTTP/2.

mod account;
mod payload;
mod reason;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Uri};
use loggia_push::delivery_id::DeliveryIds;
use serde::Deserialize;

use self::account::{Account, NoAccess};
use self::reason::Meaning;
use super::apns::lost_outcome;
use super::caller::Caller;
use super::desk::Desks;
use super::drive::{Drive, answer_all};
use super::gate::{Gate, retry_after};
use super::link::{Link, Reply, Unreachable};
use super::plan::{Bodies, is_expired, wishes};
use super::template::Template;
use super::trust::Trust;
use super::{
    Application, Batch, Message, Outcome, Permission, Reason, Scope, Sender, Sending, Target,
    VendorSettings,
};
use crate::service::clock::now_ms;
use crate::service::outgoing::Guard;

/// So many requests of a batch wait for their answers at once.
const AT_ONCE: usize = 2000;

/// Google's advice where a quota is used up and nothing else is said.
const QUOTA_PAUSE: Duration = Duration::from_mins(1);

/// Google's sender.
pub(super) struct Fcm {
    settings: Arc<VendorSettings>,
    trust: Trust,
    guard: Guard,
    caller: Caller,
    desks: Desks<Desk>,
}

/// What it keeps for an application.
struct Desk {
    link: Link,
    caller: Caller,
    account: Account,
    uri: Uri,
    gate: Arc<Gate>,
}

/// One notification as all its devices have it in common.
struct Plan {
    message: Arc<Message>,
    ids: DeliveryIds,
    bodies: Bodies<Template>,
    now_ms: i64,
    permission: Permission,
}

/// What a message that was taken is called.
#[derive(Deserialize)]
struct Taken {
    name: String,
}

impl Fcm {
    pub(super) fn new(
        settings: Arc<VendorSettings>,
        trust: Trust,
        guard: Guard,
        caller: Caller,
    ) -> Self {
        Self {
            settings,
            trust,
            guard,
            caller,
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
        let credentials = application.credentials.fcm.as_ref();
        let credentials = credentials.ok_or("there are no credentials for Google")?;
        let account = Account::read(&credentials.service_account)?;
        account.check(&self.caller)?;
        let tls = self.trust.anonymous().map_err(|fault| fault.to_string())?;
        let settings = &self.settings;
        let guard = self.guard.clone();
        let link = Link::new(
            &settings.fcm_url,
            tls,
            guard,
            settings.timeout,
            settings.connections,
        );
        let link = link.map_err(|fault| format!("Google's address: {fault}"))?;
        let path = format!("/v1/projects/{}/messages:send", account.project_id);
        let path = PathAndQuery::try_from(path).ok();
        let uri = path.and_then(|path| link.uri(path).ok());
        Ok(Desk {
            link,
            caller: self.caller.clone(),
            uri: uri.ok_or("`service_account.project_id` makes no path")?,
            account,
            gate: Arc::new(Gate::default()),
        })
    }
}

impl Sender for Fcm {
    fn send(&self, batch: Batch) -> Sending<'_> {
        Box::pin(self.deliver(batch))
    }
}

impl Desk {
    async fn send(&self, plan: &Plan, target: &Target) -> Outcome {
        let wishes = wishes(&plan.message, target);
        let write = || payload::write(&plan.message, wishes, plan.now_ms);
        let body = match plan.bodies.get(wishes, write) {
            Ok(template) => template.fill(target, plan.ids.of(target.device_id)),
            Err(reason) => return Outcome::Refused { reason },
        };
        let mut refused = None;
        // A second time only with a new access token.
        for _ in 0..2 {
            let (headers, number) = match self.headers().await {
                Ok(headers) => headers,
                Err(outcome) => return outcome,
            };
            let reply = match self.exchange(&headers, &body, &plan.permission).await {
                Ok(reply) => reply,
                Err(outcome) => return outcome,
            };
            match self.judge(&reply) {
                Ok(outcome) => return outcome,
                Err(outcome) => {
                    self.account.renew(number);
                    refused = Some(outcome);
                }
            }
        }
        refused.unwrap_or(Outcome::Withheld)
    }

    async fn exchange(
        &self,
        headers: &HeaderMap,
        body: &Bytes,
        permission: &Permission,
    ) -> Result<Reply, Outcome> {
        let request = || {
            let mut request = Request::new(());
            *request.method_mut() = Method::POST;
            *request.uri_mut() = self.uri.clone();
            *request.version_mut() = http::Version::HTTP_2;
            *request.headers_mut() = headers.clone();
            request
        };
        match self.link.exchange(request, body, permission).await {
            Ok(answered) => answered.map_err(lost_outcome),
            Err(Unreachable(reason)) => Err(self.wait(None, reason.into())),
        }
    }

    /// The outcome, or as an error the one that a second try with a new access token may replace.
    fn judge(&self, reply: &Reply) -> Result<Outcome, Outcome> {
        if reply.status == StatusCode::OK {
            let taken: Option<Taken> = serde_json::from_slice(&reply.body).ok();
            let vendor_id = taken.map(|taken| taken.name.into()).unwrap_or_default();
            return Ok(Outcome::Accepted { vendor_id });
        }
        let after = retry_after(&reply.headers);
        let verdict = reason::judge(reply);
        let of_device = |after| Outcome::Retry {
            after,
            scope: Scope::Device,
            reason: verdict.reason.clone(),
        };
        match verdict.meaning {
            Meaning::Renew => Err(verdict.outcome()),
            Meaning::Slow if verdict.is_of_device => Ok(of_device(after)),
            Meaning::Slow => Ok(self.wait(Some(after.unwrap_or(QUOTA_PAUSE)), verdict.reason)),
            Meaning::Later if after.is_some() => Ok(self.wait(after, verdict.reason)),
            Meaning::Later => {
                self.gate.failed();
                Ok(of_device(None))
            }
            _ => Ok(verdict.outcome()),
        }
    }

    /// Everything of the application waits: as long as was asked, else longer at each turn.
    fn wait(&self, asked: Option<Duration>, reason: Reason) -> Outcome {
        let pause = match asked {
            Some(asked) => self.gate.close(asked),
            None => self.gate.back_off(),
        };
        Outcome::Retry {
            after: Some(pause),
            scope: Scope::Application,
            reason,
        }
    }

    async fn headers(&self) -> Result<(HeaderMap, u64), Outcome> {
        let (header, number) = match self.account.access(&self.caller).await {
            Ok(access) => access,
            Err(NoAccess::Refused(reason)) => return Err(Outcome::BadCredentials { reason }),
            Err(NoAccess::Later(reason)) => return Err(self.wait(None, reason)),
        };
        let mut headers = HeaderMap::with_capacity(2);
        headers.insert(http::header::AUTHORIZATION, header);
        let json = HeaderValue::from_static("application/json");
        headers.insert(http::header::CONTENT_TYPE, json);
        Ok((headers, number))
    }
}
