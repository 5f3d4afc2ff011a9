//! `INSERT` of one row with absent columns, and of several rows at once.

use diesel::backend::sql_dialect::default_keyword_for_insert::DoesNotSupportDefaultKeyword;
use diesel::expression::{AppearsOnTable, Expression};
use diesel::insertable::{
    CanInsertInSingleQuery, ColumnInsertValue, DefaultableColumnInsertValue, InsertValues,
};
use diesel::internal::table_macro::NoFromClause;
use diesel::query_builder::{AstPass, BatchInsert, QueryFragment, ValuesClause};
use diesel::query_source::Column;
use diesel::result::QueryResult;

use crate::backend::{Backend, BatchInsertDialect};

/// A column without a value is left out of the statement, since SQLite has no `DEFAULT` to put there.
impl<Col, Expr> InsertValues<Backend, Col::Table>
    for DefaultableColumnInsertValue<ColumnInsertValue<Col, Expr>>
where
    Col: Column,
    Expr: Expression<SqlType = Col::SqlType> + AppearsOnTable<NoFromClause>,
    Self: QueryFragment<Backend>,
{
    fn column_names(&self, mut out: AstPass<'_, '_, Backend>) -> QueryResult<()> {
        match self {
            Self::Expression(_) => out.push_identifier(Col::NAME),
            Self::Default => Ok(()),
        }
    }
}

impl<Col, Expr> QueryFragment<Backend, DoesNotSupportDefaultKeyword>
    for DefaultableColumnInsertValue<ColumnInsertValue<Col, Expr>>
where
    Expr: QueryFragment<Backend>,
{
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, Backend>) -> QueryResult<()> {
        match self {
            Self::Expression(value) => value.walk_ast(out),
            Self::Default => Ok(()),
        }
    }
}

impl<V, Tab, QId, const STABLE: bool> QueryFragment<Backend, BatchInsertDialect>
    for BatchInsert<Vec<ValuesClause<V, Tab>>, Tab, QId, STABLE>
where
    ValuesClause<V, Tab>: QueryFragment<Backend>,
    V: QueryFragment<Backend>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Backend>) -> QueryResult<()> {
        if !STABLE {
            out.unsafe_to_cache_prepared();
        }
        let mut rows = self.values.iter();
        if let Some(first) = rows.next() {
            first.walk_ast(out.reborrow())?;
        }
        for row in rows {
            out.push_sql(", (");
            row.values.walk_ast(out.reborrow())?;
            out.push_sql(")");
        }
        Ok(())
    }
}

impl<T, Tab, QId, const STABLE: bool> CanInsertInSingleQuery<Backend>
    for BatchInsert<Vec<T>, Tab, QId, STABLE>
{
    fn rows_to_insert(&self) -> Option<usize> {
        Some(self.values.len())
    }
}
