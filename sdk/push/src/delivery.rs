//! The ledger: one row for each device and notification, which says what became of it.

use diesel::prelude::*;
use loggia_sql::{Connection, lock_rows};

use crate::audience::Audience;
use crate::device::{self, Device};
use crate::notification::{self, Notification};
use crate::rows;
use crate::schema::{push_delivery, push_device, push_notification};
use crate::wake;

pub use crate::state::State;

/// A row of the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, serde::Serialize)]
#[diesel(table_name = push_delivery, check_for_backend(loggia_sql::Backend))]
pub struct Delivery {
    /// What.
    pub notification_id: i64,
    /// To which device.
    pub device_id: i64,
    /// The word of a [`State`].
    pub state: String,
    /// Why it is in that state.
    pub reason: Option<String>,
    /// What the vendor calls it.
    pub vendor_id: Option<String>,
    /// The node that sent it last.
    pub node_id: Option<i64>,
    /// The claim under which that node did.
    pub fence: Option<i64>,
    /// How often it was sent.
    pub attempts: i64,
    /// When it is sent next.
    pub next_attempt_ms: Option<i64>,
    /// When the ledger learned of it.
    pub created_ms: i64,
    /// When its state last changed.
    pub updated_ms: i64,
}

/// The row of one device and notification.
pub fn find(
    connection: &mut Connection,
    notification_id: i64,
    device_id: i64,
) -> QueryResult<Option<Delivery>> {
    push_delivery::table
        .find((notification_id, device_id))
        .select(Delivery::as_select())
        .first(connection)
        .optional()
}

/// The rows of a notification behind a device, in the order of devices; in one state where one is given.
pub fn of_notification(
    connection: &mut Connection,
    notification_id: i64,
    state: Option<State>,
    after_device: i64,
    limit: i64,
) -> QueryResult<Vec<Delivery>> {
    let mut query = push_delivery::table
        .filter(push_delivery::notification_id.eq(notification_id))
        .filter(push_delivery::device_id.gt(after_device))
        .into_boxed();
    if let Some(state) = state {
        query = query.filter(push_delivery::state.eq(state.word()));
    }
    query
        .order(push_delivery::device_id)
        .limit(limit)
        .select(Delivery::as_select())
        .load(connection)
}

/// The rows of a device, newest notification first, before a notification where one is given; in one state where one is
/// given.
pub fn of_device(
    connection: &mut Connection,
    device_id: i64,
    state: Option<State>,
    before: Option<i64>,
    limit: i64,
) -> QueryResult<Vec<Delivery>> {
    let mut query = push_delivery::table
        .filter(push_delivery::device_id.eq(device_id))
        .filter(push_delivery::notification_id.lt(before.unwrap_or(i64::MAX)))
        .into_boxed();
    if let Some(state) = state {
        query = query.filter(push_delivery::state.eq(state.word()));
    }
    query
        .order(push_delivery::notification_id.desc())
        .limit(limit)
        .select(Delivery::as_select())
        .load(connection)
}

/// Why a device got what it got of a notification, or nothing.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Why {
    /// What the ledger knows.
    pub delivery: Option<Delivery>,
    /// A sentence for people.
    pub explanation: String,
}

/// Explains what became of a notification at a device.
pub fn why(
    connection: &mut Connection,
    notification: &Notification,
    device: &Device,
) -> QueryResult<Why> {
    let delivery = find(connection, notification.id, device.id)?;
    let explanation = match &delivery {
        Some(delivery) => of_row(delivery),
        None => without_row(connection, notification, device)?,
    };
    Ok(Why {
        delivery,
        explanation,
    })
}

fn of_row(delivery: &Delivery) -> String {
    let reason = delivery.reason.as_deref().unwrap_or("no reason was given");
    let times = match delivery.attempts {
        1 => "once".to_owned(),
        times => format!("{times} times"),
    };
    match State::from_word(&delivery.state) {
        Some(State::Queued) if delivery.attempts == 0 => format!("it waits: {reason}"),
        Some(State::Queued) => format!("it was sent {times} and waits for the next time: {reason}"),
        Some(State::Sent) => "it is being sent".to_owned(),
        Some(State::Accepted) => format!("its vendor took it; it was sent {times}"),
        Some(State::Refused) => format!("its vendor refused it: {reason}"),
        Some(State::Gone) => format!("its vendor says that the device is no more: {reason}"),
        Some(State::Expired) => "it was out of date before it could be sent".to_owned(),
        Some(State::Skipped) => format!("it was not to be sent: {reason}"),
        Some(State::Unknown) => format!("nobody knows whether its vendor took it: {reason}"),
        None => reason.to_owned(),
    }
}

fn without_row(
    connection: &mut Connection,
    notification: &Notification,
    device: &Device,
) -> QueryResult<String> {
    use crate::notification::status;
    if notification
        .application_id
        .is_some_and(|id| id != device.application_id)
    {
        return Ok("the notification is for another application".to_owned());
    }
    if notification
        .platform
        .as_ref()
        .is_some_and(|platform| *platform != device.platform)
    {
        return Ok("the notification is for another platform".to_owned());
    }
    if !is_in_audience(connection, notification, device.id)? {
        return Ok("the device is not in the notification's audience".to_owned());
    }
    let told = match notification.status {
        status::ABORTED => "the notification was aborted before it came to this device",
        status::PAUSED => "the notification is paused",
        status::SCHEDULED => "the notification's sending has not begun",
        status::RUNNING if device.id > notification.last_device_id => {
            "the notification's sending has not come to this device yet"
        }
        _ => "the device came into the audience after the notification had passed it",
    };
    Ok(told.to_owned())
}

fn is_in_audience(
    connection: &mut Connection,
    notification: &Notification,
    device_id: i64,
) -> QueryResult<bool> {
    let Some(audience) = Audience::read(&notification.audience) else {
        return Ok(false);
    };
    crate::source::contains(connection, &audience, device_id)
}

/// Has deliveries sent again by hand whose fate is unknown, or which were refused: all of a notification, or those to
/// some devices. How many they are; nothing is changed but those.
pub fn resend(
    connection: &mut Connection,
    notification_id: i64,
    state: State,
    devices: Option<&[i64]>,
    now_ms: i64,
) -> QueryResult<usize> {
    if !matches!(state, State::Unknown | State::Refused) {
        return Ok(0);
    }
    connection.transaction(|connection| {
        let found = lock_rows(
            push_notification::table
                .find(notification_id)
                .select(push_notification::id),
        )
        .get_result::<i64>(connection)
        .optional()?;
        if found.is_none() {
            return Ok(0);
        }
        let stuck = push_delivery::table
            .filter(push_delivery::notification_id.eq(notification_id))
            .filter(push_delivery::state.eq(state.word()));
        let back = (
            push_delivery::state.eq(State::Queued.word()),
            push_delivery::reason.eq(Some("sent again by hand")),
            push_delivery::next_attempt_ms.eq(Some(now_ms)),
            push_delivery::updated_ms.eq(now_ms),
        );
        let changed = match devices {
            Some(ids) => {
                let those = stuck.filter(push_delivery::device_id.eq_any(ids.iter().copied()));
                diesel::update(those).set(back).execute(connection)?
            }
            None => diesel::update(stuck).set(back).execute(connection)?,
        };
        let count = i64::try_from(changed).unwrap_or(i64::MAX);
        rows::count(
            connection,
            notification_id,
            &[(state, -count), (State::Queued, count)],
        )?;
        if changed > 0 {
            wake::tell(connection)?;
            diesel::update(push_notification::table.find(notification_id))
                .set((
                    push_notification::status.eq(notification::status::RUNNING),
                    push_notification::due_ms.eq(Some(now_ms)),
                ))
                .execute(connection)?;
        }
        Ok(changed)
    })
}

/// The devices of some rows, in no particular order.
pub fn devices(connection: &mut Connection, rows: &[Delivery]) -> QueryResult<Vec<Device>> {
    push_device::table
        .filter(push_device::id.eq_any(rows.iter().map(|row| row.device_id)))
        .select(device::Device::as_select())
        .load(connection)
}
