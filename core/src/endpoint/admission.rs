//! Whether a request may come in, and its receipt: sessions, keys, quotas and the access log, in this order.

use super::caller::Caller;
use super::dispatch::{Named, RawRequest};
use super::parameters::Parameters;
use super::table::Published;
use crate::fault::{Fault, Req};
use crate::module::descriptor::Operation;
use crate::module::reply::Answer;
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
}

impl Admitted {
    /// A request that nobody has admitted yet.
    pub fn refused() -> Self {
        Admitted {
            caller: Caller::guest(),
        }
    }

    /// Who calls.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }
}

/// The door.
pub struct Admission {}

impl Admission {
    /// Admits a request by its endpoint's access, or says why not.
    pub async fn admit(
        &self,
        endpoint: &Published,
        _request: &RawRequest,
        parameters: &mut Parameters,
        subject: Subject<'_>,
        _headers: &mut [(String, String)],
    ) -> Result<Admitted, Fault> {
        parameters.forget("api_key");
        parameters.forget("session_id");
        match endpoint.settings.access {
            Access::Free => Ok(Admitted {
                caller: Caller::guest(),
            }),
            Access::User if subject.is_guest_call => Ok(Admitted {
                caller: Caller::guest(),
            }),
            Access::User => Err(Req::AuthenticationRequired.fault()),
            Access::Key => Err(Req::KeyRequired.fault()),
        }
    }

    /// A cookie is sent by the browser whoever made the page, so a write with it needs a proof besides.
    pub fn check_proof(
        &self,
        request: &RawRequest,
        caller: &Caller,
        operation: &Operation,
    ) -> Result<(), Fault> {
        if !caller.has_cookie_session
            || !operation.writes
            || operation.contract
            || request.is_same_origin
        {
            return Ok(());
        }
        Err(Req::AuthenticationRequired
            .fault()
            .detail("a write by cookie needs an Origin or X-CSRF-Token of this site"))
    }

    /// Writes the receipt and lets the answer go when that is safe.
    pub async fn conclude(
        &self,
        _endpoint: &Published,
        _request: &RawRequest,
        _named: &Named,
        _admitted: Admitted,
        result: Result<Answer, Fault>,
    ) -> Result<Answer, Fault> {
        result
    }
}
