//! The backend: which syntax is common to both databases, and how types are named across the boundary.

use diesel::backend::{
    Backend as DieselBackend, DieselReserveSpecialization, SqlDialect, TrustedBackend, sql_dialect,
};
use diesel::sql_types::{
    BigInt, Binary, Bool, Date, Double, Float, HasSqlType, Integer, SmallInt, Text, Time,
    Timestamp, TypeMetadata,
};
use loggia_abi::rows::Cell;
use loggia_abi::value::kind;

use crate::bind::Binds;
use crate::dialect::Dialect;
use crate::query_builder::TextBuilder;
use crate::sql_types::{Json, Uuid};

/// The one diesel backend of Loggia. Its SQL is the intersection of SQLite's and PostgreSQL's.
///
/// A value of it carries the dialect, so that the few fragments which differ (see
/// [`lock_rows`](crate::lock_rows)) know where they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Backend {
    dialect: Dialect,
}

impl Backend {
    /// The backend of a connection to this database.
    pub const fn new(dialect: Dialect) -> Self {
        Backend { dialect }
    }

    /// The database that statements are built for.
    pub const fn dialect(&self) -> Dialect {
        self.dialect
    }
}

impl DieselBackend for Backend {
    type QueryBuilder = TextBuilder;
    type RawValue<'a> = Cell<'a>;
    type BindCollector<'a> = Binds<'a>;
}

impl TypeMetadata for Backend {
    /// One of [`kind`].
    type TypeMetadata = u32;
    type MetadataLookup = ();
}

impl DieselReserveSpecialization for Backend {}
impl TrustedBackend for Backend {}

/// `ON CONFLICT` as PostgreSQL spells it, which SQLite took over. A marker of our own, because diesel's
/// would bring PostgreSQL's named constraints with it.
#[derive(Clone, Copy, Debug)]
pub struct OnConflictDialect;

impl sql_dialect::on_conflict_clause::SupportsOnConflictClause for OnConflictDialect {}
impl sql_dialect::on_conflict_clause::SupportsOnConflictClauseWhere for OnConflictDialect {}
impl sql_dialect::on_conflict_clause::PgLikeOnConflictClause for OnConflictDialect {}

/// Several rows in one `INSERT`, without the `DEFAULT` keyword that SQLite lacks.
#[derive(Clone, Copy, Debug)]
pub struct BatchInsertDialect;

impl SqlDialect for Backend {
    type ReturningClause = sql_dialect::returning_clause::PgLikeReturningClause;
    type OnConflictClause = OnConflictDialect;
    type InsertWithDefaultKeyword =
        sql_dialect::default_keyword_for_insert::DoesNotSupportDefaultKeyword;
    type BatchInsertSupport = BatchInsertDialect;
    type ConcatClause = sql_dialect::concat_clause::ConcatWithPipesClause;
    type DefaultValueClauseForInsert = sql_dialect::default_value_clause::AnsiDefaultValueClause;
    type EmptyFromClauseSyntax = sql_dialect::from_clause_syntax::AnsiSqlFromClauseSyntax;
    type ExistsSyntax = sql_dialect::exists_syntax::AnsiSqlExistsSyntax;
    type ArrayComparison = sql_dialect::array_comparison::AnsiSqlArrayComparison;
    type SelectStatementSyntax = sql_dialect::select_statement_syntax::AnsiSqlSelectStatement;
    type AliasSyntax = sql_dialect::alias_syntax::AsAliasSyntax;
    type WindowFrameClauseGroupSupport =
        sql_dialect::window_frame_clause_group_support::IsoGroupWindowFrameUnit;
    type WindowFrameExclusionSupport =
        sql_dialect::window_frame_exclusion_support::FrameExclusionSupport;
    type AggregateFunctionExpressions =
        sql_dialect::aggregate_function_expressions::PostgresLikeAggregateFunctionExpressions;
    type BuiltInWindowFunctionRequireOrder =
        sql_dialect::built_in_window_function_require_order::NoOrderRequired;
}

macro_rules! has_sql_type {
    ($($sql_type:ty => $kind:ident),* $(,)?) => { $(
        impl HasSqlType<$sql_type> for Backend {
            fn metadata((): &mut ()) -> u32 {
                kind::$kind
            }
        }
    )* };
}

has_sql_type! {
    Bool => BOOL,
    SmallInt => I16,
    Integer => I32,
    BigInt => I64,
    Float => F64,
    Double => F64,
    Text => TEXT,
    Binary => BYTES,
    Date => DATE,
    Time => TIME,
    Timestamp => TIMESTAMP,
    Json => JSON,
    Uuid => UUID,
}
