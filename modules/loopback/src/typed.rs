//! Members of a record as their properties have them, however the client spelled them.
//!
//! LoopBack casts what it is given: a form knows only texts, and clients send numbers as texts and texts as numbers.

use serde_json::{Number, Value};

use crate::error::{Error, Faults};
use crate::filter::time_ms;
use crate::model::Model;
use crate::property::Kind;
use crate::reply::Record;
use crate::time::written;

/// A record whose members are of their properties' kinds, or what is wrong with them. What has no property stays.
pub(crate) fn typed<M: Model>(mut record: Record) -> Result<Record, Error> {
    let mut faults = Faults::default();
    for property in M::PROPERTIES {
        let Some(value) = record.get_mut(property.name) else {
            continue;
        };
        match cast(value, property.kind) {
            Ok(cast) => *value = cast,
            Err((code, rule)) => faults.add(property.name, code, rule, Some(value)),
        }
    }
    faults.into_result(M::NAME)?;
    Ok(record)
}

/// A value as one of a kind, or the rule that it breaks and its code.
fn cast(value: &Value, kind: Kind) -> Result<Value, (&'static str, &'static str)> {
    let cast = match kind {
        _ if value.is_null() => Some(Value::Null),
        Kind::Any => Some(value.clone()),
        Kind::Text | Kind::Word => text(value),
        Kind::Texts => texts(value),
        Kind::Number => number(value),
        Kind::Boolean => truth(value),
        Kind::Date => time(value),
    };
    cast.ok_or(match kind {
        Kind::Number => ("numericality", "is not a number"),
        Kind::Date => ("date", "is not a valid date"),
        Kind::Boolean => ("invalid", "is not a truth value"),
        Kind::Texts => ("invalid", "is not a list of texts"),
        Kind::Text | Kind::Word | Kind::Any => ("invalid", "is not a text"),
    })
}

fn text(value: &Value) -> Option<Value> {
    match value {
        Value::String(_) => Some(value.clone()),
        Value::Number(number) => Some(number.to_string().into()),
        Value::Bool(truth) => Some(truth.to_string().into()),
        _ => None,
    }
}

/// A list, a list as JSON in a text, or one text alone.
fn texts(value: &Value) -> Option<Value> {
    match value {
        Value::Array(values) => values.iter().map(text).collect(),
        Value::String(one) if one.trim_start().starts_with('[') => {
            let list: Vec<Value> = serde_json::from_str(one).ok()?;
            list.iter().map(text).collect()
        }
        Value::String(one) if one.trim().is_empty() => Some(Value::Array(Vec::new())),
        Value::String(_) | Value::Number(_) => Some(Value::Array(vec![text(value)?])),
        _ => None,
    }
}

fn number(value: &Value) -> Option<Value> {
    match value {
        Value::Number(_) => Some(value.clone()),
        Value::String(text) => {
            let text = text.trim();
            let whole = text.parse::<i64>().ok().map(Value::from);
            whole.or_else(|| Number::from_f64(text.parse().ok()?).map(Value::Number))
        }
        _ => None,
    }
}

fn truth(value: &Value) -> Option<Value> {
    match value {
        Value::Bool(_) => Some(value.clone()),
        Value::Number(number) => Some((number.as_f64()? != 0.0).into()),
        Value::String(text) => match text.as_str() {
            "true" | "1" => Some(true.into()),
            "false" | "0" | "" => Some(false.into()),
            _ => None,
        },
        _ => None,
    }
}

fn time(value: &Value) -> Option<Value> {
    match value {
        Value::Number(number) => number.as_i64().map(written),
        Value::String(text) => time_ms(text).map(written),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_a_client_spells_otherwise_is_taken_as_what_the_property_is() {
        for (kind, given, taken) in [
            (Kind::Text, json!(5), json!("5")),
            (Kind::Text, json!(true), json!("true")),
            (Kind::Number, json!(" 3 "), json!(3)),
            (Kind::Number, json!("1.5"), json!(1.5)),
            (Kind::Boolean, json!("true"), json!(true)),
            (Kind::Boolean, json!(0), json!(false)),
            (Kind::Texts, json!("news"), json!(["news"])),
            (Kind::Texts, json!("[\"a\",1]"), json!(["a", "1"])),
            (Kind::Texts, json!([1, "b"]), json!(["1", "b"])),
            (Kind::Texts, json!(""), json!([])),
            (
                Kind::Date,
                json!("2030-01-01"),
                json!("2030-01-01T00:00:00.000Z"),
            ),
            (Kind::Date, json!(1000), json!("1970-01-01T00:00:01.000Z")),
            (Kind::Any, json!([{}]), json!([{}])),
            (Kind::Number, json!(null), json!(null)),
        ] {
            assert_eq!(cast(&given, kind), Ok(taken), "{given}");
        }
        for (kind, given) in [
            (Kind::Text, json!({})),
            (Kind::Text, json!([1])),
            (Kind::Number, json!("many")),
            (Kind::Number, json!("NaN")),
            (Kind::Number, json!(true)),
            (Kind::Boolean, json!("perhaps")),
            (Kind::Texts, json!({ "a": 1 })),
            (Kind::Texts, json!([["a"]])),
            (Kind::Date, json!("soon")),
            (Kind::Date, json!(true)),
        ] {
            assert!(cast(&given, kind).is_err(), "{given}");
        }
    }
}
