//! Times as people write them, and as the tables keep them.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, SecondsFormat, Utc};
use loggia_sdk::Fault;

/// Reads `2027-01-31` (to the end of that day, UTC) or a time such as `2027-01-31T12:00:00Z`.
pub(crate) fn parse(name: &str, text: &str) -> Result<i64, Fault> {
    let text = text.trim();
    if let Ok(date) = NaiveDate::parse_from_str(text, "%Y-%m-%d")
        && let Some(next) = date.checked_add_days(Days::new(1))
    {
        return Ok(next.and_time(NaiveTime::MIN).and_utc().timestamp_millis());
    }
    DateTime::parse_from_rfc3339(text)
        .map(|time| time.timestamp_millis())
        .map_err(|_| {
            Fault::parameter(
                name,
                "must be a date such as 2027-01-31 or a time such as 2027-01-31T12:00:00Z",
            )
        })
}

/// Writes a time.
pub(crate) fn written(time_ms: i64) -> String {
    DateTime::<Utc>::from_timestamp_millis(time_ms)
        .unwrap_or_default()
        .to_rfc3339_opts(SecondsFormat::Secs, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_holds_to_its_end_and_a_time_is_a_time() {
        let day = parse("expires", "2027-01-31").unwrap();
        assert_eq!(written(day), "2027-02-01T00:00:00Z");
        let time = parse("expires", "2027-01-31T12:00:00+01:00").unwrap();
        assert_eq!(written(time), "2027-01-31T11:00:00Z");
        assert_eq!(parse("expires", "soon").unwrap_err().code(), "REQ_PNV");
    }
}
