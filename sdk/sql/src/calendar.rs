//! Dates and times without a time zone. Loggia's own tables keep milliseconds in a `BIGINT`; these are for
//! tables that come from elsewhere.

use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types;
use loggia_abi::rows::Cell;
use loggia_abi::value::kind;

use crate::backend::Backend;
use crate::bind::Bind;
use crate::types::mismatch;

const US_PER_SECOND: i64 = 1_000_000;
const US_PER_DAY: i64 = 86_400 * US_PER_SECOND;

/// A date, as days since 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = sql_types::Date)]
pub struct Day(pub i32);

/// A time of day, as microseconds since midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = sql_types::Time)]
pub struct TimeOfDay(pub i64);

/// A point in time, as microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = sql_types::Timestamp)]
pub struct Timestamp(pub i64);

impl Day {
    /// The form in which SQLite stores a date: `2024-02-29`.
    pub fn to_text(self) -> String {
        let (year, month, day) = civil(i64::from(self.0));
        format!("{year:04}-{month:02}-{day:02}")
    }

    /// Reads `2024-02-29`.
    pub fn from_text(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '-');
        let mut number = || parts.next()?.parse::<u16>().ok().map(i64::from);
        let (year, month, day) = (number()?, number()?, number()?);
        let days = days(year, month, day);
        (civil(days) == (year, month, day)).then_some(Day(i32::try_from(days).ok()?))
    }
}

impl TimeOfDay {
    /// The form in which SQLite stores a time: `23:59:59.000001`.
    pub fn to_text(self) -> String {
        let (seconds, us) = (
            self.0.div_euclid(US_PER_SECOND),
            self.0.rem_euclid(US_PER_SECOND),
        );
        let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
        format!("{hours:02}:{minutes:02}:{:02}.{us:06}", seconds % 60)
    }

    /// Reads `23:59`, `23:59:59` and `23:59:59.000001`.
    pub fn from_text(text: &str) -> Option<Self> {
        let (clock, fraction) = text.split_once('.').unwrap_or((text, ""));
        let mut parts = clock.splitn(3, ':');
        let hours = parts
            .next()?
            .parse::<u8>()
            .ok()
            .filter(|hours| *hours < 24)?;
        let minutes = parts
            .next()?
            .parse::<u8>()
            .ok()
            .filter(|minutes| *minutes < 60)?;
        let seconds = parts.next().unwrap_or("0").parse::<u8>().ok();
        let seconds = seconds.filter(|seconds| *seconds < 60)?;
        let whole = i64::from(hours) * 3600 + i64::from(minutes) * 60 + i64::from(seconds);
        Some(TimeOfDay(whole * US_PER_SECOND + fraction_us(fraction)?))
    }
}

impl Timestamp {
    /// The form in which SQLite stores a timestamp: `2024-02-29 23:59:59.000001`.
    pub fn to_text(self) -> String {
        let day = i32::try_from(self.0.div_euclid(US_PER_DAY)).unwrap_or(i32::MAX);
        let time = TimeOfDay(self.0.rem_euclid(US_PER_DAY));
        format!("{} {}", Day(day).to_text(), time.to_text())
    }

    /// Reads a date and a time with a space or a `T` between them, and perhaps a `Z` behind.
    pub fn from_text(text: &str) -> Option<Self> {
        let text = text.strip_suffix('Z').unwrap_or(text);
        let (day, time) = text.split_once([' ', 'T']).unwrap_or((text, "00:00"));
        let (day, time) = (Day::from_text(day)?, TimeOfDay::from_text(time)?);
        Some(Timestamp(i64::from(day.0) * US_PER_DAY + time.0))
    }
}

fn fraction_us(digits: &str) -> Option<i64> {
    if digits.is_empty() {
        return Some(0);
    }
    let digits = digits.get(..digits.len().min(6))?;
    let scale = 10_i64.pow(6 - u32::try_from(digits.len()).ok()?);
    digits
        .parse::<u32>()
        .ok()
        .map(|value| i64::from(value) * scale)
}

/// Days since 1970-01-01 of a date in the Gregorian calendar, which repeats every 400 years. Years are
/// counted from March, so that the leap day is a year's last.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Year, month and day of a number of days since 1970-01-01; the reverse of [`days`].
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

macro_rules! calendar_type {
    ($rust:ident, $sql_type:ident, $kind:ident, $cell:ident, $wanted:literal) => {
        impl ToSql<sql_types::$sql_type, Backend> for $rust {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Backend>) -> serialize::Result {
                out.set_value(Bind::integer(kind::$kind, self.0.into()));
                Ok(IsNull::No)
            }
        }

        impl FromSql<sql_types::$sql_type, Backend> for $rust {
            fn from_sql(cell: Cell<'_>) -> deserialize::Result<Self> {
                match cell {
                    Cell::$cell(value) => Ok($rust(value)),
                    Cell::Text(text) => $rust::from_text(text)
                        .ok_or_else(|| concat!("the text is not ", $wanted).into()),
                    other => mismatch($wanted, other),
                }
            }
        }
    };
}

calendar_type!(Day, Date, DATE, Date, "a date");
calendar_type!(TimeOfDay, Time, TIME, Time, "a time of day");
calendar_type!(Timestamp, Timestamp, TIMESTAMP, Timestamp, "a timestamp");

#[cfg(test)]
mod tests {
    use super::{Day, TimeOfDay, Timestamp};

    #[test]
    fn dates_read_as_they_were_written() {
        for day in [-719_528, -1, 0, 59, 60, 11_016, 19_782, 2_932_896] {
            assert_eq!(Day::from_text(&Day(day).to_text()), Some(Day(day)));
        }
        assert_eq!(Day(19_782).to_text(), "2024-02-29");
        assert_eq!(Day(0).to_text(), "1970-01-01");
    }

    #[test]
    fn days_that_no_month_has_are_refused() {
        for text in [
            "2023-02-29",
            "2024-13-01",
            "2024-00-10",
            "2024-04-31",
            "x",
            "",
        ] {
            assert_eq!(Day::from_text(text), None, "{text}");
        }
    }

    #[test]
    fn timestamps_read_as_they_were_written() {
        for us in [0, -1, 1, 1_709_251_199_000_001] {
            let text = Timestamp(us).to_text();
            assert_eq!(Timestamp::from_text(&text), Some(Timestamp(us)), "{text}");
        }
        let text = Timestamp(1_709_251_199_000_001).to_text();
        assert_eq!(text, "2024-02-29 23:59:59.000001");
    }

    #[test]
    fn a_time_may_be_short() {
        assert_eq!(
            TimeOfDay::from_text("01:02"),
            Some(TimeOfDay(3_720_000_000))
        );
        assert_eq!(
            TimeOfDay::from_text("01:02:03.5"),
            Some(TimeOfDay(3_723_500_000))
        );
        assert_eq!(TimeOfDay::from_text("24:00"), None);
    }
}
