//! Whether a request may come in, and its receipt: sessions, keys, quotas and the access log, in this order.

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use super::access::{Access, AdmissionRequest, Grant};
use super::caller::Caller;
use super::credentials;
use super::parameters::Parameters;
use super::request::{Named, RawRequest};
use super::table::Published;
use crate::fault::{Fault, Req};
use crate::module::descriptor::{Operation, OperationAccess, Route};
use crate::module::reply::Answer;
use crate::service::channels::form::Kind;
use crate::service::identity::{
    Identity, Session, SessionChange, SessionSlot, is_write_token, set_cookie,
};
use crate::settings::{Access as Entrance, StatusMode};
use crate::store::access_log::{AccessEntry, AccessKind, KeyMark};

/// What is asked for, as far as admission cares.
#[derive(Clone, Copy)]
pub struct Subject<'a> {
    /// Action, module and resource.
    pub named: &'a Named,
    /// Whether the operation is answered on a `user` endpoint without a session.
    pub is_guest_call: bool,
    /// What a key is to the operation, wherever it is published.
    pub key: KeyUse,
    /// How long the caller waits for a decision.
    pub patience: Duration,
}

/// What a key is to an operation on an endpoint that asks for none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyUse {
    /// It is not looked at.
    Ignored,
    /// One that is sent is checked and counts.
    Accepted,
    /// It must be there.
    Needed,
}

impl KeyUse {
    /// An operation's.
    pub fn of(operation: &Operation) -> Self {
        match operation.access {
            OperationAccess::Member => KeyUse::Accepted,
            OperationAccess::Key => KeyUse::Needed,
            _ if operation.scope.is_some() => KeyUse::Needed,
            _ => KeyUse::Ignored,
        }
    }

    /// A route's: what a key may do there is the module's to decide.
    pub fn of_route(route: &Route) -> Self {
        if route.scopes.is_empty() {
            KeyUse::Ignored
        } else {
            KeyUse::Accepted
        }
    }
}

/// A request that has come in, or has been refused.
pub struct Admitted {
    caller: Caller,
    session: Arc<SessionSlot>,
    grant: Option<Grant>,
    key: Option<KeyMark>,
}

impl Admitted {
    /// A request that nobody has admitted yet.
    pub fn refused() -> Self {
        Self::visitor(Caller::nobody(), Arc::default())
    }

    fn visitor(caller: Caller, session: Arc<SessionSlot>) -> Self {
        Admitted {
            caller,
            session,
            grant: None,
            key: None,
        }
    }

    /// Who calls.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// The session the call came with, and what becomes of it.
    pub fn session(&self) -> &Arc<SessionSlot> {
        &self.session
    }

    /// Whether a key that the client has sent is charged.
    pub(super) fn is_charged(&self) -> bool {
        self.grant.is_some()
    }

    /// Charges the request to a key that the client has not sent.
    pub(super) fn charge(&mut self, grant: Grant) {
        self.key = Some(grant.mark());
        self.grant = Some(grant);
    }

    /// The key that the log names.
    pub(super) fn name_key(&mut self, key: Option<KeyMark>) {
        self.key = key;
    }

    fn user(&self) -> i64 {
        match self.session.change() {
            Some(SessionChange::Opened { user, .. }) => user,
            Some(SessionChange::Closed) | None => self.caller.user,
        }
    }
}

/// The door.
pub struct Admission {
    identity: Arc<Identity>,
    access: Arc<OnceLock<Access>>,
}

impl Admission {
    /// With sessions; keys and the access log come when the server begins to serve.
    pub fn new(identity: Arc<Identity>) -> Self {
        Admission {
            identity,
            access: Arc::default(),
        }
    }

    /// Opens the door for keys, and the log. A second time is ignored.
    pub fn open(&self, access: Access) {
        // A server opens its door once; whoever comes second brings nothing else.
        let _ = self.access.set(access);
    }

    /// The same, for what outlives a borrow.
    pub(super) fn shared_access(&self) -> &Arc<OnceLock<Access>> {
        &self.access
    }

    /// Keys and the log, once the server serves.
    pub fn access(&self) -> Option<&Access> {
        self.access.get()
    }

    /// Admits a request by its endpoint's access, or says why not. What is known of a refused request by then
    /// stays in `admitted` for the log.
    pub async fn admit(
        &self,
        endpoint: &Published,
        request: &RawRequest<'_>,
        parameters: &mut Parameters<'_>,
        subject: Subject<'_>,
        admitted: &mut Admitted,
        headers: &mut Vec<(String, String)>,
    ) -> Result<(), Fault> {
        let key = take_key(request, parameters);
        *admitted = self.visitor(request, parameters).await?;
        let access = endpoint.settings.access;
        if access == Entrance::User && admitted.caller.user == 0 && !subject.is_guest_call {
            return Err(Req::AuthenticationRequired.fault());
        }
        let is_used = match subject.key {
            KeyUse::Ignored => access == Entrance::Key,
            KeyUse::Accepted => access == Entrance::Key || key.is_some(),
            KeyUse::Needed => true,
        };
        if is_used {
            self.admit_key(endpoint, key.as_deref(), subject, admitted, headers)
                .await?;
        }
        Ok(())
    }

    async fn admit_key(
        &self,
        endpoint: &Published,
        key: Option<&str>,
        subject: Subject<'_>,
        admitted: &mut Admitted,
        headers: &mut Vec<(String, String)>,
    ) -> Result<(), Fault> {
        let access = self.access.get().ok_or(Req::KeyGenericError)?;
        let admission = access.admit(&AdmissionRequest {
            key,
            endpoint: &endpoint.name,
            is_default_request: endpoint.is_default,
            action: &subject.named.action,
            module: &subject.named.module,
            resource: &subject.named.resource,
            session_user: admitted.caller.user,
            deadline: Instant::now() + subject.patience,
        });
        let decided = admission.decided().await;
        let quota = match &decided {
            Ok(grant) => grant.quota(),
            Err(refusal) => refusal.quota,
        };
        if let Some(quota) = quota.filter(|_| endpoint.settings.status == StatusMode::Semantic) {
            headers.extend(quota.headers());
        }
        match decided {
            Ok(grant) => {
                admitted.key = Some(grant.mark());
                let (user, key) = (grant.user_id(), grant.key_id());
                let scopes = Arc::clone(grant.scopes());
                // From here on the call counts, whatever becomes of it.
                admitted.grant = Some(grant);
                if admitted.caller.user == 0 && user != 0 {
                    admitted.caller = self.owner(user).await?;
                }
                admitted.caller.key = key;
                admitted.caller.scopes = scopes;
                Ok(())
            }
            Err(refusal) => {
                admitted.key.clone_from(&refusal.key);
                Err(refusal.into())
            }
        }
    }

    /// The account that a key is bound to; the key of a blocked one is not good.
    async fn owner(&self, user: i64) -> Result<Caller, Fault> {
        let identity = Arc::clone(&self.identity);
        let found = tokio::task::spawn_blocking(move || identity.principal(user)).await;
        match found {
            Ok(Ok(Some(principal))) => Ok(Caller::of(&principal)),
            Ok(Ok(None)) => Err(Req::KeyInvalid.fault()),
            Ok(Err(error)) => {
                tracing::error!("accounts cannot be read: {error}");
                Err(Req::KeyGenericError.fault())
            }
            Err(_) => Err(Req::KeyGenericError.fault()),
        }
    }

    /// Whoever the session says, a guest without one. The parameter wins over the cookie.
    async fn visitor(
        &self,
        request: &RawRequest<'_>,
        parameters: &mut Parameters<'_>,
    ) -> Result<Admitted, Fault> {
        let explicit = parameters.text("session_id").filter(|id| !id.is_empty());
        parameters.forget("session_id");
        let has_cookie_session = explicit.is_none();
        let Some(id) = explicit.or_else(|| request.credentials.cookie_session.map(str::to_owned))
        else {
            return Ok(Admitted::visitor(self.guest().await, Arc::default()));
        };
        let Some(session) = self.session(&id).await? else {
            return Ok(Admitted::visitor(self.guest().await, Arc::default()));
        };
        let caller = Caller {
            has_cookie_session,
            ..Caller::of(&session.principal)
        };
        Ok(Admitted::visitor(caller, SessionSlot::new(Some(id))))
    }

    /// Who is not logged in. Where nobody can say what guests may see, it is what everybody may.
    async fn guest(&self) -> Caller {
        if let Some(known) = self.identity.remembered_guest() {
            return Caller::of(&known);
        }
        let identity = Arc::clone(&self.identity);
        match tokio::task::spawn_blocking(move || identity.guest()).await {
            Ok(Ok(guest)) => Caller::of(&guest),
            Ok(Err(error)) => {
                tracing::error!("the groups of guests cannot be read: {error}");
                Caller::nobody()
            }
            Err(_) => Caller::nobody(),
        }
    }

    async fn session(&self, id: &str) -> Result<Option<Arc<Session>>, Fault> {
        if let Some(known) = self.identity.remembered(id) {
            return Ok(Some(known));
        }
        let (identity, id) = (Arc::clone(&self.identity), id.to_owned());
        let found = tokio::task::spawn_blocking(move || identity.resolve(&id)).await;
        match found {
            Ok(Ok(session)) => Ok(session),
            Ok(Err(error)) => {
                tracing::error!("sessions cannot be read: {error}");
                Err(Req::UnableToCheckAuthentication.fault())
            }
            Err(_) => Err(Req::UnableToCheckAuthentication.fault()),
        }
    }

    /// A cookie is sent by the browser whoever made the page, so a write with it needs a proof besides.
    pub fn check_proof(
        &self,
        request: &RawRequest<'_>,
        admitted: &Admitted,
        operation: &Operation,
    ) -> Result<(), Fault> {
        let is_bound =
            admitted.caller.has_cookie_session && operation.writes && !operation.contract;
        let proves = |token: &str| {
            admitted
                .session
                .given()
                .is_some_and(|session| is_write_token(session, token))
        };
        if !is_bound || request.is_same_origin || request.credentials.proof.is_some_and(proves) {
            return Ok(());
        }
        let rule = "a write by cookie needs an Origin or an X-CSRF-Token of this site";
        Err(Req::AuthenticationRequired.fault().detail(rule))
    }

    /// Writes the receipt, and lets the answer go when charge and row are as durable as they must be.
    pub async fn conclude(
        &self,
        endpoint: &Published,
        request: &RawRequest<'_>,
        named: Named,
        admitted: Admitted,
        result: Result<Answer, Fault>,
        headers: &mut Vec<(String, String)>,
    ) -> Result<Answer, Fault> {
        if let Some(change) = admitted.session.change() {
            headers.push((
                "set-cookie".to_owned(),
                set_cookie(&change, request.is_secure),
            ));
        }
        endpoint
            .counts
            .add(result.is_ok(), request.started.elapsed());
        let Some(access) = self.access.get() else {
            return result;
        };
        let traced = endpoint.settings.trace;
        let entry = traced.then(|| entry(access, endpoint, request, named, &admitted, &result));
        match (admitted.grant, entry) {
            (Some(grant), entry) => grant.finish(entry).await.and(result),
            (None, Some(entry)) => {
                access.record(entry).await;
                result
            }
            (None, None) => result,
        }
    }
}

fn take_key(request: &RawRequest<'_>, parameters: &mut Parameters<'_>) -> Option<String> {
    let text = |given| super::parameters::as_text(given).unwrap_or_default();
    let body = parameters.find_in_body("api_key").map(text);
    let query = parameters.find_in_query("api_key").map(text);
    parameters.forget("api_key");
    credentials::presented(
        body.as_deref(),
        query.as_deref(),
        request.credentials.header_key,
    )
    .map(str::to_owned)
}

fn entry(
    access: &Access,
    endpoint: &Published,
    request: &RawRequest<'_>,
    named: Named,
    admitted: &Admitted,
    result: &Result<Answer, Fault>,
) -> AccessEntry {
    let duration = request.started.elapsed();
    let (error_code, http_status) = match result {
        Ok(Answer::Bytes { status, .. }) => (None, *status),
        Ok(Answer::Members { .. } | Answer::File { .. }) => (None, 200),
        Ok(Answer::Stream { wanted, .. }) => match wanted.form.kind {
            Kind::Websocket => (None, 101),
            Kind::Events => (None, 200),
        },
        Err(fault) if named.is_route => (Some(fault.code.clone()), fault.status),
        Err(fault) => (
            Some(fault.code.clone()),
            status_of(endpoint.settings.status, fault),
        ),
    };
    AccessEntry {
        endpoint: Arc::clone(&endpoint.name),
        access: match endpoint.settings.access {
            Entrance::Free => AccessKind::Free,
            Entrance::User => AccessKind::User,
            Entrance::Key => AccessKind::Key,
        },
        request_ms: access.now_ms() - i64::try_from(duration.as_millis()).unwrap_or(0),
        error_code,
        user_id: admitted.user(),
        key: admitted.key.clone(),
        action: named.action,
        module: named.module,
        resource: named.resource,
        duration_us: i64::try_from(duration.as_micros()).unwrap_or(i64::MAX),
        request_id: request.request_id.clone(),
        client_address: request.client_address,
        http_status,
    }
}

/// The status that a fault is answered with.
fn status_of(mode: StatusMode, fault: &Fault) -> u16 {
    match mode {
        StatusMode::Compatible => 200,
        StatusMode::Semantic => fault.status,
    }
}
