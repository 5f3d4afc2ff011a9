//! UUIDs, as their 16 bytes.

use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::serialize::{self, IsNull, Output, ToSql};
use loggia_abi::rows::Cell;
use loggia_abi::value::kind;

use crate::backend::Backend;
use crate::bind::Bind;
use crate::sql_types;
use crate::types::mismatch;

/// The 16 bytes of a UUID, in the order in which they are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = sql_types::Uuid)]
pub struct Uuid(pub [u8; 16]);

impl ToSql<sql_types::Uuid, Backend> for Uuid {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Backend>) -> serialize::Result {
        out.set_value(Bind::bytes(kind::UUID, &self.0));
        Ok(IsNull::No)
    }
}

impl FromSql<sql_types::Uuid, Backend> for Uuid {
    fn from_sql(cell: Cell<'_>) -> deserialize::Result<Self> {
        match cell {
            Cell::Uuid(bytes) | Cell::Bytes(bytes) => Ok(Uuid(bytes.try_into()?)),
            other => mismatch("a UUID", other),
        }
    }
}
