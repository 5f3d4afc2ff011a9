//! What devices say that became of a notification.

use loggia_push::{DeliveryId, Device, delivery, device, notification, receipt};
use loggia_sdk::prelude::*;
use loggia_sql::Connection;

use crate::{Push, engine};

/// Parameters of `post/receipts`. Who knows the ids that were sent to a device speaks for it.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct PostReceipt {
    /// The notification, by its id for the outside.
    #[schemars(length(max = 100))]
    notification: Option<String>,
    /// Or the delivery, by the id that the device was sent: `id` in what a browser is handed, the member that `id_member`
    /// names, the header `X-Delivery-Id`.
    #[schemars(length(max = 100))]
    delivery: Option<String>,
    /// The device, by its id for the outside.
    #[schemars(length(max = 100))]
    device: Option<String>,
    /// Or by its token.
    #[schemars(length(max = 4096))]
    token: Option<String>,
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
    if given.notification.is_none() && given.delivery.is_none() {
        return Err(Fault::new("PSH_NUN"));
    }
    let now_ms = call.host().clock().now_ms();
    let connection = &mut call.database_for_writing()?;
    let devices = devices(connection, &given)?;
    let (notification, device) = delivery_of(connection, &given, &devices)?;
    let counted = receipt::enter(connection, (notification, device), given.kind, now_ms)?;
    if counted {
        // Its application may want to be told.
        engine::wake(call)?;
    }
    Ok(Received { counted })
}

/// The device that speaks; with one token there may be one in each application.
fn devices(connection: &mut Connection, given: &PostReceipt) -> Result<Vec<Device>, Fault> {
    let found = match (&given.device, &given.token) {
        (Some(id), _) => device::by_public_id(connection, id)?.into_iter().collect(),
        (None, Some(token)) => device::by_token(connection, None, token)?,
        (None, None) => Vec::new(),
    };
    if found.is_empty() {
        return Err(Fault::new("PSH_DUN"));
    }
    Ok(found)
}

/// The numbers of the notification and of the device.
fn delivery_of(
    connection: &mut Connection,
    given: &PostReceipt,
    devices: &[Device],
) -> Result<(i64, i64), Fault> {
    let unknown = || Fault::new("PSH_NUN");
    if let Some(id) = &given.notification {
        let found = notification::by_public_id(connection, id)?.ok_or_else(unknown)?;
        let mut device = devices[0].id;
        for one in devices {
            if delivery::find(connection, found.id, one.id)?.is_some() {
                device = one.id;
            }
        }
        return Ok((found.id, device));
    }
    let id = given.delivery.as_deref().and_then(DeliveryId::read);
    let id = id.ok_or_else(unknown)?;
    let device = devices.iter().find(|one| one.id == id.device_id());
    let device = device.ok_or_else(|| Fault::new("PSH_DUN"))?;
    let notification = receipt::notification_of(connection, id)?.ok_or_else(unknown)?;
    Ok((notification, device.id))
}
