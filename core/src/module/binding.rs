//! From what a request holds to the values an operation declared: converted and checked before the call.

use loggia_abi::value::kind;
use loggia_abi::{Str, Value as AbiValue};
use serde_json::Value;

use super::descriptor::{Operation, Parameter, ParameterKind};
use crate::fault::{Fault, Req};

/// A member as the request holds it.
#[derive(Clone, Debug, PartialEq)]
pub enum Given {
    /// From a query, a form or a path.
    Text(String),
    /// From a JSON body, or gathered from PHP's brackets.
    Json(Value),
    /// An uploaded file, by the name of its upload.
    File(String),
}

/// A value ready for the call. Texts own their bytes, so that a call can move to another thread.
#[derive(Clone, Debug, PartialEq)]
pub enum Bound {
    /// Absent; the kind that could stand here.
    Absent(u32),
    /// A truth value.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A number.
    Number(f64),
    /// A text, or the name of an upload.
    Text(String),
    /// A list, an object, or `null` where that clears.
    Json(String),
}

impl Bound {
    /// The value for the C structure; it borrows from this one.
    pub fn as_abi(&self) -> AbiValue<'_> {
        match self {
            Bound::Absent(of) => AbiValue::null(*of),
            Bound::Boolean(value) => AbiValue::integer(kind::BOOL, i64::from(*value)),
            Bound::Integer(value) => AbiValue::integer(kind::I64, *value),
            Bound::Number(value) => AbiValue::float(*value),
            Bound::Text(text) => AbiValue::text(text),
            Bound::Json(text) => AbiValue {
                kind: kind::JSON,
                of: 0,
                data: loggia_abi::ValueData {
                    text: Str::new(text),
                },
            },
        }
    }
}

/// Binds every declared parameter of an operation; `find` looks a member up by its name.
///
/// `fault_of` turns a code of the module's table into a fault.
pub fn bind(
    operation: &Operation,
    mut find: impl FnMut(&str) -> Option<Given>,
    fault_of: impl Fn(&str) -> Fault,
) -> Result<Vec<Bound>, Fault> {
    let mut values = Vec::with_capacity(operation.parameters.len());
    for parameter in &operation.parameters {
        let value = match find(&parameter.name) {
            Some(given) => convert(parameter, given)?,
            None => Bound::Absent(kind_of(parameter.kind)),
        };
        if parameter.required && is_missing(&value) {
            return Err(missing(parameter, fault_of));
        }
        values.push(value);
    }
    Ok(values)
}

/// An empty text is as good as none where a text must be given: no name, address or password is empty.
fn is_missing(value: &Bound) -> bool {
    match value {
        Bound::Absent(_) => true,
        Bound::Text(text) => text.is_empty(),
        _ => false,
    }
}

fn missing(parameter: &Parameter, fault_of: impl Fn(&str) -> Fault) -> Fault {
    match &parameter.missing {
        Some(code) => fault_of(code),
        None => Fault::parameter(&parameter.name, "must be given"),
    }
}

fn kind_of(kind: ParameterKind) -> u32 {
    match kind {
        ParameterKind::Text | ParameterKind::File => kind::TEXT,
        ParameterKind::Integer => kind::I64,
        ParameterKind::Number => kind::F64,
        ParameterKind::Boolean => kind::BOOL,
        ParameterKind::List | ParameterKind::Object => kind::JSON,
    }
}

fn convert(parameter: &Parameter, given: Given) -> Result<Bound, Fault> {
    if given == Given::Json(Value::Null) {
        return Ok(if parameter.rules.clearable {
            Bound::Json("null".to_owned())
        } else {
            Bound::Absent(kind_of(parameter.kind))
        });
    }
    match parameter.kind {
        ParameterKind::Text => text(parameter, given),
        ParameterKind::Integer => integer(parameter, given),
        ParameterKind::Number => number(parameter, given),
        ParameterKind::Boolean => boolean(parameter, given),
        ParameterKind::List => list(parameter, given),
        ParameterKind::Object => object(parameter, given),
        ParameterKind::File => match given {
            Given::File(upload) => Ok(Bound::Text(upload)),
            _ => Err(Fault::parameter(
                &parameter.name,
                "must be a file in a multipart form",
            )),
        },
    }
}

fn text(parameter: &Parameter, given: Given) -> Result<Bound, Fault> {
    let text = match given {
        Given::Text(text) | Given::Json(Value::String(text)) => text,
        Given::Json(value @ (Value::Number(_) | Value::Bool(_))) => value.to_string(),
        _ => return Err(Fault::parameter(&parameter.name, "must be a text")),
    };
    let rules = &parameter.rules;
    if !rules.choices.is_empty() && !rules.choices.contains(&text) {
        if rules.falls_back {
            return Ok(Bound::Absent(kind::TEXT));
        }
        return Err(Fault::parameter(
            &parameter.name,
            &format!("must be one of {}", rules.choices.join(", ")),
        ));
    }
    if text.contains('\0') {
        return Err(without_nul(parameter));
    }
    if let Some(longest) = rules
        .max_length
        .filter(|&longest| text.chars().count() > longest)
    {
        return Err(Fault::parameter(
            &parameter.name,
            &format!("must have at most {longest} characters"),
        ));
    }
    // An empty text is missing rather than short, and answered by the caller with the code for that.
    if let Some(least) = rules
        .min_length
        .filter(|&least| !text.is_empty() && text.chars().count() < least)
    {
        return Err(Fault::parameter(
            &parameter.name,
            &format!("must have at least {least} characters"),
        ));
    }
    Ok(Bound::Text(text))
}

fn integer(parameter: &Parameter, given: Given) -> Result<Bound, Fault> {
    let value = match given {
        Given::Text(text) | Given::Json(Value::String(text)) => {
            if text.is_empty() {
                return Ok(Bound::Absent(kind::I64));
            }
            php_integer(&text)
                .ok_or_else(|| Fault::parameter(&parameter.name, "is out of range"))?
        }
        Given::Json(Value::Number(number)) => whole(&number).ok_or_else(|| {
            Fault::parameter(&parameter.name, "must be a whole number within 64 bits")
        })?,
        Given::Json(Value::Bool(value)) => i64::from(value),
        _ => return Err(Fault::parameter(&parameter.name, "must be a whole number")),
    };
    #[expect(
        clippy::cast_precision_loss,
        reason = "bounds are small; a loss beyond 2^53 changes no comparison"
    )]
    within(parameter, value as f64)?;
    Ok(Bound::Integer(value))
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the range is checked before the cast"
)]
fn whole(number: &serde_json::Number) -> Option<i64> {
    let in_range = |float: &f64| float.abs() < 9.0e18;
    number.as_i64().or_else(|| {
        number
            .as_f64()
            .filter(in_range)
            .map(|float| float.trunc() as i64)
    })
}

/// PHP's reading of an integer: the first run of digits with its sign; none is 0. `None` beyond 64 bits.
fn php_integer(text: &str) -> Option<i64> {
    let Some(start) = text.find(|c: char| c.is_ascii_digit()) else {
        return Some(0);
    };
    let digits = &text[start..];
    let end = digits
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(digits.len());
    let signed = matches!(text[..start].chars().next_back(), Some('-' | '+'));
    text[start - usize::from(signed)..start + end].parse().ok()
}

fn number(parameter: &Parameter, given: Given) -> Result<Bound, Fault> {
    let value = match &given {
        Given::Text(text) if text.is_empty() => return Ok(Bound::Absent(kind::F64)),
        Given::Text(text) | Given::Json(Value::String(text)) => text.trim().parse().ok(),
        Given::Json(value) => value.as_f64(),
        Given::File(_) => None,
    };
    let value = value.filter(|value: &f64| value.is_finite());
    let value = value.ok_or_else(|| Fault::parameter(&parameter.name, "must be a number"))?;
    within(parameter, value)?;
    Ok(Bound::Number(value))
}

fn within(parameter: &Parameter, value: f64) -> Result<(), Fault> {
    let rules = &parameter.rules;
    if let Some(least) = rules.minimum.filter(|&least| value < least) {
        return Err(Fault::parameter(
            &parameter.name,
            &format!("must be at least {least}"),
        ));
    }
    if let Some(most) = rules.maximum.filter(|&most| value > most) {
        return Err(Fault::parameter(
            &parameter.name,
            &format!("must be at most {most}"),
        ));
    }
    Ok(())
}

fn boolean(parameter: &Parameter, given: Given) -> Result<Bound, Fault> {
    Ok(Bound::Boolean(match given {
        Given::Text(text) | Given::Json(Value::String(text)) => text == "true" || text == "1",
        Given::Json(Value::Bool(value)) => value,
        Given::Json(Value::Number(number)) => number.as_i64() == Some(1),
        _ => return Err(Fault::parameter(&parameter.name, "must be true or false")),
    }))
}

fn list(parameter: &Parameter, given: Given) -> Result<Bound, Fault> {
    let list = match given {
        Given::Json(Value::Array(list)) => Value::Array(list),
        // PHP's `a[k]=` where a list is wanted: the keys do not matter.
        Given::Json(Value::Object(map)) => {
            Value::Array(map.into_iter().map(|(_, value)| value).collect())
        }
        Given::Text(text) if text.is_empty() => return Ok(Bound::Absent(kind::JSON)),
        Given::Text(text) => Value::Array(text.split(',').map(|part| part.trim().into()).collect()),
        Given::Json(single @ (Value::String(_) | Value::Number(_) | Value::Bool(_))) => {
            Value::Array(vec![single])
        }
        Given::Json(Value::Null) | Given::File(_) => {
            return Err(Fault::parameter(&parameter.name, "must be a list"));
        }
    };
    json(parameter, &members_as_declared(parameter, list))
}

/// A list or an object as the module gets it.
fn json(parameter: &Parameter, value: &Value) -> Result<Bound, Fault> {
    if holds_nul(value) {
        return Err(without_nul(parameter));
    }
    Ok(Bound::Json(value.to_string()))
}

fn holds_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(list) => list.iter().any(holds_nul),
        Value::Object(members) => {
            (members.iter()).any(|(name, value)| name.contains('\0') || holds_nul(value))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// PostgreSQL cannot store it, so no module gets it.
fn without_nul(parameter: &Parameter) -> Fault {
    Fault::parameter(&parameter.name, "must not hold a NUL character")
}

/// Members of a form's list are texts; where the schema wants numbers they are read as PHP reads them. Where it wants
/// texts, a number is one, as it is for a parameter that is a text.
fn members_as_declared(parameter: &Parameter, list: Value) -> Value {
    let Value::Array(members) = list else {
        return list;
    };
    let read: fn(Value) -> Value = match parameter.schema["items"]["type"].as_str() {
        Some("integer") => |member| match member.as_str().and_then(php_integer) {
            Some(number) => number.into(),
            None => member,
        },
        Some("string") => |member| match member {
            Value::Number(_) | Value::Bool(_) => member.to_string().into(),
            other => other,
        },
        _ => |member| member,
    };
    Value::Array(members.into_iter().map(read).collect())
}

fn object(parameter: &Parameter, given: Given) -> Result<Bound, Fault> {
    let object = match given {
        Given::Json(value @ Value::Object(_)) => Some(value),
        // PHP cannot tell an empty object from an empty list, nor can its clients.
        Given::Json(Value::Array(list)) if list.is_empty() => {
            Some(Value::Object(serde_json::Map::new()))
        }
        Given::Text(text) => serde_json::from_str(&text).ok().filter(Value::is_object),
        _ => None,
    };
    match object {
        Some(object) => json(parameter, &object),
        None => Err(Fault::parameter(&parameter.name, "must be a JSON object")),
    }
}

/// The fault for a code of a module, with the host's codes known to all.
pub fn fault_named(faults: &[super::descriptor::FaultText], code: &str) -> Option<Fault> {
    if let Some(own) = faults.iter().find(|fault| fault.code == code) {
        return Some(Fault {
            code: own.code.clone().into(),
            text: own.text.clone().into(),
            detail: String::new(),
            status: own.status,
            retry_after_s: None,
        });
    }
    Req::named(code).map(Req::fault)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_read_as_php_reads_them() {
        let cases = [
            ("12-alias", 12),
            ("abc", 0),
            ("-7x", -7),
            ("x+3", 3),
            ("0012", 12),
            ("1.9", 1),
        ];
        for (text, value) in cases {
            assert_eq!(php_integer(text), Some(value), "{text}");
        }
        assert_eq!(php_integer("99999999999999999999"), None);
    }
}
