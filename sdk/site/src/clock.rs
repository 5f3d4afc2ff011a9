//! Times as the contract writes them, in UTC, and as the tables keep them.

use chrono::{DateTime, NaiveDateTime, Utc};
use loggia_sdk::Fault;

const FORM: &str = "%Y-%m-%d %H:%M:%S";

/// Reads `2027-01-31 12:00:00` (UTC) or a time such as `2027-01-31T12:00:00Z`.
pub fn parse(name: &str, text: &str) -> Result<i64, Fault> {
    let text = text.trim();
    if let Ok(time) = NaiveDateTime::parse_from_str(text, FORM) {
        return Ok(time.and_utc().timestamp_millis());
    }
    DateTime::parse_from_rfc3339(text)
        .map(|time| time.timestamp_millis())
        .map_err(|_| {
            Fault::parameter(
                name,
                "must be a time such as 2027-01-31 12:00:00 (UTC) or 2027-01-31T12:00:00Z",
            )
        })
}

/// Writes a time.
pub fn written(time_ms: i64) -> String {
    DateTime::<Utc>::from_timestamp_millis(time_ms)
        .unwrap_or_default()
        .format(FORM)
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_as_it_was_read() {
        let time = parse("publish_up", "2027-01-31 12:00:07").unwrap();
        assert_eq!(written(time), "2027-01-31 12:00:07");
        assert_eq!(
            parse("publish_up", "2027-01-31T13:00:07+01:00").unwrap(),
            time
        );
        assert_eq!(parse("publish_up", "soon").unwrap_err().code(), "REQ_PNV");
    }
}
