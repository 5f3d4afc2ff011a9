//! Moving in and out: applications, devices with their topics, notifications. Credentials are sealed with the key of this
//! installation and stay; the ledger is of this installation too.

use loggia_sdk::prelude::*;
use loggia_site::records::{
    DeleteRecords, Deleted, GetRecords, MOST, PutRecords, Records, Taken, follow_ids, unknown_kind,
};

use crate::record::{self, ApplicationRecord, DeviceRecord, NotificationRecord};
use crate::{Push, engine};

/// A device needs its application.
const KINDS: [&str; 3] = ["application", "device", "notification"];

/// Gives a page of records.
pub(crate) fn get(_push: &Push, call: &Call<'_>, given: GetRecords) -> Result<Records, Fault> {
    let Some(kind) = given.kind else {
        return Ok(Records::kinds(&KINDS));
    };
    let (after, limit) = (given.after.unwrap_or(0), given.limit.unwrap_or(MOST));
    let connection = &mut call.database()?;
    match kind.as_str() {
        "application" => {
            let rows = record::applications(connection, after, limit)?;
            Records::page(&KINDS, &rows, limit, |row| row.id)
        }
        "device" => {
            let rows = record::devices(connection, after, limit)?;
            Records::page(&KINDS, &rows, limit, |row| row.row.id)
        }
        "notification" => {
            let rows = record::notifications(connection, after, limit)?;
            Records::page(&KINDS, &rows, limit, |row| row.id)
        }
        _ => Err(unknown_kind(&KINDS)),
    }
}

/// Adds or replaces records.
pub(crate) fn put(_push: &Push, call: &Call<'_>, given: PutRecords) -> Result<Taken, Fault> {
    let now_ms = call.host().clock().now_ms();
    let mut taken = Taken::default();
    let connection = &mut call.database_for_writing()?;
    connection.transaction(|connection| {
        match given.kind.as_str() {
            "application" => {
                let rows = taken.read::<ApplicationRecord>(given.records);
                taken.write(connection, &rows, |row| row.id, record::put_application)?;
                follow_ids(connection, "push_application")?;
            }
            "device" => {
                let rows = taken.read::<DeviceRecord>(given.records);
                taken.write(
                    connection,
                    &rows,
                    |row| row.row.id,
                    |connection, row| record::put_device(connection, row, now_ms),
                )?;
                follow_ids(connection, "push_device")?;
            }
            "notification" => {
                let rows = taken.read::<NotificationRecord>(given.records);
                taken.write(connection, &rows, |row| row.id, record::put_notification)?;
                follow_ids(connection, "push_notification")?;
            }
            _ => return Err(unknown_kind(&KINDS)),
        }
        Ok(())
    })?;
    engine::wake(call)?;
    Ok(taken)
}

/// Deletes records. An application with devices stays.
pub(crate) fn delete(
    _push: &Push,
    call: &Call<'_>,
    given: DeleteRecords,
) -> Result<Deleted, Fault> {
    let connection = &mut call.database_for_writing()?;
    connection.transaction(|connection| {
        let deleted = match given.kind.as_str() {
            "application" => record::delete_applications(connection, &given.ids)?,
            "device" => loggia_push::device::delete(connection, &given.ids)?,
            "notification" => loggia_push::notification::delete(connection, &given.ids)?,
            _ => return Err(unknown_kind(&KINDS)),
        };
        Ok(Deleted { deleted })
    })
}
