//! Telling the engines of all nodes that there is something to send.

use diesel::prelude::*;
use diesel::sql_types::Text;
use loggia_sql::{Connection, Dialect};

/// The name by which PostgreSQL tells nodes.
pub const NOTICE: &str = "loggia_push";

/// Tells the engines of other nodes, once the transaction is committed. On SQLite there is one.
pub(crate) fn tell(connection: &mut Connection) -> QueryResult<()> {
    notify(connection, NOTICE)
}

/// Tells other nodes something by PostgreSQL's NOTIFY, once the transaction is committed, unless the host tells it in
/// another way: its connections say so then. On SQLite there is one node.
pub fn notify(connection: &mut Connection, notice: &str) -> QueryResult<()> {
    if connection.dialect() == Dialect::Postgresql {
        let sql = "SELECT pg_notify($1, '') WHERE current_setting('loggia.notify', true) IS DISTINCT FROM 'off'";
        diesel::sql_query(sql)
            .bind::<Text, _>(notice)
            .execute(connection)?;
    }
    Ok(())
}
