//! JSON documents, kept as their text.

use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::serialize::{self, IsNull, Output, ToSql};
use loggia_abi::rows::Cell;
use loggia_abi::value::kind;

use crate::backend::Backend;
use crate::bind::Bind;
use crate::sql_types::Json;
use crate::types::mismatch;

/// The text of a JSON document. PostgreSQL normalises it (order of members, white space), SQLite keeps it as
/// it is; so compare documents after parsing, not as text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = Json)]
pub struct JsonText(pub String);

impl ToSql<Json, Backend> for JsonText {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Backend>) -> serialize::Result {
        out.set_value(Bind::bytes(kind::JSON, self.0.as_bytes()));
        Ok(IsNull::No)
    }
}

impl FromSql<Json, Backend> for JsonText {
    fn from_sql(cell: Cell<'_>) -> deserialize::Result<Self> {
        match cell {
            Cell::Json(text) | Cell::Text(text) => Ok(JsonText(text.to_owned())),
            other => mismatch("a JSON document", other),
        }
    }
}
