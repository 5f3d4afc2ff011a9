//! jBackend's `get/push/stats`, with numbers that it did not have.

use loggia_sdk::prelude::*;

use crate::{Push, store};

/// It takes no parameters.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct GetStats {}

/// How much there is.
#[expect(
    clippy::struct_field_names,
    reason = "the member is jBackend's, and so is the resource"
)]
#[derive(Serialize, JsonSchema)]
pub(crate) struct Stats {
    /// Always `yes`, as jBackend says.
    stats: String,
    /// How many applications there are.
    apps: i64,
    /// How many devices are sent to.
    devices: i64,
    /// How many notifications wait or are being sent.
    pending: i64,
    /// How many deliveries of them wait.
    queued: i64,
    /// Of how many deliveries nobody knows whether the vendor took them.
    unknown: i64,
}

/// Counts.
pub(crate) fn get(_push: &Push, call: &Call<'_>, _given: GetStats) -> Result<Stats, Fault> {
    let connection = &mut call.database()?;
    let counts = store::counts(connection)?;
    Ok(Stats {
        stats: "yes".to_owned(),
        apps: counts.applications,
        devices: counts.devices,
        pending: counts.pending,
        queued: counts.queued,
        unknown: counts.unknown,
    })
}
