//! The numbers of jBackend's dashboard that come from the log.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable};
use loggia_sql::Connection;
use serde::Serialize;

use crate::store::keys::DAY_MS;

/// What the log says of all requests it holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Statistics {
    /// Requests.
    pub total: i64,
    /// Good answers.
    pub ok: i64,
    /// Errors.
    pub ko: i64,
    /// Good answers of the last 30 days.
    pub ok_last_30_days: i64,
    /// Good answers of the last 7 days.
    pub ok_last_7_days: i64,
    /// Good answers of the last 24 hours.
    pub ok_last_24_hours: i64,
    /// The mean duration of good answers.
    pub average_us: i64,
    /// The shortest duration of good answers.
    pub shortest_us: i64,
    /// The longest duration of good answers.
    pub longest_us: i64,
}

#[derive(QueryableByName)]
struct Numbers {
    #[diesel(sql_type = BigInt)]
    total: i64,
    #[diesel(sql_type = BigInt)]
    ok: i64,
    #[diesel(sql_type = BigInt)]
    month: i64,
    #[diesel(sql_type = BigInt)]
    week: i64,
    #[diesel(sql_type = BigInt)]
    day: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    average_us: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    shortest_us: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    longest_us: Option<i64>,
}

/// One walk over the log counts everything.
const NUMBERS: &str = r#"SELECT COUNT(*) AS "total",
 COUNT(CASE WHEN "error" = 0 THEN 1 END) AS "ok",
 COUNT(CASE WHEN "error" = 0 AND "request_ms" > $1 THEN 1 END) AS "month",
 COUNT(CASE WHEN "error" = 0 AND "request_ms" > $2 THEN 1 END) AS "week",
 COUNT(CASE WHEN "error" = 0 AND "request_ms" > $3 THEN 1 END) AS "day",
 CAST(AVG(CASE WHEN "error" = 0 THEN "duration_us" END) AS BIGINT) AS "average_us",
 MIN(CASE WHEN "error" = 0 THEN "duration_us" END) AS "shortest_us",
 MAX(CASE WHEN "error" = 0 THEN "duration_us" END) AS "longest_us" FROM "access_log""#;

/// Counts the log as it is at a time.
pub fn statistics(connection: &mut Connection, now_ms: i64) -> QueryResult<Statistics> {
    let numbers: Numbers = diesel::sql_query(NUMBERS)
        .bind::<BigInt, _>(now_ms - 30 * DAY_MS)
        .bind::<BigInt, _>(now_ms - 7 * DAY_MS)
        .bind::<BigInt, _>(now_ms - DAY_MS)
        .get_result(connection)?;
    Ok(Statistics {
        total: numbers.total,
        ok: numbers.ok,
        ko: numbers.total - numbers.ok,
        ok_last_30_days: numbers.month,
        ok_last_7_days: numbers.week,
        ok_last_24_hours: numbers.day,
        average_us: numbers.average_us.unwrap_or(0),
        shortest_us: numbers.shortest_us.unwrap_or(0),
        longest_us: numbers.longest_us.unwrap_or(0),
    })
}
