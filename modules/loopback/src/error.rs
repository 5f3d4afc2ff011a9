//! Errors as LoopBack answers them.

use loggia_sdk::prelude::*;
use serde_json::{Map, Value, json};

/// An error: a status and the members of the object `error`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Error {
    /// The HTTP status.
    pub(crate) status: u16,
    /// What kind it is.
    pub(crate) name: &'static str,
    /// What happened.
    pub(crate) message: String,
    /// A word for programs.
    pub(crate) code: Option<&'static str>,
    /// What else there is to know.
    pub(crate) details: Option<Box<Value>>,
}

impl Error {
    fn new(status: u16, message: impl Into<String>) -> Self {
        Error {
            status,
            name: "Error",
            message: message.into(),
            code: None,
            details: None,
        }
    }

    fn coded(mut self, code: &'static str) -> Self {
        self.code = Some(code);
        self
    }

    /// With what a program may want to know.
    pub(crate) fn with(mut self, details: Value) -> Self {
        self.details = Some(Box::new(details));
        self
    }

    /// The request cannot be understood.
    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Error::new(400, message).coded("INVALID_ARGUMENT")
    }

    /// There is no such record.
    pub(crate) fn not_found(model: &str, id: &str) -> Self {
        Error::new(
            404,
            format!("Unknown \"{}\" id \"{id}\".", model.to_lowercase()),
        )
        .coded("MODEL_NOT_FOUND")
    }

    /// What is to be sent to is not there.
    pub(crate) fn missing(message: impl Into<String>, details: Value) -> Self {
        Error::new(404, message).with(details)
    }

    /// What was asked for is understood and cannot be done.
    pub(crate) fn unprocessable(message: impl Into<String>, details: Value) -> Self {
        Error::new(422, message).with(details)
    }

    /// One member of a model breaks a rule.
    pub(crate) fn invalid(
        model: &str,
        member: &str,
        (code, message): (&str, &str),
        value: Option<&Value>,
    ) -> Self {
        let mut faults = Faults::default();
        faults.add(member, code, message, value);
        faults.into_error(model)
    }

    /// Another record has the id.
    pub(crate) fn taken(model: &str, id: &str) -> Self {
        Error::invalid(
            model,
            "id",
            ("uniqueness", "is not unique"),
            Some(&json!(id)),
        )
    }

    /// Nobody has said who he is.
    pub(crate) fn unauthorized() -> Self {
        Error::new(401, "Authorization Required").coded("AUTHORIZATION_REQUIRED")
    }

    /// The caller may not do it.
    pub(crate) fn denied(message: impl Into<String>) -> Self {
        Error::new(403, message).coded("ACCESS_DENIED")
    }

    /// The answer.
    pub(crate) fn body(self) -> Body {
        let mut error = Map::new();
        error.insert("statusCode".to_owned(), json!(self.status));
        error.insert("name".to_owned(), json!(self.name));
        error.insert("message".to_owned(), json!(self.message));
        if let Some(code) = self.code {
            error.insert("code".to_owned(), json!(code));
        }
        if let Some(details) = self.details {
            error.insert("details".to_owned(), *details);
        }
        Body {
            status: self.status,
            media_type: "application/json; charset=utf-8".to_owned(),
            headers: Vec::new(),
            bytes: json!({ "error": error }).to_string().into_bytes(),
        }
    }
}

/// Members that break rules, collected.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    codes: Map<String, Value>,
    messages: Map<String, Value>,
    sentences: Vec<String>,
}

impl Faults {
    /// A member that is not there.
    pub(crate) fn absent(&mut self, member: &str, value: Option<&Value>) {
        self.add(member, "presence", "can't be blank", value);
    }

    /// A member that breaks a rule.
    pub(crate) fn add(&mut self, member: &str, code: &str, message: &str, value: Option<&Value>) {
        let push = |map: &mut Map<String, Value>, text: &str| {
            let list = map.entry(member).or_insert_with(|| json!([]));
            if let Value::Array(list) = list {
                list.push(json!(text));
            }
        };
        push(&mut self.codes, code);
        push(&mut self.messages, message);
        let value = value.map_or_else(|| "undefined".to_owned(), shown);
        self.sentences
            .push(format!("`{member}` {message} (value: {value})"));
    }

    /// Whether a member is among them.
    pub(crate) fn name(&self, member: &str) -> bool {
        self.codes.contains_key(member)
    }

    /// The error, where there is a fault.
    pub(crate) fn into_result(self, model: &str) -> Result<(), Error> {
        if self.sentences.is_empty() {
            return Ok(());
        }
        Err(self.into_error(model))
    }

    fn into_error(self, model: &str) -> Error {
        Error {
            status: 422,
            name: "ValidationError",
            message: format!(
                "The `{model}` instance is not valid. Details: {}.",
                self.sentences.join("; ")
            ),
            code: None,
            details: Some(Box::new(json!({
                "context": model, "codes": self.codes, "messages": self.messages,
            }))),
        }
    }
}

/// A value as the sentence shows it, cut where it is long. A token is a secret and is not shown.
fn shown(value: &Value) -> String {
    const LONGEST: usize = 40;
    let text = value.to_string();
    if text.chars().count() <= LONGEST {
        return text;
    }
    let cut: String = text.chars().take(LONGEST).collect();
    format!("{cut}...")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_of_validation_has_the_body_that_clients_of_loopback_read() {
        let mut faults = Faults::default();
        faults.absent("deviceToken", None);
        let body = faults.into_result("Installation").unwrap_err().body();
        assert_eq!(body.status, 422);
        let body: Value = serde_json::from_slice(&body.bytes).unwrap();
        assert_eq!(
            body,
            json!({ "error": {
                "statusCode": 422, "name": "ValidationError",
                "message": "The `Installation` instance is not valid. Details: `deviceToken` can't be blank (value: undefined).",
                "details": {
                    "context": "Installation",
                    "codes": { "deviceToken": ["presence"] },
                    "messages": { "deviceToken": ["can't be blank"] },
                },
            } })
        );
    }
}
