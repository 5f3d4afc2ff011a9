//! A question, and what its answer must be.

use loggia_tests::client::Answer;
use serde_json::{Value, json};

use super::callers::{Callers, Who};
use super::table::Table;

/// What an answer must be.
#[derive(Clone, Debug)]
pub(super) enum Expected {
    /// The marks of these records, and no others.
    Marks(Vec<String>),
    /// These marks, and of the members by JSON pointers these values.
    Facts(Vec<String>, Vec<(&'static str, Value)>),
    /// A refusal with this code.
    Fault(&'static str),
    /// A refusal that says the same as the one of another path, of what is not there.
    As(String, &'static str),
    /// That no account or key is there, or no scope.
    Outside,
    /// This HTTP status, where errors have other bodies than jBackend's.
    Status(u16),
}

impl Expected {
    fn marks(&self) -> &[String] {
        match self {
            Expected::Marks(marks) | Expected::Facts(marks, _) => marks,
            _ => &[],
        }
    }

    fn facts(&self) -> &[(&'static str, Value)] {
        match self {
            Expected::Facts(_, facts) => facts,
            _ => &[],
        }
    }
}

/// A question.
#[derive(Clone, Debug)]
pub(super) struct Question {
    method: &'static str,
    path: String,
    body: Value,
    endpoint: Option<&'static str>,
    if_match: bool,
    expected: Expected,
}

impl Question {
    /// By GET.
    pub(super) fn get(path: impl Into<String>, expected: Expected) -> Question {
        Question {
            method: "GET",
            path: path.into(),
            body: Value::Null,
            endpoint: None,
            if_match: false,
            expected,
        }
    }

    /// By POST, with members.
    pub(super) fn post(path: impl Into<String>, body: Value, expected: Expected) -> Question {
        Question {
            method: "POST",
            body,
            ..Question::get(path, expected)
        }
    }

    /// What would be done, if the record were still what it was: that only who may do it is told that it is not.
    pub(super) fn outdated(self) -> Question {
        Question {
            if_match: true,
            expected: Expected::Fault("REQ_PCF"),
            ..self
        }
    }

    /// At another endpoint than the caller's usual one.
    pub(super) fn at(self, endpoint: &'static str) -> Question {
        Question {
            endpoint: Some(endpoint),
            ..self
        }
    }

    /// Puts the question; what is wrong with the answer, if anything is.
    pub(super) fn put(&self, table: &Table, callers: &Callers, who: Who) -> Option<String> {
        let answer = self.answer(callers, who, &self.path);
        let fault = self.fault(table, callers, who, &answer)?;
        let (method, path, text) = (self.method, &self.path, answer.text());
        Some(format!("{who:?} {method} {path}: {fault}\n    {text}"))
    }

    fn fault(&self, table: &Table, callers: &Callers, who: Who, answer: &Answer) -> Option<String> {
        let mut wanted = self.expected.marks().to_vec();
        wanted.sort();
        let shown = table.marks_in(answer);
        if shown != wanted {
            return Some(format!("it shows {shown:?} instead of {wanted:?}"));
        }
        let code = || answer.error_code();
        match &self.expected {
            Expected::Marks(_) | Expected::Facts(..) => {
                let is_refused = answer.text().starts_with("{\"status\":\"ko");
                if is_refused {
                    return Some("it is refused".to_owned());
                }
                let facts = self.expected.facts().iter();
                let mut wrong = facts.filter(|(pointer, value)| {
                    answer
                        .json()
                        .pointer(pointer)
                        .is_none_or(|member| member != value)
                });
                wrong
                    .next()
                    .map(|(pointer, value)| format!("{pointer} is not {value}"))
            }
            Expected::Fault(wanted) => (code() != *wanted).then(|| format!("it is not {wanted}")),
            Expected::As(path, wanted) => {
                let nothing = self.answer(callers, who, path);
                let is_alike = (answer.status, answer.text()) == (nothing.status, nothing.text());
                (code() != *wanted || !is_alike).then(|| {
                    format!(
                        "it is not {wanted} as of what is not there: {}",
                        nothing.text()
                    )
                })
            }
            Expected::Status(wanted) => {
                let status = answer.status;
                (status != *wanted).then(|| format!("its status is {status}, not {wanted}"))
            }
            Expected::Outside => {
                let outside = ["REQ_AUR", "REQ_AKR", "REQ_AKN", "REQ_MNF"];
                let is_outside = outside.contains(&code().as_str());
                (!is_outside).then(|| "he is let in".to_owned())
            }
        }
    }

    fn answer(&self, callers: &Callers, who: Who, path: &str) -> Answer {
        let usual = if who.is_key() {
            "/api/key"
        } else {
            "/api/free"
        };
        let (client, session) = callers.client(who, self.endpoint.unwrap_or(usual));
        let client = if self.if_match {
            client.with("If-Match", "\"0\"")
        } else {
            client
        };
        let joint = if path.contains('?') { '&' } else { '?' };
        let path = if session.is_empty() {
            path.to_owned()
        } else {
            format!("{path}{joint}session_id={session}")
        };
        if self.method == "GET" {
            return client.get(&path);
        }
        let body = if self.body.is_null() {
            json!({})
        } else {
            self.body.clone()
        };
        client.post_json(&path, &body)
    }
}
