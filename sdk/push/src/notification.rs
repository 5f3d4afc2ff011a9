//! Notifications: what is sent, to whom, when, and how far it is.

use diesel::prelude::*;
use loggia_sql::Connection;

use crate::identity;
use crate::platform::Platform;
use crate::schema::{push_delivery, push_notification, push_receipt};
use crate::state::State;
use crate::wake;

/// The numbers of the column `status`, as in jBackend.
pub mod status {
    /// Deleted for people, and never sent.
    pub const ABORTED: i64 = -2;
    /// Sent no further for now.
    pub const PAUSED: i64 = -1;
    /// Sent from its time on.
    pub const SCHEDULED: i64 = 0;
    /// Being sent.
    pub const RUNNING: i64 = 1;
    /// Sent to all devices.
    pub const COMPLETED: i64 = 2;
    /// All of them.
    pub const ALL: [i64; 5] = [ABORTED, PAUSED, SCHEDULED, RUNNING, COMPLETED];
}

/// The words of the column `unknown_policy`: what becomes of a delivery of which nobody knows whether the vendor
/// took it.
pub mod unknown_policy {
    /// It is sent again, under the same id.
    pub const RESEND: &str = "resend";
    /// It stays, shown, until somebody has it sent again.
    pub const HOLD: &str = "hold";
}

/// A notification. The counters say in which states its deliveries are; together they are as many as the ledger has
/// rows of it.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Identifiable, serde::Serialize)]
#[diesel(table_name = push_notification, check_for_backend(loggia_sql::Backend))]
pub struct Notification {
    /// Its number.
    pub id: i64,
    /// Its id for the outside, unique and not to be guessed.
    pub public_id: String,
    /// Whose devices are told; `None`: those of every application.
    pub application_id: Option<i64>,
    /// Which devices are told, the word of a [`Platform`]; `None`: all.
    pub platform: Option<String>,
    /// Who is told: the JSON of [`Audience`](crate::audience::Audience).
    pub audience: String,
    /// What is said: the JSON of [`Message`](crate::message::Message).
    pub message: String,
    /// What it is about, for those who do not want to hear of that.
    pub topic: Option<String>,
    /// What the sender notes with it.
    pub context: Option<String>,
    /// What an interface keeps besides: a JSON object.
    pub details: String,
    /// A word of [`unknown_policy`].
    pub unknown_policy: String,
    /// Sent in quiet hours too.
    pub urgent: bool,
    /// A number of [`status`].
    pub status: i64,
    /// From when on it is sent.
    pub scheduled_ms: i64,
    /// Until when it is sent.
    pub expires_ms: Option<i64>,
    /// When the engine looks at it next; `None`: not at all.
    pub due_ms: Option<i64>,
    /// Up to which device its deliveries are in the ledger.
    pub last_device_id: i64,
    /// When devices were last taken for it.
    pub last_run_ms: Option<i64>,
    /// How many wait, for the first time or again.
    pub queued: i64,
    /// How many are under way.
    pub sent: i64,
    /// How many a vendor has taken.
    pub accepted: i64,
    /// How many a vendor has refused.
    pub refused: i64,
    /// How many went to devices that are no more.
    pub gone: i64,
    /// How many were not sent in time.
    pub expired: i64,
    /// How many were not to be sent.
    pub skipped: i64,
    /// Of how many nobody knows.
    pub unknown: i64,
    /// How often something was sent.
    pub attempts: i64,
    /// How often nobody knew, also where it was sent again since: so many doubles there may be.
    pub unknowns: i64,
    /// How many devices said that it was opened.
    pub opened: i64,
    /// How many devices said that something in it was pressed.
    pub clicked: i64,
    /// One more at each change by hand.
    pub version: i64,
    /// When it was made.
    pub created_ms: i64,
    /// When it was changed last, by hand or by its status.
    pub modified_ms: i64,
}

impl Notification {
    /// The counter of a state.
    pub(crate) fn counter(&mut self, state: State) -> &mut i64 {
        match state {
            State::Queued => &mut self.queued,
            State::Sent => &mut self.sent,
            State::Accepted => &mut self.accepted,
            State::Refused => &mut self.refused,
            State::Gone => &mut self.gone,
            State::Expired => &mut self.expired,
            State::Skipped => &mut self.skipped,
            State::Unknown => &mut self.unknown,
        }
    }

    /// How many deliveries the ledger has of it.
    pub fn deliveries(&self) -> i64 {
        [
            self.queued,
            self.sent,
            self.accepted,
            self.refused,
            self.gone,
            self.expired,
            self.skipped,
            self.unknown,
        ]
        .iter()
        .sum()
    }
}

/// A notification that is to be made.
#[derive(Clone, Debug)]
pub struct NewNotification<'a> {
    /// As in [`Notification`].
    pub application_id: Option<i64>,
    /// As in [`Notification`].
    pub platform: Option<Platform>,
    /// As in [`Notification`].
    pub audience: &'a str,
    /// As in [`Notification`].
    pub message: &'a str,
    /// As in [`Notification`].
    pub topic: Option<&'a str>,
    /// As in [`Notification`].
    pub context: Option<&'a str>,
    /// A JSON object.
    pub details: &'a str,
    /// A word of [`unknown_policy`].
    pub unknown_policy: &'a str,
    /// As in [`Notification`].
    pub urgent: bool,
    /// [`status::SCHEDULED`] or [`status::PAUSED`].
    pub status: i64,
    /// As in [`Notification`].
    pub scheduled_ms: i64,
    /// As in [`Notification`].
    pub expires_ms: Option<i64>,
}

impl<'a> NewNotification<'a> {
    /// To an audience of an application, from now on.
    pub fn new(
        application_id: Option<i64>,
        audience: &'a str,
        message: &'a str,
        now_ms: i64,
    ) -> Self {
        NewNotification {
            application_id,
            platform: None,
            audience,
            message,
            topic: None,
            context: None,
            details: "{}",
            unknown_policy: unknown_policy::RESEND,
            urgent: false,
            status: status::SCHEDULED,
            scheduled_ms: now_ms,
            expires_ms: None,
        }
    }
}

/// What is to be changed of a notification; `None` stays as it is.
#[derive(Clone, Debug, Default, AsChangeset)]
#[diesel(table_name = push_notification)]
pub struct Change {
    /// As in [`Notification`].
    pub application_id: Option<Option<i64>>,
    /// As in [`Notification`].
    pub platform: Option<Option<String>>,
    /// As in [`Notification`].
    pub audience: Option<String>,
    /// As in [`Notification`].
    pub message: Option<String>,
    /// As in [`Notification`].
    pub topic: Option<Option<String>>,
    /// As in [`Notification`].
    pub context: Option<Option<String>>,
    /// A JSON object.
    pub details: Option<String>,
    /// A word of [`unknown_policy`].
    pub unknown_policy: Option<String>,
    /// As in [`Notification`].
    pub urgent: Option<bool>,
    /// As in [`Notification`].
    pub scheduled_ms: Option<i64>,
    /// As in [`Notification`].
    pub expires_ms: Option<Option<i64>>,
}

/// Makes a notification. Nothing is sent before the transaction ends; wake the engine then. Those of other nodes
/// are told.
pub fn create(
    connection: &mut Connection,
    new: &NewNotification<'_>,
    now_ms: i64,
) -> QueryResult<Notification> {
    let due_ms = (new.status == status::SCHEDULED).then_some(new.scheduled_ms);
    if due_ms.is_some_and(|due_ms| due_ms <= now_ms) {
        wake::tell(connection)?;
    }
    diesel::insert_into(push_notification::table)
        .values((
            (
                push_notification::public_id.eq(identity::public_id()),
                push_notification::application_id.eq(new.application_id),
                push_notification::platform.eq(new.platform.map(Platform::word)),
                push_notification::audience.eq(new.audience),
                push_notification::message.eq(new.message),
                push_notification::topic.eq(new.topic),
                push_notification::context.eq(new.context),
                push_notification::details.eq(new.details),
                push_notification::unknown_policy.eq(new.unknown_policy),
                push_notification::urgent.eq(new.urgent),
                push_notification::status.eq(new.status),
                push_notification::scheduled_ms.eq(new.scheduled_ms),
                push_notification::expires_ms.eq(new.expires_ms),
                push_notification::due_ms.eq(due_ms),
                push_notification::last_device_id.eq(0),
            ),
            (
                push_notification::queued.eq(0),
                push_notification::sent.eq(0),
                push_notification::accepted.eq(0),
                push_notification::refused.eq(0),
                push_notification::gone.eq(0),
                push_notification::expired.eq(0),
                push_notification::skipped.eq(0),
                push_notification::unknown.eq(0),
                push_notification::attempts.eq(0),
                push_notification::unknowns.eq(0),
                push_notification::opened.eq(0),
                push_notification::clicked.eq(0),
                push_notification::version.eq(1),
                push_notification::created_ms.eq(now_ms),
                push_notification::modified_ms.eq(now_ms),
            ),
        ))
        .returning(Notification::as_returning())
        .get_result(connection)
}

/// Changes a notification whose sending has not begun; `None` where it is not there or has.
pub fn change(
    connection: &mut Connection,
    id: i64,
    change: &Change,
    now_ms: i64,
) -> QueryResult<Option<Notification>> {
    let unsent = push_notification::table
        .filter(push_notification::id.eq(id))
        .filter(push_notification::last_device_id.eq(0))
        .filter(push_notification::status.eq_any([
            status::SCHEDULED,
            status::PAUSED,
            status::ABORTED,
        ]));
    let changed = diesel::update(unsent)
        .set((
            change.clone(),
            push_notification::version.eq(push_notification::version + 1),
            push_notification::modified_ms.eq(now_ms),
        ))
        .returning(Notification::as_returning())
        .get_result(connection)
        .optional()?;
    match changed {
        Some(changed) if changed.status == status::SCHEDULED => {
            set_status(connection, id, status::SCHEDULED, now_ms)
        }
        other => Ok(other),
    }
}

/// Puts a notification into a status by hand; `None` where it is not there. One whose sending has begun goes on
/// where it stopped when it is scheduled again; what was completed begins anew for devices that came since.
pub fn set_status(
    connection: &mut Connection,
    id: i64,
    status: i64,
    now_ms: i64,
) -> QueryResult<Option<Notification>> {
    let Some(known) = by_id(connection, id)? else {
        return Ok(None);
    };
    let sends = matches!(status, status::SCHEDULED | status::RUNNING);
    let due_ms = sends.then_some(known.scheduled_ms);
    if sends {
        wake::tell(connection)?;
    }
    diesel::update(push_notification::table.find(id))
        .set((
            push_notification::status.eq(status),
            push_notification::due_ms.eq(due_ms),
            push_notification::version.eq(push_notification::version + 1),
            push_notification::modified_ms.eq(now_ms),
        ))
        .returning(Notification::as_returning())
        .get_result(connection)
        .optional()
}

/// The notification with a number.
pub fn by_id(connection: &mut Connection, id: i64) -> QueryResult<Option<Notification>> {
    push_notification::table
        .find(id)
        .select(Notification::as_select())
        .first(connection)
        .optional()
}

/// The notification with an id for the outside.
pub fn by_public_id(
    connection: &mut Connection,
    public_id: &str,
) -> QueryResult<Option<Notification>> {
    push_notification::table
        .filter(push_notification::public_id.eq(public_id))
        .select(Notification::as_select())
        .first(connection)
        .optional()
}

/// How many are deleted by one statement: databases take tens of thousands of values at most.
const DELETED_AT_ONCE: usize = 1_000;

/// Deletes notifications with their ledger and receipts.
pub fn delete(connection: &mut Connection, ids: &[i64]) -> QueryResult<usize> {
    let mut count = 0;
    for some in ids.chunks(DELETED_AT_ONCE) {
        let ids = || some.iter().copied();
        diesel::delete(push_receipt::table.filter(push_receipt::notification_id.eq_any(ids())))
            .execute(connection)?;
        diesel::delete(push_delivery::table.filter(push_delivery::notification_id.eq_any(ids())))
            .execute(connection)?;
        let gone = push_notification::table.filter(push_notification::id.eq_any(ids()));
        count += diesel::delete(gone).execute(connection)?;
    }
    Ok(count)
}
