//! Counters within a window, shared by all nodes.

use diesel::prelude::*;
use loggia_sql::Connection;

diesel::table! {
    throttle (subject_hash) {
        subject_hash -> Binary,
        charges -> BigInt,
        window_ends_ms -> BigInt,
    }
}

/// Adds one to a subject's counter and gives what it is then, with the end of its window. A window that is
/// over begins anew. One statement does it, so that no two callers get the same number.
pub fn charge(
    connection: &mut Connection,
    subject_hash: &[u8],
    now_ms: i64,
    window_ms: i64,
) -> QueryResult<(i64, i64)> {
    loop {
        let counted = diesel::update(
            throttle::table
                .find(subject_hash)
                .filter(throttle::window_ends_ms.gt(now_ms)),
        )
        .set(throttle::charges.eq(throttle::charges + 1))
        .returning((throttle::charges, throttle::window_ends_ms))
        .get_result(connection)
        .optional()?;
        if let Some(counted) = counted {
            return Ok(counted);
        }
        let ended = throttle::table
            .find(subject_hash)
            .filter(throttle::window_ends_ms.le(now_ms));
        diesel::delete(ended).execute(connection)?;
        diesel::insert_into(throttle::table)
            .values((
                throttle::subject_hash.eq(subject_hash),
                throttle::charges.eq(0),
                throttle::window_ends_ms.eq(now_ms + window_ms),
            ))
            .on_conflict_do_nothing()
            .execute(connection)?;
    }
}

/// What a subject's counter is and when its window ends; `None` where no window is open.
pub fn current(
    connection: &mut Connection,
    subject_hash: &[u8],
    now_ms: i64,
) -> QueryResult<Option<(i64, i64)>> {
    throttle::table
        .find(subject_hash)
        .filter(throttle::window_ends_ms.gt(now_ms))
        .select((throttle::charges, throttle::window_ends_ms))
        .first(connection)
        .optional()
}

/// Forgets a subject: it has shown that it may.
pub fn clear(connection: &mut Connection, subject_hash: &[u8]) -> QueryResult<()> {
    diesel::delete(throttle::table.find(subject_hash))
        .execute(connection)
        .map(drop)
}

/// Removes windows that are over.
pub fn prune(connection: &mut Connection, now_ms: i64) -> QueryResult<usize> {
    diesel::delete(throttle::table.filter(throttle::window_ends_ms.le(now_ms))).execute(connection)
}
