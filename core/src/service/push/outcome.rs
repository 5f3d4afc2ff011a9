//! What a sender's answer means for the ledger.

use std::time::Duration;

use loggia_push::alarm;
use loggia_push::delivery::State;
use loggia_push::settle::Settled;

use super::vendor::{Outcome, Scope};

/// The longest pause between two attempts that a vendor did not ask for.
const LONGEST_PAUSE_MS: i64 = 600_000;
/// After so many attempts a delivery is given up.
const MOST_ATTEMPTS: i64 = 20;
/// How long the others wait where a vendor asks an application, or everybody, to wait and does not say how long.
pub(super) const USUAL_PAUSE_MS: i64 = 5_000;

/// The row that an answer makes. `attempts` counts this one too.
pub(super) fn settled(
    device_id: i64,
    attempts: i64,
    outcome: &Outcome,
    now_ms: i64,
) -> Settled<'_> {
    let row = |state, reason| Settled {
        device_id,
        state,
        reason,
        vendor_id: None,
        next_attempt_ms: None,
        was_sent: true,
    };
    match outcome {
        Outcome::Accepted { vendor_id } => Settled {
            vendor_id: Some(vendor_id.as_str()).filter(|id| !id.is_empty()),
            ..row(State::Accepted, None)
        },
        Outcome::Refused { reason } => row(State::Refused, Some(reason.as_ref())),
        Outcome::Gone { reason, .. } => row(State::Gone, Some(reason.as_ref())),
        Outcome::Retry {
            scope: Scope::Device,
            reason,
            ..
        } if attempts >= MOST_ATTEMPTS => row(State::Refused, Some(reason.as_ref())),
        Outcome::Retry { after, reason, .. } => Settled {
            next_attempt_ms: Some(now_ms + pause_ms(*after, attempts, LONGEST_PAUSE_MS)),
            ..row(State::Queued, Some(reason.as_ref()))
        },
        Outcome::BadCredentials { reason } => Settled {
            next_attempt_ms: Some(alarm::PARKED_MS),
            ..row(State::Queued, Some(reason.as_ref()))
        },
        Outcome::Unanswered { reason } => Settled {
            next_attempt_ms: Some(now_ms + pause_ms(None, attempts, LONGEST_PAUSE_MS)),
            ..row(State::Unknown, Some(reason.as_ref()))
        },
        // It counts as an attempt when a page was handed it.
        Outcome::Posted { until_ms, .. } => Settled {
            next_attempt_ms: *until_ms,
            was_sent: false,
            ..row(State::Queued, Some("no page has taken it yet"))
        },
        Outcome::Expired => Settled {
            was_sent: false,
            ..row(State::Expired, None)
        },
        Outcome::Withheld => Settled {
            next_attempt_ms: Some(now_ms),
            was_sent: false,
            ..row(State::Queued, Some("the node that had it may not send"))
        },
    }
}

/// The pause before the next attempt: what the other side asked for, else one that doubles up to the longest; always a
/// little more, so that not all come back at once.
pub(super) fn pause_ms(asked: Option<Duration>, attempts: i64, longest_ms: i64) -> i64 {
    let doublings = u32::try_from(attempts.clamp(1, 20) - 1).unwrap_or(0);
    let own = (1_000_i64 << doublings).min(longest_ms);
    let asked = asked.map(|asked| i64::try_from(asked.as_millis()).unwrap_or(longest_ms));
    let pause = asked.unwrap_or(own).max(1);
    pause + rand::random_range(0..=pause / 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn retry(after: Option<Duration>) -> Outcome {
        Outcome::Retry {
            after,
            scope: Scope::Device,
            reason: "busy".into(),
        }
    }

    #[test]
    fn pauses_grow_until_a_bound_and_a_vendor_s_word_counts_more() {
        let at = |after, attempts| {
            settled(1, attempts, &retry(after), 0)
                .next_attempt_ms
                .unwrap()
        };
        for (attempts, pause) in [(1, 1_000), (2, 2_000), (4, 8_000), (15, 600_000)] {
            let next = at(None, attempts);
            assert!((pause..=pause + pause / 4).contains(&next), "{next}");
        }
        let next = at(Some(Duration::from_secs(2)), 9);
        assert!((2_000..=2_500).contains(&next), "{next}");
    }

    #[test]
    fn what_is_always_busy_is_given_up_but_not_for_the_vendor_s_own_trouble() {
        assert_eq!(settled(1, 20, &retry(None), 0).state, State::Refused);
        let all = Outcome::Retry {
            after: None,
            scope: Scope::Vendor,
            reason: "down".into(),
        };
        assert_eq!(settled(1, 99, &all, 0).state, State::Queued);
    }

    #[test]
    fn bad_credentials_park_and_what_was_not_sent_does_not_count() {
        let reason = || "InvalidProviderToken".into();
        let parked = Outcome::BadCredentials { reason: reason() };
        let row = settled(1, 1, &parked, 5);
        assert_eq!(
            (row.state, row.next_attempt_ms),
            (State::Queued, Some(alarm::PARKED_MS))
        );
        let row = settled(1, 1, &Outcome::Withheld, 5);
        assert_eq!(
            (row.state, row.next_attempt_ms, row.was_sent),
            (State::Queued, Some(5), false)
        );
        let unknown = Outcome::Unanswered { reason: reason() };
        assert_eq!(settled(1, 1, &unknown, 5).state, State::Unknown);
    }
}
