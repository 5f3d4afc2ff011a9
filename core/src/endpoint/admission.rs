//! Whether a request may come in, and its receipt: sessions, keys, quotas and the access log, in this order.

use std::sync::Arc;

use super::caller::Caller;
use super::dispatch::{Named, RawRequest};
use super::parameters::Parameters;
use super::table::Published;
use crate::fault::{Fault, Req};
use crate::module::descriptor::Operation;
use crate::module::reply::Answer;
use crate::service::identity::{Identity, Session, SessionSlot, is_write_token, set_cookie};
use crate::settings::Access;

/// What is asked for, as far as admission cares.
#[derive(Clone, Copy)]
pub struct Subject<'a> {
    /// Action, module and resource.
    pub named: &'a Named,
    /// Whether the operation is answered on a `user` endpoint without a session.
    pub is_guest_call: bool,
}

/// A request that has come in, or has been refused.
pub struct Admitted {
    caller: Caller,
    session: Arc<SessionSlot>,
}

impl Admitted {
    /// A request that nobody has admitted yet.
    pub fn refused() -> Self {
        Admitted {
            caller: Caller::guest(),
            session: Arc::default(),
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
}

/// The door.
pub struct Admission {
    identity: Arc<Identity>,
}

impl Admission {
    /// With the rooms it asks.
    pub fn new(identity: Arc<Identity>) -> Self {
        Admission { identity }
    }

    /// Admits a request by its endpoint's access, or says why not.
    pub async fn admit(
        &self,
        endpoint: &Published,
        request: &RawRequest,
        parameters: &mut Parameters,
        subject: Subject<'_>,
    ) -> Result<Admitted, Fault> {
        parameters.forget("api_key");
        let admitted = self.visitor(request, parameters).await?;
        match endpoint.settings.access {
            Access::User if admitted.caller.user == 0 && !subject.is_guest_call => {
                Err(Req::AuthenticationRequired.fault())
            }
            Access::Free | Access::User => Ok(admitted),
            Access::Key => Err(Req::KeyRequired.fault()),
        }
    }

    /// Whoever the session says, a guest without one. The parameter wins over the cookie.
    async fn visitor(
        &self,
        request: &RawRequest,
        parameters: &mut Parameters,
    ) -> Result<Admitted, Fault> {
        let explicit = parameters.text("session_id").filter(|id| !id.is_empty());
        parameters.forget("session_id");
        let has_cookie_session = explicit.is_none();
        let Some(id) = explicit.or_else(|| request.credentials.cookie_session.clone()) else {
            return Ok(Admitted::refused());
        };
        let Some(session) = self.session(&id).await? else {
            return Ok(Admitted::refused());
        };
        let caller = Caller {
            has_cookie_session,
            ..Caller::account(&session.principal)
        };
        Ok(Admitted {
            caller,
            session: SessionSlot::new(Some(id)),
        })
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
        request: &RawRequest,
        admitted: &Admitted,
        operation: &Operation,
    ) -> Result<(), Fault> {
        let is_bound =
            admitted.caller.has_cookie_session && operation.writes && !operation.contract;
        let proves = |token: &String| {
            admitted
                .session
                .given()
                .is_some_and(|session| is_write_token(session, token))
        };
        if !is_bound
            || request.is_same_origin
            || request.credentials.proof.as_ref().is_some_and(proves)
        {
            return Ok(());
        }
        let rule = "a write by cookie needs an Origin or an X-CSRF-Token of this site";
        Err(Req::AuthenticationRequired.fault().detail(rule))
    }

    /// Writes the receipt and lets the answer go when that is safe.
    pub async fn conclude(
        &self,
        _endpoint: &Published,
        request: &RawRequest,
        _named: &Named,
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
        result
    }
}
