//! What is forgotten when its time is over.

use diesel::prelude::*;
use loggia_sql::{Connection, Dialect};

use crate::notification::status;
use crate::rows::number;
use crate::schema::{push_delivery, push_notification, push_receipt};

/// How many rows one call forgets at most.
const ROWS: i64 = 5_000;

/// Forgets some of what was completed or aborted before a time: rows of the ledger, whose pushes are added to their
/// devices, and in the end the notification. `false` where there is nothing left to forget.
pub fn prune(connection: &mut Connection, before_ms: i64) -> QueryResult<bool> {
    connection.transaction(|connection| {
        let old: Option<i64> = push_notification::table
            .filter(push_notification::status.eq_any([status::COMPLETED, status::ABORTED]))
            .filter(push_notification::modified_ms.lt(before_ms))
            .order((push_notification::status, push_notification::modified_ms))
            .select(push_notification::id)
            .first(connection)
            .optional()?;
        let Some(id) = old else {
            return Ok(false);
        };
        if !forget_rows(connection, id)? {
            let receipts = push_receipt::table.filter(push_receipt::notification_id.eq(id));
            diesel::delete(receipts).execute(connection)?;
            diesel::delete(push_notification::table.find(id)).execute(connection)?;
        }
        Ok(true)
    })
}

/// Forgets some rows of a notification; `false` where there were none.
fn forget_rows(connection: &mut Connection, id: i64) -> QueryResult<bool> {
    let last: Option<i64> = push_delivery::table
        .filter(push_delivery::notification_id.eq(id))
        .order(push_delivery::device_id)
        .offset(ROWS - 1)
        .limit(1)
        .select(push_delivery::device_id)
        .first(connection)
        .optional()?;
    let up_to = last.unwrap_or(i64::MAX);
    let later = match connection.dialect() {
        Dialect::Sqlite => "MAX",
        Dialect::Postgresql => "GREATEST",
    };
    let add = format!(
        "UPDATE \"push_device\" SET \"push_hits\" = \"push_hits\" + \"old\".\"attempts\", \
         \"last_push_ms\" = {later}(COALESCE(\"last_push_ms\", 0), \"old\".\"updated_ms\") \
         FROM \"push_delivery\" AS \"old\" WHERE \"old\".\"notification_id\" = $1 AND \"old\".\"device_id\" <= $2 \
         AND \"old\".\"attempts\" > 0 AND \"push_device\".\"id\" = \"old\".\"device_id\""
    );
    connection.execute_values(&add, &[number(id), number(up_to)])?;
    let those = push_delivery::table
        .filter(push_delivery::notification_id.eq(id))
        .filter(push_delivery::device_id.le(up_to));
    Ok(diesel::delete(those).execute(connection)? > 0)
}
