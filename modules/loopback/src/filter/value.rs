//! Values of members as they are compared: by what the property is, not by how the filter spells it.

use std::cmp::Ordering;

use chrono::DateTime;
use serde_json::Value;

use crate::property::Kind;

/// A value that can be compared.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Scalar {
    /// There is none.
    Null,
    /// A truth value.
    Boolean(bool),
    /// A number.
    Number(f64),
    /// A time, in milliseconds.
    Time(i64),
    /// A text.
    Text(String),
}

impl Scalar {
    /// A value as one of a property's kind; none where it cannot be one.
    pub(crate) fn read(value: &Value, kind: Kind) -> Option<Self> {
        match (kind, value) {
            (_, Value::Null) => Some(Scalar::Null),
            (Kind::Date, Value::String(text)) => time_ms(text).map(Scalar::Time),
            (Kind::Date, Value::Number(number)) => number.as_i64().map(Scalar::Time),
            (Kind::Number, Value::String(text)) => text.trim().parse().ok().map(Scalar::Number),
            (Kind::Number | Kind::Any, Value::Number(number)) => {
                number.as_f64().map(Scalar::Number)
            }
            (Kind::Boolean, Value::String(text)) => match text.as_str() {
                "true" | "1" => Some(Scalar::Boolean(true)),
                "false" | "0" => Some(Scalar::Boolean(false)),
                _ => None,
            },
            (Kind::Boolean | Kind::Any, Value::Bool(value)) => Some(Scalar::Boolean(*value)),
            (Kind::Word, Value::String(text)) => Some(Scalar::Text(text.to_lowercase())),
            (Kind::Text | Kind::Texts, Value::Number(number)) => {
                Some(Scalar::Text(number.to_string()))
            }
            (Kind::Text | Kind::Texts, Value::Bool(value)) => Some(Scalar::Text(value.to_string())),
            (Kind::Text | Kind::Texts | Kind::Any, Value::String(text)) => {
                Some(Scalar::Text(text.clone()))
            }
            _ => None,
        }
    }

    /// How it stands to another; none where the two cannot be compared.
    pub(crate) fn compare(&self, other: &Scalar) -> Option<Ordering> {
        match (self, other) {
            (Scalar::Null, Scalar::Null) => Some(Ordering::Equal),
            (Scalar::Boolean(one), Scalar::Boolean(other)) => Some(one.cmp(other)),
            (Scalar::Number(one), Scalar::Number(other)) => one.partial_cmp(other),
            (Scalar::Time(one), Scalar::Time(other)) => Some(one.cmp(other)),
            (Scalar::Text(one), Scalar::Text(other)) => Some(one.cmp(other)),
            // A member of no known kind is a number in the record and a text in brackets.
            (Scalar::Number(one), Scalar::Text(text)) => {
                text.parse().ok().and_then(|other| one.partial_cmp(&other))
            }
            (Scalar::Text(_), Scalar::Number(_)) => other.compare(self).map(Ordering::reverse),
            (Scalar::Boolean(one), Scalar::Text(text)) => {
                text.parse().ok().map(|other| one.cmp(&other))
            }
            _ => None,
        }
    }
}

/// Milliseconds of a time such as `2027-01-31T12:00:00Z`, of a day, or of a number of milliseconds.
pub(crate) fn time_ms(text: &str) -> Option<i64> {
    let text = text.trim();
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Some(time.timestamp_millis());
    }
    if let Ok(day) = text.parse::<chrono::NaiveDate>() {
        return day
            .and_hms_opt(0, 0, 0)
            .map(|time| time.and_utc().timestamp_millis());
    }
    text.parse().ok()
}

/// The order in which values are listed: none first, then truth values, numbers, texts; others stay where they are.
pub(crate) fn order(one: &Value, other: &Value) -> Ordering {
    let rank = |value: &Value| match value {
        Value::Null => 0,
        Value::Bool(_) => 1,
        Value::Number(_) => 2,
        Value::String(_) => 3,
        Value::Array(_) | Value::Object(_) => 4,
    };
    match (one, other) {
        (Value::Bool(one), Value::Bool(other)) => one.cmp(other),
        (Value::Number(one), Value::Number(other)) => {
            let (one, other) = (one.as_f64(), other.as_f64());
            one.partial_cmp(&other).unwrap_or(Ordering::Equal)
        }
        (Value::String(one), Value::String(other)) => one.cmp(other),
        _ => rank(one).cmp(&rank(other)),
    }
}
