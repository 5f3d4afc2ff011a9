//! Cells as JSON, and back into the kind that a column takes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use loggia_abi::Value as Bind;
use loggia_abi::rows::Cell;
use loggia_abi::value::kind;
use loggia_sql::{Day, TimeOfDay, Timestamp};
use serde_json::{Value, json};

use super::ArchiveError;

/// A cell in the archive. What JSON has no form for is an object with one member that names its kind.
pub(super) fn to_json(cell: Cell<'_>) -> Value {
    match cell {
        Cell::Null => Value::Null,
        Cell::Bool(value) => json!(value),
        Cell::I16(value) => json!(value),
        Cell::I32(value) => json!(value),
        Cell::I64(value) => json!(value),
        Cell::F64(value) if value.is_finite() => json!(value),
        Cell::F64(value) => json!({ "float": value.to_string() }),
        Cell::Text(value) => json!(value),
        Cell::Bytes(value) => json!({ "bytes": STANDARD.encode(value) }),
        Cell::Json(value) => json!({ "json": value }),
        Cell::Date(value) => json!({ "date": Day(value).to_text() }),
        Cell::Time(value) => json!({ "time": TimeOfDay(value).to_text() }),
        Cell::Timestamp(value) => json!({ "timestamp": Timestamp(value).to_text() }),
        Cell::Uuid(value) => json!({ "uuid": hex::encode(value) }),
    }
}

/// A cell in the same words on both databases.
pub(super) fn common(cell: Cell<'_>) -> String {
    match cell {
        Cell::Bool(value) => u8::from(value).to_string(),
        Cell::Json(text) | Cell::Text(text) => match serde_json::from_str::<Value>(text) {
            Ok(Value::Object(mut members)) => {
                members.sort_keys();
                Value::Object(members).to_string()
            }
            _ => text.to_owned(),
        },
        Cell::Date(value) => Day(value).to_text(),
        Cell::Time(value) => TimeOfDay(value).to_text(),
        Cell::Timestamp(value) => Timestamp(value).to_text(),
        Cell::Bytes(value) | Cell::Uuid(value) => hex::encode(value),
        other => to_json(other).to_string(),
    }
}

/// A value from the archive, owned until it is bound.
pub(super) enum Restored {
    Null(u32),
    Integer(u32, i64),
    Float(f64),
    Bytes(u32, Vec<u8>),
}

impl Restored {
    pub(super) fn bind(&self) -> Bind<'_> {
        match self {
            Restored::Null(kind) => Bind::null(*kind),
            Restored::Integer(kind, integer) => Bind::integer(*kind, *integer),
            Restored::Float(float) => Bind::float(*float),
            Restored::Bytes(kind, bytes) => Bind::bytes(*kind, bytes),
        }
    }
}

/// Reads a cell of the archive for a column that takes `wanted`; `None` takes it as it is.
///
/// The kinds differ where the archive came from the other database: SQLite knows no truth values and no
/// dates, and keeps JSON as text.
pub(super) fn from_json(value: &Value, wanted: Option<u32>) -> Result<Restored, ArchiveError> {
    let refused = || ArchiveError::damaged("a value does not suit its column");
    let natural = natural(value).ok_or_else(refused)?;
    let Some(wanted) = wanted else {
        return Ok(natural);
    };
    match natural {
        Restored::Null(_) => Some(Restored::Null(wanted)),
        Restored::Integer(_, integer) if wanted == kind::F64 => as_float(integer),
        Restored::Integer(_, integer) => Some(Restored::Integer(wanted, integer)),
        Restored::Float(float) if wanted == kind::F64 => Some(Restored::Float(float)),
        Restored::Float(_) => None,
        Restored::Bytes(_, bytes) => from_bytes(bytes, wanted),
    }
    .ok_or_else(refused)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "the column holds floating point numbers"
)]
#[expect(
    clippy::unnecessary_wraps,
    reason = "it stands beside conversions that can fail"
)]
fn as_float(integer: i64) -> Option<Restored> {
    Some(Restored::Float(integer as f64))
}

fn from_bytes(bytes: Vec<u8>, wanted: u32) -> Option<Restored> {
    let text = || std::str::from_utf8(&bytes).ok();
    let integer = match wanted {
        kind::DATE => i64::from(Day::from_text(text()?)?.0),
        kind::TIME => TimeOfDay::from_text(text()?)?.0,
        kind::TIMESTAMP => Timestamp::from_text(text()?)?.0,
        kind::TEXT | kind::JSON | kind::BYTES | kind::UUID => {
            return Some(Restored::Bytes(wanted, bytes));
        }
        _ => return None,
    };
    Some(Restored::Integer(wanted, integer))
}

/// The value in the kind that its own form says.
fn natural(value: &Value) -> Option<Restored> {
    Some(match value {
        Value::Null => Restored::Null(kind::TEXT),
        Value::Bool(value) => Restored::Integer(kind::BOOL, i64::from(*value)),
        Value::Number(number) => match number.as_i64() {
            Some(integer) => Restored::Integer(kind::I64, integer),
            None => Restored::Float(number.as_f64()?),
        },
        Value::String(text) => Restored::Bytes(kind::TEXT, text.clone().into_bytes()),
        Value::Array(_) => return None,
        Value::Object(members) => {
            let (name, value) = members.iter().next()?;
            tagged(name, value.as_str()?)?
        }
    })
}

fn tagged(name: &str, text: &str) -> Option<Restored> {
    Some(match name {
        "float" => Restored::Float(text.parse().ok()?),
        "bytes" => Restored::Bytes(kind::BYTES, STANDARD.decode(text).ok()?),
        "json" => Restored::Bytes(kind::JSON, text.as_bytes().to_vec()),
        "date" => Restored::Integer(kind::DATE, Day::from_text(text)?.0.into()),
        "time" => Restored::Integer(kind::TIME, TimeOfDay::from_text(text)?.0),
        "timestamp" => Restored::Integer(kind::TIMESTAMP, Timestamp::from_text(text)?.0),
        "uuid" => Restored::Bytes(kind::UUID, hex::decode(text).ok()?),
        _ => return None,
    })
}
