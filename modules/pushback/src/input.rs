//! The body of a request, in either of the two encodings that PushBack has had.

mod multipart;

use loggia_sdk::Call;
use serde_json::{Map, Value};

use crate::answer::Refusal;
use crate::form::{FORM, MULTIPART, media};

/// The body, by its encoding. The encoding decides how faults are told.
pub(crate) enum Input {
    /// JSON: a later PushBack.
    Json(Map<String, Value>),
    /// A form: the first PushBack.
    Form(Map<String, Value>),
}

impl Input {
    /// Reads a request's body.
    pub(crate) fn read(call: &Call<'_>) -> Result<Self, Refusal> {
        let media = media(call);
        let body = call.body();
        if media == FORM {
            return Ok(Input::Form(form(body)));
        }
        if media == MULTIPART {
            let fields = multipart::fields(call.body_type(), body);
            let broken = || Refusal::detail(400, "Multipart form parse error");
            return fields.map(Input::Form).ok_or_else(broken);
        }
        if media.is_empty() && body.trim_ascii().is_empty() {
            return Ok(Input::Json(Map::new()));
        }
        if media != "application/json" && !media.ends_with("+json") && !media.is_empty() {
            return Err(Refusal::media(&media));
        }
        match serde_json::from_slice(body) {
            Ok(Value::Object(members)) => Ok(Input::Json(members)),
            Ok(other) => Err(Refusal::field(
                "non_field_errors",
                &format!(
                    "Invalid data. Expected a dictionary, but got {}.",
                    kind(&other)
                ),
            )),
            Err(error) => Err(Refusal::detail(400, &format!("JSON parse error - {error}"))),
        }
    }
}

/// The fields of a form; the last of a name counts.
fn form(body: &[u8]) -> Map<String, Value> {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_bytes(body).unwrap_or_default();
    let pairs = pairs.into_iter();
    pairs
        .map(|(name, value)| (name, Value::String(value)))
        .collect()
}

/// The name of a JSON value's type, as the original tells it.
pub(crate) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "NoneType",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "float",
        Value::Number(_) => "int",
        Value::String(_) => "str",
        Value::Array(_) => "list",
        Value::Object(_) => "dict",
    }
}

/// The longest id of a user.
const LONGEST_ID: usize = 150;

/// A user's id: a text or a number, without blanks around it.
fn id(value: &Value) -> Result<String, &'static str> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Null => return Err("This field may not be null."),
        Value::Bool(_) | Value::Array(_) | Value::Object(_) => return Err("Not a valid string."),
    };
    if text.is_empty() {
        return Err("This field may not be blank.");
    }
    if text.contains('\0') {
        return Err("Null characters are not allowed.");
    }
    if text.chars().count() > LONGEST_ID {
        return Err("Ensure this field has no more than 150 characters.");
    }
    Ok(text)
}

/// The ids in a list, each once, in their order.
pub(crate) fn ids(list: &[Value]) -> Result<Vec<String>, &'static str> {
    let mut known = std::collections::HashSet::new();
    let mut ids = Vec::with_capacity(list.len());
    for value in list {
        let id = id(value)?;
        if known.insert(id.clone()) {
            ids.push(id);
        }
    }
    Ok(ids)
}

/// What is to be told: `content`, or as the first documentation spells it.
pub(crate) fn content(members: &Map<String, Value>) -> Option<&Value> {
    members.get("content").or_else(|| members.get("conntent"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn ids_are_texts_or_numbers_each_once() {
        let list = [json!(" 7 "), json!(7), json!("ada"), json!(-1), json!("7")];
        assert_eq!(
            ids(&list),
            Ok(vec!["7".to_owned(), "ada".to_owned(), "-1".to_owned()])
        );
        for (bad, said) in [
            (json!(true), "Not a valid string."),
            (json!({}), "Not a valid string."),
            (json!(null), "This field may not be null."),
            (json!(" "), "This field may not be blank."),
            (
                json!("x".repeat(151)),
                "Ensure this field has no more than 150 characters.",
            ),
        ] {
            assert_eq!(ids(&[bad]), Err(said));
        }
    }
}
