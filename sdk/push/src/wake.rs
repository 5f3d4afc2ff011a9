//! Telling the engines of all nodes that there is something to send.

use diesel::prelude::*;
use diesel::sql_types::Text;
use loggia_sql::{Connection, Dialect};

/// The name by which PostgreSQL tells nodes.
pub const NOTICE: &str = "loggia_push";

/// Tells the engines of other nodes, once the transaction is committed. On SQLite there is one.
pub(crate) fn tell(connection: &mut Connection) -> QueryResult<()> {
    if connection.dialect() == Dialect::Postgresql {
        diesel::sql_query("SELECT pg_notify($1, '')")
            .bind::<Text, _>(NOTICE)
            .execute(connection)?;
    }
    Ok(())
}
