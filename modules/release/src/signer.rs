//! The vendor's one key for licence files: the operator's own, or one that is made when it is first needed.

use std::sync::{Arc, PoisonError, RwLock};

use loggia_sdk::{Call, Fault};

use crate::secret;
use crate::signature::Signer;
use crate::store::signing_key;

/// The key once it was read.
#[derive(Default)]
pub(crate) struct Keeper(RwLock<Option<Arc<Signer>>>);

impl Keeper {
    /// With the key of the settings.
    pub(crate) fn holding(signer: Signer) -> Self {
        Keeper(RwLock::new(Some(Arc::new(signer))))
    }

    /// The key; it never changes while this instance runs.
    pub(crate) fn signer(&self, call: &Call<'_>) -> Result<Arc<Signer>, Fault> {
        let held = self
            .0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        if let Some(signer) = held {
            return Ok(signer);
        }
        let secret = match signing_key::find(&mut call.database()?)? {
            Some(secret) => secret,
            None => make(call)?,
        };
        // Its text is not told: it is the secret.
        let signer = Signer::parse(&secret);
        let signer =
            signer.ok_or_else(|| Fault::internal("the key of licence files is damaged"))?;
        let signer = Arc::new(signer);
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&signer));
        Ok(signer)
    }
}

/// Of several nodes that make one at the same time, the first one's counts for all.
fn make(call: &Call<'_>) -> Result<String, Fault> {
    let secret = secret::random()?;
    let now_ms = call.host().clock().now_ms();
    call.database_for_writing()?.transaction(|connection| {
        signing_key::add(connection, &secret, now_ms)?;
        let kept = signing_key::find(connection)?;
        kept.ok_or_else(|| Fault::internal("the key of licence files was not kept"))
    })
}
