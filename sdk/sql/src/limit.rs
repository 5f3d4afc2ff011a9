//! `LIMIT` and `OFFSET` in words that both databases take.

use diesel::query_builder::{
    AstPass, BoxedLimitOffsetClause, IntoBoxedClause, LimitOffsetClause, QueryFragment,
};
use diesel::result::QueryResult;

use crate::backend::Backend;

/// SQLite knows no `OFFSET` without a `LIMIT`; this one lets every row through.
const NO_LIMIT: &str = " LIMIT 9223372036854775807 ";

impl<L, O> QueryFragment<Backend> for LimitOffsetClause<L, O>
where
    L: QueryFragment<Backend>,
    O: QueryFragment<Backend>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Backend>) -> QueryResult<()> {
        let backend = *out.backend();
        if self.limit_clause.is_noop(&backend)? && !self.offset_clause.is_noop(&backend)? {
            out.push_sql(NO_LIMIT);
        }
        self.limit_clause.walk_ast(out.reborrow())?;
        self.offset_clause.walk_ast(out)
    }
}

impl QueryFragment<Backend> for BoxedLimitOffsetClause<'_, Backend> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Backend>) -> QueryResult<()> {
        match (&self.limit, &self.offset) {
            (Some(limit), _) => limit.walk_ast(out.reborrow())?,
            (None, Some(_)) => out.push_sql(NO_LIMIT),
            (None, None) => {}
        }
        match &self.offset {
            Some(offset) => offset.walk_ast(out),
            None => Ok(()),
        }
    }
}

impl<'a, L, O> IntoBoxedClause<'a, Backend> for LimitOffsetClause<L, O>
where
    L: QueryFragment<Backend> + Send + 'a,
    O: QueryFragment<Backend> + Send + 'a,
{
    type BoxedClause = BoxedLimitOffsetClause<'a, Backend>;

    fn into_boxed(self) -> Self::BoxedClause {
        BoxedLimitOffsetClause {
            limit: boxed(self.limit_clause),
            offset: boxed(self.offset_clause),
        }
    }
}

fn boxed<'a, T>(clause: T) -> Option<Box<dyn QueryFragment<Backend> + Send + 'a>>
where
    T: QueryFragment<Backend> + Send + 'a,
{
    // A clause that cannot be asked is kept, so that its error comes up when the statement is built.
    let absent = clause.is_noop(&Backend::default()).unwrap_or(false);
    (!absent).then(|| Box::new(clause) as Box<_>)
}
