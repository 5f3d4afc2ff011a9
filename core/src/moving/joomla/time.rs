//! Joomla's times: UTC, and several ways to write that there is none.

use chrono::NaiveDateTime;

use crate::moving::source::Row;

/// The years before which no site is: what Joomla and its extensions write instead of no time.
const NO_TIMES: [&str; 2] = ["0000-", "1000-"];

impl Row {
    /// The time of a column in milliseconds; none where there is no time.
    pub fn time_ms(&self, column: &str) -> Option<i64> {
        read(self.get(column)?)
    }

    /// The time of a column that holds seconds since 1970; none where it is 0.
    pub fn seconds_ms(&self, column: &str) -> Option<i64> {
        Some(self.number(column).saturating_mul(1000)).filter(|time| *time != 0)
    }
}

/// A time as databases write it, with or without fractions, a `T` or a zone.
fn read(text: &str) -> Option<i64> {
    if NO_TIMES.iter().any(|none| text.starts_with(none)) {
        return None;
    }
    let text = text.replacen('T', " ", 1);
    let text = text.split(['.', '+', 'Z']).next()?;
    let time = match text.len() {
        10 => NaiveDateTime::parse_from_str(&format!("{text} 00:00:00"), "%Y-%m-%d %H:%M:%S"),
        _ => NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S"),
    };
    time.ok().map(|time| time.and_utc().timestamp_millis())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_every_version_and_database_writes_them() {
        for text in [
            "2027-01-31 12:00:00",
            "2027-01-31T12:00:00",
            "2027-01-31 12:00:00.000000",
        ] {
            assert_eq!(read(text), Some(1_801_396_800_000), "{text}");
        }
        assert_eq!(read("2027-01-31"), Some(1_801_353_600_000));
        for text in ["0000-00-00 00:00:00", "1000-01-01 00:00:00", "", "soon"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
