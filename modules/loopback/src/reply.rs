//! Bodies of requests and of answers.

use loggia_sdk::prelude::*;
use serde_json::{Map, Value, json};

use crate::bracket::form;
use crate::error::Error;

/// The members of a record.
pub(crate) type Record = Map<String, Value>;

/// Why there is no answer: an error that LoopBack has too, or a failure of the host.
#[derive(Debug)]
pub(crate) enum Failure {
    Error(Error),
    Fault(Fault),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure::Error(error)
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Failure::Fault(fault)
    }
}

impl From<diesel::result::Error> for Failure {
    fn from(error: diesel::result::Error) -> Self {
        Failure::Fault(error.into())
    }
}

/// What a handler comes to.
pub(crate) type Outcome<T> = Result<T, Failure>;

/// The answer of an outcome. What nobody planned for shows nothing of itself, as LoopBack outside of debugging.
pub(crate) fn answer(outcome: Outcome<Body>) -> Result<Body, Fault> {
    match outcome {
        Ok(body) => Ok(body),
        Err(Failure::Error(error)) => Ok(error.body()),
        Err(Failure::Fault(fault)) if fault.code() == "REQ_GER" => Ok(json_body(
            500,
            &json!({ "error": { "statusCode": 500, "message": "Internal Server Error" } }),
        )),
        Err(Failure::Fault(fault)) => Err(fault),
    }
}

/// An answer of JSON.
pub(crate) fn ok(value: &Value) -> Body {
    json_body(200, value)
}

fn json_body(status: u16, value: &Value) -> Body {
    Body {
        status,
        media_type: "application/json; charset=utf-8".to_owned(),
        headers: Vec::new(),
        bytes: value.to_string().into_bytes(),
    }
}

/// What a request brings: one record, or several.
pub(crate) enum Given {
    One(Record),
    Many(Vec<Record>),
}

/// Reads a body that is JSON or a form; without one there is a record without members. The key is not a member.
pub(crate) fn given(call: &Call<'_>) -> Result<Given, Error> {
    let bytes = call.body().trim_ascii();
    if bytes.is_empty() {
        return Ok(Given::One(Record::new()));
    }
    if call
        .body_type()
        .to_ascii_lowercase()
        .starts_with("application/x-www-form-urlencoded")
    {
        return Ok(Given::One(without_key(form(bytes))));
    }
    let value: Value = serde_json::from_slice(bytes)
        .map_err(|error| Error::bad_request(format!("The body is not valid JSON: {error}")))?;
    let no_object = || Error::bad_request("The body must be a JSON object or a list of them");
    match value {
        Value::Object(members) => Ok(Given::One(without_key(members))),
        Value::Array(values) => {
            let records = values.into_iter().map(|value| match value {
                Value::Object(members) => Ok(without_key(members)),
                _ => Err(no_object()),
            });
            records.collect::<Result<_, _>>().map(Given::Many)
        }
        _ => Err(no_object()),
    }
}

/// Reads a body that is one record.
pub(crate) fn one(call: &Call<'_>) -> Result<Record, Error> {
    match given(call)? {
        Given::One(record) => Ok(record),
        Given::Many(_) => Err(Error::bad_request("The body must be a JSON object")),
    }
}

fn without_key(mut members: Record) -> Record {
    members.remove("api_key");
    members
}

/// The members of a record but for these.
pub(crate) fn without(record: &Record, names: &[&str]) -> Record {
    let mut rest = record.clone();
    rest.retain(|name, _| !names.contains(&name.as_str()));
    rest
}

/// A text of a record; a number counts as its text. None where it is empty.
pub(crate) fn text(record: &Record, name: &str) -> Option<String> {
    match record.get(name)? {
        Value::String(text) if !text.trim().is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A parameter of the query.
pub(crate) fn parameter(call: &Call<'_>, name: &str) -> Option<String> {
    let mut pairs = form_urlencoded::parse(call.query().as_bytes());
    let found = pairs.find(|(key, value)| key == name && !value.is_empty());
    found.map(|(_, value)| value.into_owned())
}
