//! What a call is charged to that came without a key, where its module knows one that the operator has put behind it.

use std::sync::{Arc, OnceLock};
use std::time::Instant;

use parking_lot::Mutex;
use tokio::runtime::Handle;

use super::access::{Access, AdmissionRequest, Grant, Refusal};
use super::admission::Admitted;
use super::request::Named;
use super::table::Published;
use crate::fault::{Fault, Req};
use crate::service::till::Till;
use crate::settings::StatusMode;

/// The till of one request.
pub(super) struct Register {
    access: Arc<OnceLock<Access>>,
    /// For the rare decision that is awaited.
    runtime: Handle,
    endpoint: Arc<str>,
    is_default_request: bool,
    named: Named,
    session_user: i64,
    deadline: Instant,
    /// Whether the client has sent a key, which is charged already.
    is_paid: bool,
    outcome: Mutex<Option<Result<Grant, Refusal>>>,
}

impl Register {
    /// For a request that has been admitted; on the thread of a runtime.
    pub(super) fn new(
        access: &Arc<OnceLock<Access>>,
        endpoint: &Published,
        named: &Named,
        admitted: &Admitted,
        deadline: Instant,
    ) -> Arc<Self> {
        Arc::new(Register {
            access: Arc::clone(access),
            runtime: Handle::current(),
            endpoint: Arc::clone(&endpoint.name),
            is_default_request: endpoint.is_default,
            named: named.clone(),
            session_user: admitted.caller().user,
            deadline,
            is_paid: admitted.is_charged(),
            outcome: Mutex::default(),
        })
    }

    fn charge(&self, key: i64) -> Result<Grant, Refusal> {
        let unable = || Refusal::of(Req::KeyGenericError, None);
        let access = self.access.get().ok_or_else(unable)?;
        let admission = access.admit_record(
            key,
            &AdmissionRequest {
                key: None,
                endpoint: &self.endpoint,
                is_default_request: self.is_default_request,
                action: &self.named.action,
                module: &self.named.module,
                resource: &self.named.resource,
                session_user: self.session_user,
                deadline: self.deadline,
            },
        );
        self.runtime.block_on(admission.decided())
    }

    /// Enters in the books what the module's call was charged to, once it has ended. A refusal is the answer, whatever the
    /// module has made of it.
    pub(super) fn settle(
        &self,
        mode: StatusMode,
        admitted: &mut Admitted,
        headers: &mut Vec<(String, String)>,
    ) -> Result<(), Fault> {
        let Some(outcome) = self.outcome.lock().take() else {
            return Ok(());
        };
        let quota = match &outcome {
            Ok(grant) => grant.quota(),
            Err(refusal) => refusal.quota,
        };
        if let Some(quota) = quota.filter(|_| mode == StatusMode::Semantic) {
            headers.extend(quota.headers());
        }
        match outcome {
            Ok(grant) => {
                admitted.charge(grant);
                Ok(())
            }
            Err(refusal) => {
                admitted.name_key(refusal.key.clone());
                Err(refusal.into())
            }
        }
    }
}

impl Till for Register {
    fn count(&self, key: i64) -> Result<(), &'static str> {
        if self.is_paid {
            return Ok(());
        }
        let mut outcome = self.outcome.lock();
        match outcome.get_or_insert_with(|| self.charge(key)) {
            Ok(_) => Ok(()),
            Err(refusal) => Err(refusal.code.code()),
        }
    }
}
