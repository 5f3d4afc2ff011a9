//! The nodes that send, as far as it matters here: whether one is dead. Times are the database's, because nodes' clocks
//! differ.

use diesel::prelude::*;
use diesel::sql_types;
use loggia_sql::{Connection, Dialect};

/// A node that has said nothing for this long is dead.
pub const DEAD_AFTER_MS: i64 = 5_000;

/// The database's clock, in milliseconds since 1970.
pub fn now_ms(connection: &mut Connection) -> QueryResult<i64> {
    let text = match connection.dialect() {
        Dialect::Sqlite => "CAST(unixepoch('subsec') * 1000 AS BIGINT)",
        Dialect::Postgresql => "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)",
    };
    diesel::select(diesel::dsl::sql::<sql_types::BigInt>(text)).get_result(connection)
}

/// Since when a node has to have said that it lives.
pub fn alive_since_ms(connection: &mut Connection) -> QueryResult<i64> {
    Ok(now_ms(connection)? - DEAD_AFTER_MS)
}
