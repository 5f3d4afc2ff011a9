//! One notification as a channel will send it: bodies written once for each set of wishes, and its end.

use std::sync::OnceLock;

use super::template::Template;
use super::{Badge, Message, Reason, Target, Wishes};

/// The bodies of a notification, written when first needed.
pub(super) struct Bodies<T> {
    by_wishes: [OnceLock<Result<T, Reason>>; 8],
}

impl<T> Bodies<T> {
    pub(super) fn new() -> Self {
        Self {
            by_wishes: [const { OnceLock::new() }; 8],
        }
    }

    /// The body for these wishes, or why there can be none.
    pub(super) fn get(
        &self,
        wishes: Wishes,
        write: impl FnOnce() -> Result<T, Reason>,
    ) -> Result<&T, Reason> {
        let position = usize::from(wishes.alert)
            | usize::from(wishes.badge) << 1
            | usize::from(wishes.sound) << 2;
        self.by_wishes[position]
            .get_or_init(write)
            .as_ref()
            .map_err(Clone::clone)
    }
}

/// A body with the limit checked, and what the headers have to say of it.
#[derive(Debug)]
pub(super) struct Written {
    /// The body.
    pub(super) template: Template,
    /// Whether nobody is to see anything of it.
    pub(super) is_background: bool,
}

/// What a device wants, without the badge where the message counts up and nobody knows from where.
pub(super) fn wishes(message: &Message, target: &Target) -> Wishes {
    let is_countless = matches!(message.badge, Some(Badge::More { .. })) && target.badge.is_none();
    Wishes {
        badge: target.wishes.badge && !is_countless,
        ..target.wishes
    }
}

/// Until when a message is of use, in milliseconds since 1970.
pub(super) fn expiry_ms(message: &Message, now_ms: i64) -> Option<i64> {
    let after = message.expires_after_s;
    let relative = after.map(|seconds| {
        let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
        now_ms.saturating_add(seconds.saturating_mul(1000))
    });
    relative.or(message.expires_ms)
}

/// Whether it is of no use any more.
pub(super) fn is_expired(message: &Message, now_ms: i64) -> bool {
    message.expires_after_s.is_none()
        && expiry_ms(message, now_ms).is_some_and(|until| until <= now_ms)
}
