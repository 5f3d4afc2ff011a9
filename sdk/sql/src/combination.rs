//! `UNION`, `INTERSECT` and `EXCEPT`.

use diesel::query_builder::{
    All, AstPass, Distinct, Except, Intersect, ParenthesisWrapper, QueryFragment,
    SupportsCombinationClause, Union,
};
use diesel::result::QueryResult;

use crate::backend::Backend;

impl SupportsCombinationClause<Union, Distinct> for Backend {}
impl SupportsCombinationClause<Union, All> for Backend {}
impl SupportsCombinationClause<Intersect, Distinct> for Backend {}
impl SupportsCombinationClause<Except, Distinct> for Backend {}

/// SQLite takes no parentheses around the parts of a combination.
impl<T> QueryFragment<Backend> for ParenthesisWrapper<T>
where
    T: QueryFragment<Backend>,
{
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, Backend>) -> QueryResult<()> {
        self.inner.walk_ast(out)
    }
}
