//! The ledger: what became of each notification at each device.

use loggia_push::alarm;
use loggia_push::delivery::{self, State};
use loggia_sdk::prelude::*;
use loggia_site::clock::written;
use loggia_site::page::last_of_full;

use crate::{Push, bounds, engine, named};

/// The most rows of one page.
const MOST: i64 = 1000;

/// Parameters of `get/deliveries`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct GetDeliveries {
    /// Those of this notification, by its number or id.
    #[schemars(length(max = 100))]
    notification: Option<String>,
    /// Those to this device, by its number or id.
    #[schemars(length(max = 100))]
    device: Option<String>,
    /// Only those in this state.
    state: Option<State>,
    /// What `next` said.
    after: Option<i64>,
    /// How many a page has, at most 1000.
    #[schemars(range(min = 1, max = 1000))]
    limit: Option<i64>,
}

/// A row of the ledger.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct Delivery {
    /// The notification's number.
    notification_id: i64,
    /// The device's number.
    device_id: i64,
    /// What became of it.
    state: String,
    /// Why.
    reason: Option<String>,
    /// The vendor's name for it.
    vendor_id: Option<String>,
    /// How often it was sent.
    attempts: i64,
    /// When it is tried next, in UTC; `null` where that is not known, as until the end of an alarm.
    next_attempt: Option<String>,
    /// Since when the ledger has it, in UTC.
    created: String,
    /// When it changed last, in UTC.
    updated: String,
}

impl From<delivery::Delivery> for Delivery {
    fn from(row: delivery::Delivery) -> Self {
        Delivery {
            notification_id: row.notification_id,
            device_id: row.device_id,
            state: row.state,
            reason: row.reason,
            vendor_id: row.vendor_id,
            attempts: row.attempts,
            next_attempt: row
                .next_attempt_ms
                .filter(|&at_ms| at_ms < alarm::PARKED_MS)
                .map(written),
            created: written(row.created_ms),
            updated: written(row.updated_ms),
        }
    }
}

/// A page of the ledger.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Deliveries {
    /// The rows: of a notification by device, of a device newest first.
    deliveries: Vec<Delivery>,
    /// What `after` is for the next page; `null` at the end.
    next: Option<i64>,
}

/// Shows the ledger of a notification or of a device.
pub(crate) fn get(
    _push: &Push,
    call: &Call<'_>,
    given: GetDeliveries,
) -> Result<Deliveries, Fault> {
    let connection = &mut call.database()?;
    let limit = given.limit.unwrap_or(MOST);
    let (rows, next) = match (&given.notification, &given.device) {
        (Some(notification), Some(device)) => {
            let device = named::own_device(call, connection, device)?;
            let notification = named::notification(connection, notification)?;
            let found = delivery::find(connection, notification.id, device.id)?;
            (found.into_iter().collect(), None)
        }
        (Some(notification), None) if call.is_unbound() => {
            let notification = named::notification(connection, notification)?;
            let after = given.after.unwrap_or(0);
            let rows =
                delivery::of_notification(connection, notification.id, given.state, after, limit)?;
            let next = last_of_full(&rows, limit).map(|row| row.device_id);
            (rows, next)
        }
        (None, Some(device)) => {
            let device = named::own_device(call, connection, device)?;
            let rows = delivery::of_device(connection, device.id, given.state, given.after, limit)?;
            let next = last_of_full(&rows, limit).map(|row| row.notification_id);
            (rows, next)
        }
        _ => {
            return Err(Fault::parameter(
                "device",
                "must be given, or the notification by who may see all devices",
            ));
        }
    };
    Ok(Deliveries {
        deliveries: rows.into_iter().map(Delivery::from).collect(),
        next,
    })
}

/// Parameters of `post/resend`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Resend {
    /// The notification's number or id.
    #[schemars(length(max = 100), extend("x-missing" = "PSH_NUN"))]
    notification: String,
    /// Which deliveries: `unknown` or `refused`.
    state: Stuck,
    /// Only those to these devices, by their numbers.
    #[schemars(length(min = 1, max = 1000))]
    devices: Option<Vec<i64>>,
}

/// What can be sent again by hand.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Stuck {
    /// Nobody knows whether a vendor took it; it may come twice.
    Unknown,
    /// A vendor has refused it.
    Refused,
}

/// How many are sent again.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Resent {
    /// So many deliveries wait again.
    queued: usize,
}

/// Has deliveries sent again.
pub(crate) fn resend(_push: &Push, call: &Call<'_>, given: Resend) -> Result<Resent, Fault> {
    let now_ms = call.host().clock().now_ms();
    let state = match given.state {
        Stuck::Unknown => State::Unknown,
        Stuck::Refused => State::Refused,
    };
    if let Some(devices) = &given.devices {
        bounds::list("devices", devices, 1000)?;
    }
    let connection = &mut call.database_for_writing()?;
    let found = named::notification(connection, &given.notification)?;
    let devices = given.devices.as_deref();
    let queued = delivery::resend(connection, found.id, state, devices, now_ms)?;
    engine::wake(call)?;
    Ok(Resent { queued })
}
