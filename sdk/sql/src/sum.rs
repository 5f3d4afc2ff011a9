//! Sums of whole numbers that stay whole numbers.

use diesel::expression::{
    AppearsOnTable, Expression, SelectableExpression, ValidGrouping, is_aggregate,
};
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::{BigInt, Nullable};

use crate::backend::Backend;

/// The sum of a column of integers; see [`sum_i64`].
#[derive(Clone, Copy, Debug, QueryId)]
pub struct SumI64<E>(E);

/// Sums integers into an `Option<i64>`, `None` where there are no rows. PostgreSQL makes a `NUMERIC` of the
/// sum of 64 bit integers, which has no counterpart on SQLite.
pub fn sum_i64<E>(expression: E) -> SumI64<E>
where
    E: Expression,
{
    SumI64(expression)
}

impl<E> Expression for SumI64<E>
where
    E: Expression,
{
    type SqlType = Nullable<BigInt>;
}

impl<E, GroupBy> ValidGrouping<GroupBy> for SumI64<E> {
    type IsAggregate = is_aggregate::Yes;
}

impl<E, Source> AppearsOnTable<Source> for SumI64<E> where E: AppearsOnTable<Source> {}
impl<E, Source> SelectableExpression<Source> for SumI64<E> where E: SelectableExpression<Source> {}

impl<E> QueryFragment<Backend> for SumI64<E>
where
    E: QueryFragment<Backend>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Backend>) -> QueryResult<()> {
        out.push_sql("CAST(SUM(");
        self.0.walk_ast(out.reborrow())?;
        out.push_sql(") AS BIGINT)");
        Ok(())
    }
}
