//! What devices say that became of a notification.

use loggia_push::{device, notification, receipt};
use loggia_sdk::prelude::*;

use crate::{Push, engine};

/// Parameters of `post/receipts`. Who knows the ids that were sent to a device speaks for it.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct PostReceipt {
    /// The notification's id for the outside.
    #[schemars(length(max = 100), extend("x-missing" = "PSH_NUN"))]
    notification: String,
    /// The device's id for the outside.
    #[schemars(length(max = 100), extend("x-missing" = "PSH_DUN"))]
    device: String,
    /// `opened` or `clicked`.
    kind: receipt::Kind,
}

/// Whether it was new.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Received {
    /// Not where the device has said it before, or where nothing was sent to it.
    counted: bool,
}

/// Enters a receipt.
pub(crate) fn post(_push: &Push, call: &Call<'_>, given: PostReceipt) -> Result<Received, Fault> {
    let now_ms = call.host().clock().now_ms();
    let connection = &mut call.database_for_writing()?;
    let device = device::by_public_id(connection, &given.device)?;
    let device = device.ok_or_else(|| Fault::new("PSH_DUN"))?;
    let notification = notification::by_public_id(connection, &given.notification)?;
    let notification = notification.ok_or_else(|| Fault::new("PSH_NUN"))?;
    let pair = (notification.id, device.id);
    let counted = receipt::enter(connection, pair, given.kind, now_ms)?;
    if counted {
        // Its application may want to be told.
        engine::wake(call)?;
    }
    Ok(Received { counted })
}
