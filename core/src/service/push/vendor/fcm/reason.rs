//! Google's answers: one table from an error's code to what it means here.

use serde::Deserialize;
use serde_json::Value;

use super::super::apns::unknown;
use super::super::link::Reply;
use super::super::{Outcome, Reason};

/// What an answer means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// This notification will not reach this device.
    Refused,
    /// The token is no more; with `INVALID_ARGUMENT` only where the token is what it complains of.
    Gone,
    /// The service account may not send.
    Credentials,
    /// The access token is not good any more.
    Renew,
    /// Too much: of the project, or of one device where the details say so.
    Slow,
    /// Google's trouble, that passes.
    Later,
}

/// The codes of the messaging service, then the general ones.
const CODES: [(&str, Meaning); 14] = [
    ("UNREGISTERED", Meaning::Gone),
    ("INVALID_ARGUMENT", Meaning::Refused),
    ("SENDER_ID_MISMATCH", Meaning::Refused),
    ("QUOTA_EXCEEDED", Meaning::Slow),
    ("UNAVAILABLE", Meaning::Later),
    ("INTERNAL", Meaning::Later),
    ("THIRD_PARTY_AUTH_ERROR", Meaning::Credentials),
    ("UNSPECIFIED_ERROR", Meaning::Refused),
    ("RESOURCE_EXHAUSTED", Meaning::Slow),
    ("UNAUTHENTICATED", Meaning::Renew),
    ("PERMISSION_DENIED", Meaning::Credentials),
    ("NOT_FOUND", Meaning::Refused),
    ("FAILED_PRECONDITION", Meaning::Refused),
    ("DEADLINE_EXCEEDED", Meaning::Later),
];

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Body {
    error: ErrorBody,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ErrorBody {
    status: String,
    message: String,
    details: Vec<Value>,
}

/// An answer, understood.
#[derive(Debug)]
pub(super) struct Verdict {
    pub(super) meaning: Meaning,
    pub(super) reason: Reason,
    /// Whether the limit that was reached is one device's.
    pub(super) is_of_device: bool,
}

impl Verdict {
    /// The outcome, where it does not depend on pauses.
    pub(super) fn outcome(self) -> Outcome {
        let reason = self.reason;
        match self.meaning {
            Meaning::Gone => Outcome::Gone {
                reason,
                since_ms: None,
            },
            Meaning::Credentials | Meaning::Renew => Outcome::BadCredentials { reason },
            Meaning::Refused | Meaning::Slow | Meaning::Later => Outcome::Refused { reason },
        }
    }
}

/// What an answer means.
pub(super) fn judge(reply: &Reply) -> Verdict {
    let Body { error } = serde_json::from_slice(&reply.body).unwrap_or_default();
    let code = error.code().unwrap_or(&error.status);
    let known = CODES.iter().find(|(name, _)| *name == code);
    let (mut meaning, reason) = match known {
        Some((name, meaning)) => (*meaning, Reason::Borrowed(*name)),
        None => (by_status(reply), unknown(reply.status, code)),
    };
    if code == "INVALID_ARGUMENT" && error.is_about_token() {
        meaning = Meaning::Gone;
    }
    Verdict {
        meaning,
        reason,
        is_of_device: error.is_of_device(),
    }
}

fn by_status(reply: &Reply) -> Meaning {
    match reply.status.as_u16() {
        401 => Meaning::Renew,
        403 => Meaning::Credentials,
        429 => Meaning::Slow,
        500.. => Meaning::Later,
        _ => Meaning::Refused,
    }
}

impl ErrorBody {
    fn details_of<'e>(&'e self, kind: &'e str) -> impl Iterator<Item = &'e Value> {
        let is_of = move |detail: &&Value| {
            detail["@type"]
                .as_str()
                .is_some_and(|name| name.ends_with(kind))
        };
        self.details.iter().filter(is_of)
    }

    fn code(&self) -> Option<&str> {
        self.details_of("FcmError")
            .find_map(|detail| detail["errorCode"].as_str())
    }

    /// A bad message of ours is told by the field that is wrong, a bad token by its own field or in words only.
    fn is_about_token(&self) -> bool {
        if self.code().is_none() {
            return false;
        }
        let mut fields = self
            .details_of("BadRequest")
            .flat_map(|detail| detail["fieldViolations"].as_array().into_iter().flatten())
            .map(|violation| violation["field"].as_str().unwrap_or_default())
            .peekable();
        if fields.peek().is_some() {
            return fields.all(|field| field == "message.token");
        }
        let is_bad_request = self.details_of("BadRequest").next().is_some();
        !is_bad_request
            && self
                .message
                .to_ascii_lowercase()
                .contains("registration token")
    }

    fn is_of_device(&self) -> bool {
        let mut subjects = self
            .details_of("QuotaFailure")
            .flat_map(|detail| detail["violations"].as_array().into_iter().flatten())
            .map(|violation| violation["subject"].as_str().unwrap_or_default());
        subjects.any(|subject| subject.starts_with("device"))
    }
}
