//! Times on the command line.

use chrono::{DateTime, NaiveDate, SecondsFormat, TimeDelta, Utc};

/// Reads a point in time: `2027-01-31`, `2027-01-31T12:00:00Z`, or so long from now: `30d`, `12h`, `45m`, `90s`.
pub(super) fn point_ms(text: &str) -> Result<i64, String> {
    let date = || {
        Some(
            NaiveDate::parse_from_str(text, "%Y-%m-%d")
                .ok()?
                .and_hms_opt(0, 0, 0)?
                .and_utc(),
        )
    };
    let exact = || {
        DateTime::parse_from_rfc3339(text)
            .ok()
            .map(|time| time.to_utc())
    };
    let from_now = || Utc::now().checked_add_signed(span(text)?);
    let time = date().or_else(exact).or_else(from_now);
    time.map(|time| time.timestamp_millis()).ok_or_else(|| {
        "write a date (2027-01-31), a time (2027-01-31T12:00:00Z) or a span from now (30d, 12h, 45m, 90s)".to_owned()
    })
}

/// Reads a span of time: `30d`, `12h`, `45m`, `90s`.
pub(super) fn span_ms(text: &str) -> Result<i64, String> {
    let span = span(text).map(|span| span.num_milliseconds());
    span.ok_or_else(|| "write a span of time, such as 30d, 12h, 45m or 90s".to_owned())
}

fn span(text: &str) -> Option<TimeDelta> {
    let unit = text.chars().last().filter(char::is_ascii_lowercase)?;
    let number: i64 = text[..text.len() - 1]
        .parse()
        .ok()
        .filter(|number| *number >= 0)?;
    match unit {
        'd' => TimeDelta::try_days(number),
        'h' => TimeDelta::try_hours(number),
        'm' => TimeDelta::try_minutes(number),
        's' => TimeDelta::try_seconds(number),
        _ => None,
    }
}

/// The UTC day it is, counted from 1970-01-01.
pub(super) fn today() -> i64 {
    Utc::now().timestamp_millis().div_euclid(86_400_000)
}

/// A time as people and programs read it.
pub(super) fn shown(time_ms: i64) -> String {
    DateTime::from_timestamp_millis(time_ms).map_or_else(String::new, |time| {
        time.to_rfc3339_opts(SecondsFormat::Millis, true)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_dates_as_instants_and_as_spans_from_now() {
        assert_eq!(point_ms("2027-01-31"), Ok(1_801_353_600_000));
        assert_eq!(point_ms("2027-01-31T01:00:00+01:00"), Ok(1_801_353_600_000));
        assert!(point_ms("30d").unwrap() > Utc::now().timestamp_millis());
        for wrong in ["", "d", "-3d", "3w", "tomorrow", "99999999999999999d", "3é"] {
            assert!(point_ms(wrong).is_err(), "{wrong}");
            assert!(span_ms(wrong).is_err(), "{wrong}");
        }
        assert_eq!(span_ms("90s"), Ok(90_000));
        assert_eq!(shown(1_801_353_600_000), "2027-01-31T00:00:00.000Z");
    }
}
