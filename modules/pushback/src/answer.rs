//! Answers in the words of the two PushBacks.

use std::collections::BTreeMap;

use loggia_sdk::prelude::*;
use serde_json::{Map, Value, json};

use crate::PushBack;
use crate::form::{Form, form_of};

/// Why a request is refused, as the client is told.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: u16,
    body: Value,
}

/// The faults of a JSON body, by member; all are told at once.
#[derive(Debug, Default)]
pub(crate) struct Faults(BTreeMap<&'static str, String>);

impl Faults {
    pub(crate) fn add(&mut self, member: &'static str, text: impl Into<String>) {
        self.0.entry(member).or_insert_with(|| text.into());
    }

    /// Goes on where there are none.
    pub(crate) fn check(self) -> Result<(), Refusal> {
        if self.0.is_empty() {
            return Ok(());
        }
        let members = self.0.into_iter();
        let members = members.map(|(name, text)| (name.to_owned(), json!([text])));
        Err(Refusal {
            status: 400,
            body: Value::Object(members.collect()),
        })
    }
}

impl Refusal {
    /// With one sentence.
    pub(crate) fn detail(status: u16, text: &str) -> Self {
        let body = json!({ "detail": text });
        Refusal { status, body }
    }

    /// A type of body that nobody reads.
    pub(crate) fn media(media: &str) -> Self {
        Refusal::detail(
            415,
            &format!("Unsupported media type \"{media}\" in request."),
        )
    }

    /// One faulty member of a JSON body.
    pub(crate) fn field(name: &str, text: &str) -> Self {
        let mut members = Map::new();
        members.insert(name.to_owned(), json!([text]));
        Refusal {
            status: 400,
            body: Value::Object(members),
        }
    }

    /// As the first PushBack told it.
    pub(crate) fn form(status: u16, message: &str) -> Self {
        let body = json!({ "result": "Error", "message": message });
        Refusal { status, body }
    }

    /// As an answer.
    pub(crate) fn body(self) -> Body {
        json_body(self.status, &self.body)
    }
}

/// A request that cannot be answered, because of what it says or because something failed.
#[derive(Debug)]
pub(crate) enum Failed {
    /// The client is told why.
    Refused(Refusal),
    /// The host answers.
    Fault(Fault),
}

impl From<Refusal> for Failed {
    fn from(refusal: Refusal) -> Self {
        Failed::Refused(refusal)
    }
}

impl From<Fault> for Failed {
    fn from(fault: Fault) -> Self {
        Failed::Fault(fault)
    }
}

impl From<loggia_sdk::Undeclared> for Failed {
    fn from(error: loggia_sdk::Undeclared) -> Self {
        Failed::Fault(error.into())
    }
}

impl From<diesel::result::Error> for Failed {
    fn from(error: diesel::result::Error) -> Self {
        Failed::Fault(error.into())
    }
}

/// Sends what was answered or refused.
pub(crate) fn finish(answered: Result<Body, Failed>) -> Result<Body, Fault> {
    match answered {
        Ok(body) => Ok(body),
        Err(Failed::Refused(refusal)) => Ok(refusal.body()),
        Err(Failed::Fault(fault)) => Err(fault),
    }
}

/// A JSON body.
pub(crate) fn json_body(status: u16, value: &Value) -> Body {
    Body {
        status,
        media_type: "application/json".to_owned(),
        headers: Vec::new(),
        bytes: value.to_string().into_bytes(),
    }
}

/// That it was done, in the words of the request's form. An id of a message is more than the original tells.
pub(crate) fn success(form: Form, (json, plain): (&str, &str), id: Option<i64>) -> Body {
    let mut answer = match form {
        Form::Json => json!({ "code": "success", "details": json }),
        Form::Form => json!({ "result": "Success", "message": plain }),
    };
    if let Some(id) = id {
        answer["id"] = id.into();
    }
    json_body(200, &answer)
}

/// Any other method than POST, where only that is answered.
#[expect(clippy::unnecessary_wraps, reason = "handlers of routes may fail")]
pub(crate) fn not_a_post(_module: &PushBack, call: &Call<'_>) -> Result<Body, Fault> {
    if form_of(call) == Form::Form {
        return Ok(Refusal::form(403, NO_TOKEN).body());
    }
    let text = format!("Method \"{}\" not allowed.", call.method());
    let mut body = Refusal::detail(405, &text).body();
    body.headers
        .push(("allow".to_owned(), "POST, OPTIONS".to_owned()));
    Ok(body)
}

/// What the first PushBack said without a token; the blanks are its own.
pub(crate) const NO_TOKEN: &str =
    "No app_token provided  unable to bind this request to any registered app";
