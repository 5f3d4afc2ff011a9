//! Apple's answers: one table from a reason to what it means here.

use http::StatusCode;
use serde::Deserialize;

use super::super::gate::retry_after;
use super::super::link::Reply;
use super::super::{Outcome, Reason, Scope};

/// What an answer means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// This notification will not reach this device.
    Refused,
    /// The device is no more.
    Gone,
    /// What the application proves itself with is wrong, or its topic is.
    Credentials,
    /// The provider token is out of date: with a new one the request may be sent again.
    Renew,
    /// Too much for this device.
    DeviceSlow,
    /// Too much of this application.
    ApplicationSlow,
    /// Apple's trouble, that passes.
    Later,
}

/// Every reason in Apple's table, those among them that `a2` does not know too.
pub(super) const REASONS: [(u16, &str, Meaning); 37] = [
    (400, "BadCollapseId", Meaning::Refused),
    (400, "BadDeviceToken", Meaning::Refused),
    (400, "BadExpirationDate", Meaning::Refused),
    (400, "BadMessageId", Meaning::Refused),
    (400, "BadPriority", Meaning::Refused),
    (400, "BadTopic", Meaning::Credentials),
    (400, "DeviceTokenNotForTopic", Meaning::Refused),
    (400, "DuplicateHeaders", Meaning::Refused),
    (400, "IdleTimeout", Meaning::Later),
    (400, "InvalidPushType", Meaning::Refused),
    (400, "MissingDeviceToken", Meaning::Refused),
    (400, "MissingTopic", Meaning::Credentials),
    (400, "PayloadEmpty", Meaning::Refused),
    (400, "TopicDisallowed", Meaning::Credentials),
    (400, "BadChannelId", Meaning::Refused),
    (400, "MissingChannelId", Meaning::Refused),
    (400, "ChannelNotRegistered", Meaning::Refused),
    (403, "BadCertificate", Meaning::Credentials),
    (403, "BadCertificateEnvironment", Meaning::Credentials),
    (403, "ExpiredProviderToken", Meaning::Renew),
    (403, "Forbidden", Meaning::Credentials),
    (403, "InvalidProviderToken", Meaning::Credentials),
    (403, "MissingProviderToken", Meaning::Credentials),
    (403, "UnrelatedKeyIdInToken", Meaning::Credentials),
    (403, "BadEnvironmentKeyIdInToken", Meaning::Credentials),
    (403, "BadEnvironmentKeyInToken", Meaning::Credentials),
    (404, "BadPath", Meaning::Refused),
    (405, "MethodNotAllowed", Meaning::Refused),
    (410, "ExpiredToken", Meaning::Gone),
    (410, "Unregistered", Meaning::Gone),
    (413, "PayloadTooLarge", Meaning::Refused),
    (429, "TooManyProviderTokenUpdates", Meaning::ApplicationSlow),
    (429, "TooManyRequests", Meaning::DeviceSlow),
    (500, "InternalServerError", Meaning::Later),
    (503, "ServiceUnavailable", Meaning::Later),
    (503, "Shutdown", Meaning::Later),
    (503, "ServiceBusy", Meaning::Later),
];

/// A reason that is in no table is told by its status alone, and never makes a device gone.
fn by_status(status: StatusCode) -> Meaning {
    match status.as_u16() {
        403 => Meaning::Credentials,
        429 => Meaning::DeviceSlow,
        500.. => Meaning::Later,
        _ => Meaning::Refused,
    }
}

/// What Apple writes beside a status that is not 200.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ErrorBody {
    reason: String,
    timestamp: Option<i64>,
}

/// What an answer means, with the outcome where it is final; the request is to be sent again for `Renew`.
pub(super) fn judge(reply: &Reply) -> (Meaning, Outcome) {
    let body: ErrorBody = serde_json::from_slice(&reply.body).unwrap_or_default();
    let known = REASONS.iter().find(|(_, name, _)| *name == body.reason);
    let (meaning, reason) = match known {
        Some((_, name, meaning)) => (*meaning, Reason::Borrowed(*name)),
        None => (by_status(reply.status), unknown(reply.status, &body.reason)),
    };
    (meaning, outcome(meaning, reason, &body, reply))
}

fn outcome(meaning: Meaning, reason: Reason, body: &ErrorBody, reply: &Reply) -> Outcome {
    let after = retry_after(&reply.headers);
    let retry = |scope| Outcome::Retry {
        after,
        scope,
        reason: reason.clone(),
    };
    match meaning {
        Meaning::Refused => Outcome::Refused { reason },
        Meaning::Gone => Outcome::Gone {
            reason,
            since_ms: body.timestamp,
        },
        Meaning::Credentials => Outcome::BadCredentials { reason },
        Meaning::Renew | Meaning::ApplicationSlow => retry(Scope::Application),
        Meaning::Later if after.is_some() => retry(Scope::Vendor),
        Meaning::DeviceSlow | Meaning::Later => retry(Scope::Device),
    }
}

/// A vendor's new word is shown if it is one: letters only, so that no token can slip in.
pub(in super::super) fn unknown(status: StatusCode, word: &str) -> Reason {
    let is_word = (1..=40).contains(&word.len())
        && word
            .bytes()
            .all(|byte| byte.is_ascii_alphabetic() || byte == b'_');
    let status = status.as_u16();
    if is_word {
        format!("status {status}, {word}").into()
    } else {
        format!("status {status}, without a known reason").into()
    }
}
