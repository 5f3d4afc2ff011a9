//! Receipts: what devices say that became of a notification.

use diesel::prelude::*;
use loggia_sql::Connection;

use crate::delivery_id::DeliveryId;
use crate::event::{self, Happened};
use crate::kind;
use crate::schema::{push_delivery, push_notification, push_receipt};

/// What a device says.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// It was opened.
    Opened,
    /// Something in it was pressed.
    Clicked,
}

impl Kind {
    /// Its word, as in the column.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Opened => "opened",
            Kind::Clicked => "clicked",
        }
    }
}

impl From<Kind> for kind::Kind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Opened => kind::Kind::Opened,
            Kind::Clicked => kind::Kind::Clicked,
        }
    }
}

/// A receipt.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, serde::Serialize)]
#[diesel(table_name = push_receipt, check_for_backend(loggia_sql::Backend))]
pub struct Receipt {
    /// Of which notification.
    pub notification_id: i64,
    /// By which device.
    pub device_id: i64,
    /// The word of a [`Kind`].
    pub kind: String,
    /// When it came.
    pub received_ms: i64,
}

/// Enters a receipt and counts it; `false` where the device has sent it before, or the ledger knows of no such
/// delivery.
pub fn enter(
    connection: &mut Connection,
    (notification_id, device_id): (i64, i64),
    kind: Kind,
    now_ms: i64,
) -> QueryResult<bool> {
    connection.transaction(|connection| {
        let delivery = push_delivery::table.find((notification_id, device_id));
        if !diesel::select(diesel::dsl::exists(delivery)).get_result::<bool>(connection)? {
            return Ok(false);
        }
        let entered = diesel::insert_into(push_receipt::table)
            .values((
                push_receipt::notification_id.eq(notification_id),
                push_receipt::device_id.eq(device_id),
                push_receipt::kind.eq(kind.word()),
                push_receipt::received_ms.eq(now_ms),
            ))
            .on_conflict_do_nothing()
            .execute(connection)?;
        if entered == 0 {
            return Ok(false);
        }
        let notification = diesel::update(push_notification::table.find(notification_id));
        match kind {
            Kind::Opened => notification
                .set(push_notification::opened.eq(push_notification::opened + 1))
                .execute(connection)?,
            Kind::Clicked => notification
                .set(push_notification::clicked.eq(push_notification::clicked + 1))
                .execute(connection)?,
        };
        let happened = Happened::plain(device_id, kind.into());
        event::enter(connection, notification_id, &[happened], now_ms)?;
        Ok(true)
    })
}

/// The notification of the delivery with an id, as far as the ledger still knows of it.
pub fn notification_of(
    connection: &mut Connection,
    delivery: DeliveryId,
) -> QueryResult<Option<i64>> {
    /// A device answers for what it got lately: so many of its deliveries are looked at, and so many at once.
    const MOST: i64 = 10_000;
    const BATCH: i64 = 500;
    let (device_id, mut before) = (delivery.device_id(), i64::MAX);
    for _ in 0..MOST / BATCH {
        let batch: Vec<(i64, String)> = push_delivery::table
            .inner_join(
                push_notification::table
                    .on(push_notification::id.eq(push_delivery::notification_id)),
            )
            .filter(push_delivery::device_id.eq(device_id))
            .filter(push_delivery::notification_id.lt(before))
            .order(push_delivery::notification_id.desc())
            .limit(BATCH)
            .select((push_notification::id, push_notification::public_id))
            .load(connection)?;
        let named = |public_id: &str| DeliveryId::new(public_id, device_id) == delivery;
        if let Some((id, _)) = batch.iter().find(|(_, public_id)| named(public_id)) {
            return Ok(Some(*id));
        }
        match batch.last() {
            Some((last, _)) => before = *last,
            None => break,
        }
    }
    Ok(None)
}

/// What devices said of a notification, behind a device.
pub fn of_notification(
    connection: &mut Connection,
    notification_id: i64,
    after_device: i64,
    limit: i64,
) -> QueryResult<Vec<Receipt>> {
    push_receipt::table
        .filter(push_receipt::notification_id.eq(notification_id))
        .filter(push_receipt::device_id.gt(after_device))
        .order((push_receipt::device_id, push_receipt::kind))
        .limit(limit)
        .select(Receipt::as_select())
        .load(connection)
}
