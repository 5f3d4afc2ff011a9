//! The numbers that tables give out.

use diesel::prelude::*;
use diesel::sql_types::BigInt;

use crate::{Connection, Dialect};

/// Lets the next number that a table gives to its column `id` follow the largest one in it, after rows were written
/// with ids of their own. SQLite does so by itself.
///
/// # Errors
/// The database's.
pub fn follow_ids(connection: &mut Connection, table: &str) -> QueryResult<()> {
    if connection.dialect() == Dialect::Sqlite {
        return Ok(());
    }
    let sequence = format!("pg_get_serial_sequence('\"{table}\"', 'id')");
    let next = format!(
        "setval({sequence}, GREATEST((SELECT MAX(\"id\") FROM \"{table}\"), \
         COALESCE(pg_sequence_last_value({sequence}::regclass), 0), 1))"
    );
    diesel::select(diesel::dsl::sql::<BigInt>(&next))
        .get_result::<i64>(connection)
        .map(drop)
}
