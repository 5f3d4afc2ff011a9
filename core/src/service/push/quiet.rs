//! What people want to be spared, at the time of their device's clock.

use chrono::{DateTime, Timelike as _};
use chrono_tz::Tz;
use loggia_push::Preference;
use loggia_push::claim::Verdict;

const MINUTE_MS: i64 = 60_000;

/// What a preference says of a notification; `None` where it lets it through.
pub(super) fn spared(
    preference: &Preference,
    time_zone: Option<&str>,
    (topic, is_urgent): (Option<&str>, bool),
    now_ms: i64,
) -> Option<Verdict> {
    if topic.is_some_and(|topic| preference.opted_out.iter().any(|one| one == topic)) {
        return Some(Verdict::Skip(
            "its owner wants to hear nothing of this topic",
        ));
    }
    if is_urgent {
        return None;
    }
    let muted = preference
        .muted_until_ms
        .filter(|until_ms| *until_ms > now_ms);
    let quiet = preference.quiet.as_ref().and_then(|hours| {
        let left = hours.left(minute_of_day(time_zone, now_ms))?;
        // Not before the next full minute, where the count began.
        Some(now_ms - now_ms.rem_euclid(MINUTE_MS) + i64::from(left) * MINUTE_MS)
    });
    let at_ms = muted.into_iter().chain(quiet).max()?;
    let reason = "its owner wants quiet at this time";
    Some(Verdict::Later { at_ms, reason })
}

/// The minute of the day on a device's clock; of the world's where its zone is not known.
fn minute_of_day(time_zone: Option<&str>, now_ms: i64) -> u32 {
    let now = DateTime::from_timestamp_millis(now_ms).unwrap_or_default();
    let zone: Tz = time_zone
        .and_then(|name| name.parse().ok())
        .unwrap_or(Tz::UTC);
    let there = now.with_timezone(&zone);
    there.hour() * 60 + there.minute()
}

#[cfg(test)]
mod tests {
    use loggia_push::preference::QuietHours;

    use super::*;

    /// 2026-07-01, 21:30:20 UTC.
    const NOW: i64 = 1_782_941_420_000;

    fn night() -> Preference {
        Preference {
            quiet: Some(QuietHours {
                from: "22:00".to_owned(),
                to: "07:00".to_owned(),
            }),
            opted_out: vec!["sales".to_owned()],
            muted_until_ms: None,
        }
    }

    #[test]
    fn quiet_hours_are_those_of_the_device_s_clock() {
        let say = |zone| spared(&night(), zone, (None, false), NOW);
        assert_eq!(say(None), None);
        assert_eq!(say(Some("America/New_York")), None);
        let Some(Verdict::Later { at_ms, .. }) = say(Some("Europe/Vienna")) else {
            panic!("it is half past eleven in Vienna");
        };
        assert_eq!(at_ms, NOW - 20_000 + (7 * 60 + 30) * MINUTE_MS);
    }

    #[test]
    fn what_is_urgent_comes_through_unless_nobody_wants_to_hear_of_it() {
        let say = |topic, urgent| spared(&night(), Some("Europe/Vienna"), (topic, urgent), NOW);
        assert_eq!(say(None, true), None);
        assert!(matches!(say(Some("sales"), true), Some(Verdict::Skip(_))));
        let muted = Preference {
            muted_until_ms: Some(NOW + 5),
            ..Preference::default()
        };
        let told = spared(&muted, None, (None, false), NOW);
        assert!(matches!(told, Some(Verdict::Later { at_ms, .. }) if at_ms == NOW + 5));
        assert_eq!(spared(&muted, None, (None, false), NOW + 5), None);
    }
}
