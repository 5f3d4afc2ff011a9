//! Alarms: an application's sending is stopped on one platform, because its credentials are not taken there. Its
//! deliveries wait until somebody has put that right; no device is retired because of it.

use diesel::prelude::*;
use loggia_sql::{Connection, lock_rows};

use crate::application::{Alarm, Application};
use crate::event::{self, Kind};
use crate::notification::status;
use crate::platform::Platform;
use crate::schema::{push_application, push_delivery, push_notification};
use crate::wake;

/// The next attempt of what waits for the end of an alarm: the end of the year 9999.
pub const PARKED_MS: i64 = 253_402_300_799_000;

/// Stops an application's sending on a platform; `false` where it was stopped already.
pub fn raise(
    connection: &mut Connection,
    application_id: i64,
    platform: Platform,
    reason: &str,
    now_ms: i64,
) -> QueryResult<bool> {
    connection.transaction(|connection| {
        let Some(application) = lock(connection, application_id)? else {
            return Ok(false);
        };
        let mut alarms = application.alarms();
        if alarms.contains_key(&platform) {
            return Ok(false);
        }
        let alarm = Alarm {
            reason: reason.to_owned(),
            since_ms: now_ms,
        };
        alarms.insert(platform, alarm);
        write(connection, application_id, &alarms, now_ms)?;
        let told = [(platform, Some(reason))];
        event::enter_alarm(connection, application_id, Kind::Alarm, &told, now_ms)?;
        Ok(true)
    })
}

/// Lets an application send again, on one platform or on all, and everything that waits for it go on. `false` where
/// nothing was stopped; what waits goes on all the same, because it may have come to wait a moment after the end.
pub fn end(
    connection: &mut Connection,
    application_id: i64,
    platform: Option<Platform>,
    now_ms: i64,
) -> QueryResult<bool> {
    connection.transaction(|connection| {
        let Some(application) = lock(connection, application_id)? else {
            return Ok(false);
        };
        let mut alarms = application.alarms();
        let mut ended = Vec::new();
        alarms.retain(|one, _| {
            let stays = platform.is_some_and(|platform| platform != *one);
            ended.extend((!stays).then_some((*one, None)));
            stays
        });
        let was_stopped = !ended.is_empty();
        if was_stopped {
            write(connection, application_id, &alarms, now_ms)?;
            event::enter_alarm(connection, application_id, Kind::AlarmEnded, &ended, now_ms)?;
        }
        let waiting = push_notification::table
            .filter(push_notification::status.ne_all([status::ABORTED, status::COMPLETED]))
            .filter(push_notification::queued.gt(0))
            .filter(
                push_notification::application_id
                    .eq(application_id)
                    .or(push_notification::application_id.is_null()),
            )
            .order(push_notification::id)
            .select(push_notification::id);
        wake::tell(connection)?;
        for id in lock_rows(waiting).load::<i64>(connection)? {
            go_on(connection, id, now_ms)?;
        }
        Ok(was_stopped)
    })
}

/// Lets what waits of a notification be looked at. What belongs to an application that is still stopped is put back.
fn go_on(connection: &mut Connection, notification_id: i64, now_ms: i64) -> QueryResult<()> {
    let parked = push_delivery::table
        .filter(push_delivery::notification_id.eq(notification_id))
        .filter(push_delivery::next_attempt_ms.eq(PARKED_MS));
    diesel::update(parked)
        .set(push_delivery::next_attempt_ms.eq(now_ms))
        .execute(connection)?;
    let sends = push_notification::table
        .filter(push_notification::id.eq(notification_id))
        .filter(push_notification::status.ne(status::PAUSED));
    diesel::update(sends)
        .set(push_notification::due_ms.eq(now_ms))
        .execute(connection)?;
    Ok(())
}

fn lock(connection: &mut Connection, id: i64) -> QueryResult<Option<Application>> {
    let row = push_application::table.find(id);
    lock_rows(row.select(Application::as_select()))
        .get_result(connection)
        .optional()
}

fn write(
    connection: &mut Connection,
    id: i64,
    alarms: &std::collections::BTreeMap<Platform, Alarm>,
    now_ms: i64,
) -> QueryResult<()> {
    diesel::update(push_application::table.find(id))
        .set((
            push_application::alarms.eq(serde_json::to_string(alarms).unwrap_or_default()),
            push_application::version.eq(push_application::version + 1),
            push_application::modified_ms.eq(now_ms),
        ))
        .execute(connection)?;
    Ok(())
}
