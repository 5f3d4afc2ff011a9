//! What vendors complain of, for the log: each reason of an application on a platform once a minute, with how often it came.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use loggia_push::Platform;
use parking_lot::Mutex;

use super::vendor::Outcome;

/// So long a reason that was told is not told again.
const QUIET: Duration = Duration::from_mins(1);
/// So many reasons are remembered at most; a vendor may make up as many as it likes.
const MOST: usize = 1_000;

/// What was told, and what was not.
#[derive(Default)]
pub(super) struct Complaints(Mutex<HashMap<Complaint, Told>>);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Complaint {
    application: i64,
    platform: Platform,
    reason: String,
}

struct Told {
    at: Instant,
    untold: u64,
}

impl Complaints {
    /// Takes what came of one push. Devices that are gone are no trouble, and bad credentials raise an alarm.
    pub(super) fn hear(&self, (application, platform): (i64, Platform), outcome: &Outcome) {
        let reason = match outcome {
            Outcome::Refused { reason }
            | Outcome::Retry { reason, .. }
            | Outcome::Unanswered { reason } => reason,
            Outcome::Accepted { .. }
            | Outcome::Gone { .. }
            | Outcome::BadCredentials { .. }
            | Outcome::Posted { .. }
            | Outcome::Expired
            | Outcome::Withheld => return,
        };
        let complaint = Complaint {
            application,
            platform,
            reason: reason.to_string(),
        };
        if let Some(times) = self.times(complaint, Instant::now()) {
            tracing::warn!(
                application,
                platform = platform.word(),
                times,
                "a push was not taken: {reason}"
            );
        }
    }

    /// How often it came since it was told last, where it is to be told now.
    fn times(&self, complaint: Complaint, now: Instant) -> Option<u64> {
        let mut known = self.0.lock();
        if known.len() >= MOST {
            known.retain(|_, told| now.duration_since(told.at) < QUIET);
        }
        if let Some(told) = known.get_mut(&complaint) {
            told.untold += 1;
            if now.duration_since(told.at) < QUIET {
                return None;
            }
            told.at = now;
            return Some(std::mem::take(&mut told.untold));
        }
        if known.len() >= MOST {
            return None;
        }
        let told = Told { at: now, untold: 0 };
        known.insert(complaint, told);
        Some(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_told_once_a_minute_with_how_often_it_came() {
        let complaints = Complaints::default();
        let complaint = |reason: &str| Complaint {
            application: 1,
            platform: Platform::Ios,
            reason: reason.to_owned(),
        };
        let now = Instant::now();
        let tell = |reason: &str, after_s: u64| {
            complaints.times(complaint(reason), now + Duration::from_secs(after_s))
        };
        assert_eq!(tell("down", 0), Some(1));
        assert_eq!(tell("down", 1), None);
        assert_eq!(tell("too large", 1), Some(1));
        assert_eq!(tell("down", 59), None);
        assert_eq!(tell("down", 60), Some(3));
        assert_eq!(tell("down", 61), None);
    }
}
