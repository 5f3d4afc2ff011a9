//! Values as Kunena's rows write them.

/// A truth value, `1` or `0`.
pub(crate) fn flag(value: bool) -> String {
    i64::from(value).to_string()
}

/// A time, in seconds since 1970.
pub(crate) fn time(time_ms: i64) -> String {
    time_ms.div_euclid(1000).to_string()
}
