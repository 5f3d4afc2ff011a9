//! Row locks where the database has them.

use diesel::RunQueryDsl;
use diesel::query_builder::{AsQuery, AstPass, Query, QueryFragment, QueryId};
use diesel::result::QueryResult;

use crate::backend::Backend;
use crate::connection::Connection;
use crate::dialect::Dialect;

/// A query whose rows stay as they are until the transaction ends; see [`lock_rows`].
#[derive(Clone, Copy, Debug, QueryId)]
pub struct LockRows<Q>(Q);

/// Locks the rows that a query finds, for a read-modify-write inside a transaction: `FOR UPDATE` on
/// PostgreSQL, nothing on SQLite, where a writing transaction holds the only write lock from its beginning.
pub fn lock_rows<Q>(query: Q) -> LockRows<Q::Query>
where
    Q: AsQuery,
{
    LockRows(query.as_query())
}

impl<Q> Query for LockRows<Q>
where
    Q: Query,
{
    type SqlType = Q::SqlType;
}

impl<Q> RunQueryDsl<Connection> for LockRows<Q> {}

impl<Q> QueryFragment<Backend> for LockRows<Q>
where
    Q: QueryFragment<Backend>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Backend>) -> QueryResult<()> {
        self.0.walk_ast(out.reborrow())?;
        match out.backend().dialect() {
            Dialect::Sqlite => {}
            Dialect::Postgresql => out.push_sql(" FOR UPDATE"),
        }
        Ok(())
    }
}
