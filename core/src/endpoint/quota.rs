//! What a client may know of its quota, and the headers that say it.

use crate::store::keys::DAY_MS;

/// A key's daily limit as it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// Calls a UTC day.
    pub limit: i64,
    /// About how many are left: exact on one node, what this node last knew where nodes share a limit.
    pub left: i64,
    /// Seconds until the next day begins.
    pub reset_s: u64,
}

impl Quota {
    pub(super) fn new(limit: i64, left: i64, now_ms: i64) -> Self {
        let rest_ms = DAY_MS - now_ms.rem_euclid(DAY_MS);
        Quota {
            limit,
            left: left.clamp(0, limit),
            reset_s: u64::try_from(rest_ms).unwrap_or(0).div_ceil(1_000),
        }
    }

    /// The headers `RateLimit-Policy` and `RateLimit`.
    pub fn headers(&self) -> [(String, String); 2] {
        let Quota {
            limit,
            left,
            reset_s,
        } = self;
        [
            (
                "ratelimit-policy".to_owned(),
                format!("\"day\";q={limit};w=86400"),
            ),
            (
                "ratelimit".to_owned(),
                format!("\"day\";r={left};t={reset_s}"),
            ),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_headers_say_what_is_left_and_when_the_day_ends() {
        let quota = Quota::new(1_000, 7, 20_000 * DAY_MS + DAY_MS - 1_500);
        let [policy, state] = quota.headers();
        assert_eq!(policy.1, "\"day\";q=1000;w=86400");
        assert_eq!(state.1, "\"day\";r=7;t=2");
    }
}
