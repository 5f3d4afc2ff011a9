//! PostgreSQL: how a connection is opened, and statements on it.

use std::io::Write as _;

use diesel::connection::{Connection, DefaultLoadingMode, LoadConnection, SimpleConnection};
use diesel::data_types::{PgDate, PgTime, PgTimestamp};
use diesel::pg::{Pg, PgConnection, PgValue};
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::{ConnectionError, QueryResult};
use diesel::row::{Field, Row};
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::{
    BigInt, Binary, Bool, Date, Double, Integer, Jsonb, Nullable, SmallInt, Text, Time, Timestamp,
    Untyped, Uuid,
};
use loggia_abi::rows::{Cell, Writer};

use super::{Bound, Statement, read_all, too_long};
use crate::store::failure::Failure;

/// PostgreSQL counts from 2000-01-01.
const EPOCH_DAYS: i32 = 10_957;
const EPOCH_US: i64 = 946_684_800_000_000;

/// A dead server is noticed in this time when connecting.
const CONNECT_TIMEOUT_S: u32 = 10;

/// Bounds for what a forgotten transaction or a lock can hold up, and a name for the server's own views.
const SETTINGS: &str = "SET application_name = 'loggia'; SET lock_timeout = '10s'; \
    SET idle_in_transaction_session_timeout = '5min'";

/// Opens a connection to the server of the URL.
pub(in crate::store) fn open(url: &str) -> Result<PgConnection, ConnectionError> {
    let mut connection = PgConnection::establish(&with_timeout(url))?;
    connection
        .batch_execute(SETTINGS)
        .map_err(ConnectionError::CouldntSetupConfiguration)?;
    Ok(connection)
}

/// The number of the server's process behind a connection.
pub(in crate::store) fn process(connection: &mut PgConnection) -> QueryResult<i32> {
    let process = diesel::select(diesel::dsl::sql::<Integer>("pg_backend_pid()"));
    diesel::RunQueryDsl::get_result(process, connection)
}

fn with_timeout(url: &str) -> String {
    if url.contains("connect_timeout=") {
        return url.to_owned();
    }
    let separator = if url.contains('?') { '&' } else { '?' };
    format!("{url}{separator}connect_timeout={CONNECT_TIMEOUT_S}")
}

/// A bind in the type that the driver sends.
enum Sent<'a> {
    Bool(Option<bool>),
    I16(Option<i16>),
    I32(Option<i32>),
    I64(Option<i64>),
    F64(Option<f64>),
    Text(Option<&'a str>),
    Bytes(Option<&'a [u8]>),
    Date(Option<PgDate>),
    Time(Option<PgTime>),
    Timestamp(Option<PgTimestamp>),
    Json(Option<JsonBind<'a>>),
    Uuid(Option<UuidBind>),
}

#[derive(Debug)]
struct JsonBind<'a>(&'a str);

impl ToSql<Jsonb, Pg> for JsonBind<'_> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        // The first byte is the version of the binary form; the text follows.
        out.write_all(&[1])?;
        out.write_all(self.0.as_bytes())?;
        Ok(IsNull::No)
    }
}

#[derive(Debug)]
struct UuidBind([u8; 16]);

impl ToSql<Uuid, Pg> for UuidBind {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        out.write_all(&self.0)?;
        Ok(IsNull::No)
    }
}

impl<'a> From<Bound<'a>> for Sent<'a> {
    fn from(bound: Bound<'a>) -> Self {
        match bound {
            Bound::Bool(value) => Sent::Bool(value),
            Bound::I16(value) => Sent::I16(value),
            Bound::I32(value) => Sent::I32(value),
            Bound::I64(value) => Sent::I64(value),
            Bound::F64(value) => Sent::F64(value),
            Bound::Text(value) => Sent::Text(value),
            Bound::Bytes(value) => Sent::Bytes(value),
            Bound::Date(value) => {
                Sent::Date(value.map(|days| PgDate(days.saturating_sub(EPOCH_DAYS))))
            }
            Bound::Time(value) => Sent::Time(value.map(PgTime)),
            Bound::Timestamp(value) => {
                Sent::Timestamp(value.map(|us| PgTimestamp(us.saturating_sub(EPOCH_US))))
            }
            Bound::Json(value) => Sent::Json(value.map(JsonBind)),
            Bound::Uuid(value) => Sent::Uuid(value.map(UuidBind)),
        }
    }
}

struct Fragment<'a> {
    sql: &'a str,
    binds: Vec<Sent<'a>>,
    keep: bool,
}

impl<'a> Fragment<'a> {
    fn new(statement: &'a Statement<'a>) -> Result<Self, Failure> {
        let binds = read_all(statement.binds)?;
        Ok(Fragment {
            sql: &statement.sql,
            binds: binds.into_iter().map(Sent::from).collect(),
            keep: statement.keep,
        })
    }
}

impl QueryId for Fragment<'_> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Fragment<'_> {
    type SqlType = Untyped;
}

impl QueryFragment<Pg> for Fragment<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        if !self.keep {
            out.unsafe_to_cache_prepared();
        }
        out.push_sql(self.sql);
        for bind in &self.binds {
            push(bind, &mut out)?;
        }
        Ok(())
    }
}

fn push<'b>(bind: &'b Sent<'_>, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
    match bind {
        Sent::Bool(value) => out.push_bind_param_value_only::<Nullable<Bool>, _>(value),
        Sent::I16(value) => out.push_bind_param_value_only::<Nullable<SmallInt>, _>(value),
        Sent::I32(value) => out.push_bind_param_value_only::<Nullable<Integer>, _>(value),
        Sent::I64(value) => out.push_bind_param_value_only::<Nullable<BigInt>, _>(value),
        Sent::F64(value) => out.push_bind_param_value_only::<Nullable<Double>, _>(value),
        Sent::Text(value) => out.push_bind_param_value_only::<Nullable<Text>, _>(value),
        Sent::Bytes(value) => out.push_bind_param_value_only::<Nullable<Binary>, _>(value),
        Sent::Date(value) => out.push_bind_param_value_only::<Nullable<Date>, _>(value),
        Sent::Time(value) => out.push_bind_param_value_only::<Nullable<Time>, _>(value),
        Sent::Timestamp(value) => out.push_bind_param_value_only::<Nullable<Timestamp>, _>(value),
        Sent::Json(value) => out.push_bind_param_value_only::<Nullable<Jsonb>, _>(value),
        Sent::Uuid(value) => out.push_bind_param_value_only::<Nullable<Uuid>, _>(value),
    }
}

pub(super) fn execute(
    connection: &mut PgConnection,
    statement: &Statement<'_>,
) -> Result<u64, Failure> {
    let changed = connection.execute_returning_count(&Fragment::new(statement)?)?;
    Ok(u64::try_from(changed).unwrap_or(u64::MAX))
}

pub(super) fn query(
    connection: &mut PgConnection,
    statement: &Statement<'_>,
    rows: &mut Writer,
) -> Result<(), Failure> {
    let fragment = Fragment::new(statement)?;
    let mut columns = None;
    for row in LoadConnection::<DefaultLoadingMode>::load(connection, fragment)? {
        let row = row?;
        let columns = *columns.get_or_insert_with(|| write_names(&row, rows));
        rows.row();
        for index in 0..columns {
            let field = row.get(index);
            let cell = match field.as_ref().and_then(Field::value) {
                Some(value) => Value { value }.write(rows)?,
                None => rows.cell(Cell::Null),
            };
            if !cell {
                return Err(too_long());
            }
        }
    }
    Ok(())
}

fn write_names<'a>(row: &impl Row<'a, Pg>, rows: &mut Writer) -> usize {
    let names: Vec<String> = (0..row.field_count())
        .map(|index| {
            let field = row.get(index);
            let name = field.as_ref().and_then(Field::field_name);
            name.unwrap_or_default().to_owned()
        })
        .collect();
    rows.columns(names.iter().map(String::as_str));
    names.len()
}

/// The numbers by which the server names its built-in types.
mod oid {
    pub(super) const BOOL: u32 = 16;
    pub(super) const BYTEA: u32 = 17;
    pub(super) const NAME: u32 = 19;
    pub(super) const INT8: u32 = 20;
    pub(super) const INT2: u32 = 21;
    pub(super) const INT4: u32 = 23;
    pub(super) const TEXT: u32 = 25;
    pub(super) const OID: u32 = 26;
    pub(super) const JSON: u32 = 114;
    pub(super) const FLOAT4: u32 = 700;
    pub(super) const FLOAT8: u32 = 701;
    pub(super) const UNKNOWN: u32 = 705;
    pub(super) const BPCHAR: u32 = 1042;
    pub(super) const VARCHAR: u32 = 1043;
    pub(super) const DATE: u32 = 1082;
    pub(super) const TIME: u32 = 1083;
    pub(super) const TIMESTAMP: u32 = 1114;
    pub(super) const TIMESTAMPTZ: u32 = 1184;
    pub(super) const VOID: u32 = 2278;
    pub(super) const UUID: u32 = 2950;
    pub(super) const JSONB: u32 = 3802;
}

/// A cell in the server's binary form: big-endian numbers, times counted from 2000.
struct Value<'a> {
    value: PgValue<'a>,
}

impl Value<'_> {
    fn write(&self, rows: &mut Writer) -> Result<bool, Failure> {
        let cell = match self.value.get_oid().get() {
            oid::BOOL => Cell::Bool(self.number::<1>()? != [0]),
            oid::INT2 => Cell::I16(i16::from_be_bytes(self.number()?)),
            oid::INT4 => Cell::I32(i32::from_be_bytes(self.number()?)),
            oid::INT8 => Cell::I64(i64::from_be_bytes(self.number()?)),
            oid::OID => Cell::I64(u32::from_be_bytes(self.number()?).into()),
            oid::FLOAT4 => Cell::F64(f32::from_be_bytes(self.number()?).into()),
            oid::FLOAT8 => Cell::F64(f64::from_be_bytes(self.number()?)),
            oid::DATE => Cell::Date(i32::from_be_bytes(self.number()?).saturating_add(EPOCH_DAYS)),
            oid::TIME => Cell::Time(i64::from_be_bytes(self.number()?)),
            oid::TIMESTAMP | oid::TIMESTAMPTZ => {
                Cell::Timestamp(i64::from_be_bytes(self.number()?).saturating_add(EPOCH_US))
            }
            oid::TEXT | oid::VARCHAR | oid::BPCHAR | oid::NAME | oid::UNKNOWN => {
                Cell::Text(text(self.value.as_bytes())?)
            }
            oid::JSON => Cell::Json(text(self.value.as_bytes())?),
            oid::JSONB => Cell::Json(text(self.value.as_bytes().get(1..).unwrap_or_default())?),
            oid::BYTEA => Cell::Bytes(self.value.as_bytes()),
            oid::UUID => Cell::Uuid(self.value.as_bytes()),
            oid::VOID => Cell::Null,
            other => {
                return Err(Failure::new(
                    loggia_abi::code::UNSUPPORTED,
                    format!("a column has the server's type {other}, which has no kind; cast it"),
                ));
            }
        };
        Ok(rows.cell(cell))
    }

    fn number<const N: usize>(&self) -> Result<[u8; N], Failure> {
        self.value.as_bytes().try_into().map_err(|_| damaged())
    }
}

fn text(bytes: &[u8]) -> Result<&str, Failure> {
    std::str::from_utf8(bytes).map_err(|_| damaged())
}

fn damaged() -> Failure {
    Failure::new(
        loggia_abi::code::DATABASE,
        "the server sent a value that cannot be read",
    )
}
