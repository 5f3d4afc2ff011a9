//! Push services' answers, for browsers and for other endpoints alike.
//!
//! Whoever registers a device names its address, so nothing that comes from there may stop an application or
//! slow another device: a refusal is always this device's alone.

use super::super::gate::retry_after;
use super::super::link::Reply;
use super::super::{DeliveryId, Outcome, Reason, Scope};

/// The outcome of an answer.
pub(in super::super) fn judge(reply: &Reply, id: DeliveryId) -> Outcome {
    let status = reply.status.as_u16();
    let retry = |reason: Reason| Outcome::Retry {
        after: retry_after(&reply.headers),
        scope: Scope::Device,
        reason,
    };
    let refused = |reason: &'static str| Outcome::Refused {
        reason: reason.into(),
    };
    match status {
        200..=299 => Outcome::Accepted {
            vendor_id: compact_str::format_compact!("{id}"),
        },
        404 | 410 => Outcome::Gone {
            reason: format!("status {status}").into(),
            since_ms: None,
        },
        300..=399 => refused("the receiver points elsewhere, where nothing is sent to"),
        400 => refused("the receiver calls the request wrong"),
        401 | 403 => refused("the receiver does not take messages of this key"),
        413 => refused("the receiver calls the message too large"),
        429 => retry("status 429".into()),
        500.. => retry(format!("status {status}").into()),
        _ => Outcome::Refused {
            reason: format!("status {status}").into(),
        },
    }
}
