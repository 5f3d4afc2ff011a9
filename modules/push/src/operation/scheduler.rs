//! jBackend's `get/push/scheduler`: sends what is due, and says how much that was.

use loggia_sdk::prelude::*;

use crate::Push;

/// It takes no parameters.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct GetScheduler {}

/// What one run did.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Ran {
    /// How many devices a run sends to at most.
    batch_size: i64,
    /// To so many devices something was sent.
    sent: i64,
    /// So many of them a vendor has taken.
    success: i64,
    /// So many it has not.
    failure: i64,
}

/// Sends what is due.
pub(crate) fn get(push: &Push, call: &Call<'_>, _given: GetScheduler) -> Result<Ran, Fault> {
    let most = i64::from(push.settings.batch_size);
    let run = call.host().push()?.run(call, Some(most))?;
    Ok(Ran {
        batch_size: run.batch_size,
        sent: run.sent,
        success: run.success,
        failure: run.failure,
    })
}
