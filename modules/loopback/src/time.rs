//! Times as JavaScript writes them.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::Value;

/// A time, such as `2027-01-31T12:00:00.000Z`.
pub(crate) fn written(time_ms: i64) -> Value {
    let time = DateTime::<Utc>::from_timestamp_millis(time_ms).unwrap_or_default();
    time.to_rfc3339_opts(SecondsFormat::Millis, true).into()
}
