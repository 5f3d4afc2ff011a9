//! Numbers, texts and bytes between Rust and SQL.

use diesel::deserialize::{self, FromSql};
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::{BigInt, Binary, Bool, Double, Float, Integer, SmallInt, Text};
use loggia_abi::rows::Cell;

use crate::backend::Backend;
use crate::failure::Nul;

/// The refusal of a cell that is not what the column was declared as.
pub(crate) fn mismatch<T>(wanted: &str, cell: Cell<'_>) -> deserialize::Result<T> {
    let found = match cell {
        Cell::Null => "NULL",
        Cell::Bool(_) => "a truth value",
        Cell::I16(_) | Cell::I32(_) | Cell::I64(_) => "an integer",
        Cell::F64(_) => "a floating point number",
        Cell::Text(_) => "a text",
        Cell::Bytes(_) => "bytes",
        Cell::Date(_) => "a date",
        Cell::Time(_) => "a time of day",
        Cell::Timestamp(_) => "a timestamp",
        Cell::Json(_) => "a JSON document",
        Cell::Uuid(_) => "a UUID",
    };
    Err(format!("the column holds {found}, not {wanted}").into())
}

/// Any integer: SQLite has one integer type for all of them and for truth values.
fn integer(cell: Cell<'_>) -> deserialize::Result<i64> {
    match cell {
        Cell::I64(value) => Ok(value),
        Cell::I32(value) => Ok(value.into()),
        Cell::I16(value) => Ok(value.into()),
        Cell::Bool(value) => Ok(value.into()),
        other => mismatch("an integer", other),
    }
}

macro_rules! integer {
    ($($sql_type:ty => $rust:ty),* $(,)?) => { $(
        impl ToSql<$sql_type, Backend> for $rust {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Backend>) -> serialize::Result {
                out.set_value(*self);
                Ok(IsNull::No)
            }
        }

        impl FromSql<$sql_type, Backend> for $rust {
            fn from_sql(cell: Cell<'_>) -> deserialize::Result<Self> {
                Ok(integer(cell)?.try_into()?)
            }
        }
    )* };
}

integer! { SmallInt => i16, Integer => i32, BigInt => i64 }

impl ToSql<Bool, Backend> for bool {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Backend>) -> serialize::Result {
        out.set_value(*self);
        Ok(IsNull::No)
    }
}

impl FromSql<Bool, Backend> for bool {
    fn from_sql(cell: Cell<'_>) -> deserialize::Result<Self> {
        Ok(integer(cell)? != 0)
    }
}

impl ToSql<Double, Backend> for f64 {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Backend>) -> serialize::Result {
        out.set_value(*self);
        Ok(IsNull::No)
    }
}

impl FromSql<Double, Backend> for f64 {
    #[expect(
        clippy::cast_precision_loss,
        reason = "SQLite stores a whole number in a floating point column as an integer"
    )]
    fn from_sql(cell: Cell<'_>) -> deserialize::Result<Self> {
        match cell {
            Cell::F64(value) => Ok(value),
            other => Ok(integer(other)? as f64),
        }
    }
}

impl ToSql<Float, Backend> for f32 {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Backend>) -> serialize::Result {
        out.set_value(f64::from(*self));
        Ok(IsNull::No)
    }
}

impl FromSql<Float, Backend> for f32 {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the column was declared as single precision"
    )]
    fn from_sql(cell: Cell<'_>) -> deserialize::Result<Self> {
        <f64 as FromSql<Double, Backend>>::from_sql(cell).map(|value| value as f32)
    }
}

impl ToSql<Text, Backend> for str {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Backend>) -> serialize::Result {
        if self.contains('\0') {
            return Err(Nul.into());
        }
        out.set_value(self);
        Ok(IsNull::No)
    }
}

impl FromSql<Text, Backend> for String {
    fn from_sql(cell: Cell<'_>) -> deserialize::Result<Self> {
        match cell {
            Cell::Text(value) | Cell::Json(value) => Ok(value.to_owned()),
            other => mismatch("a text", other),
        }
    }
}

impl ToSql<Binary, Backend> for [u8] {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Backend>) -> serialize::Result {
        out.set_value(self);
        Ok(IsNull::No)
    }
}

impl FromSql<Binary, Backend> for Vec<u8> {
    fn from_sql(cell: Cell<'_>) -> deserialize::Result<Self> {
        match cell {
            Cell::Bytes(value) => Ok(value.to_vec()),
            other => mismatch("bytes", other),
        }
    }
}
