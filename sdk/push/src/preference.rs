//! Preferences: what people want to be spared.

use diesel::prelude::*;
use loggia_sql::Connection;
use serde::{Deserialize, Serialize};

use crate::schema::{push_device, push_preference};

/// What a person, or the owner of a device, wants to be spared.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Preference {
    /// Hours in which nothing comes but what is urgent; the rest waits for their end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quiet: Option<QuietHours>,
    /// Topics of which nothing is to be heard.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub opted_out: Vec<String>,
    /// Nothing but what is urgent comes before this time; the rest waits for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub muted_until_ms: Option<i64>,
}

/// Hours of a day, by the clock of the device. They may go over midnight.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QuietHours {
    /// `22:00`.
    pub from: String,
    /// `07:00`.
    pub to: String,
}

impl QuietHours {
    /// Both as minutes since midnight; `None` where one is no time of a day.
    pub fn minutes(&self) -> Option<(u32, u32)> {
        Some((minutes(&self.from)?, minutes(&self.to)?))
    }

    /// How many minutes of them are left at a minute of the day; `None` outside them. The same time twice is no
    /// hours at all.
    pub fn left(&self, minute: u32) -> Option<u32> {
        const DAY: u32 = 24 * 60;
        let (from, to) = self.minutes()?;
        let length = (to + DAY - from) % DAY;
        let since = (minute + DAY - from) % DAY;
        (since < length).then(|| length - since)
    }
}

fn minutes(text: &str) -> Option<u32> {
    let (hour, minute) = text.split_once(':')?;
    let number = |digits: &str, below: u32| {
        let is_plain = digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
        let number: u32 = is_plain.then(|| digits.parse().ok())??;
        (number < below).then_some(number)
    };
    Some(number(hour, 24)? * 60 + number(minute, 60)?)
}

impl Preference {
    /// Reads a column's text; nothing is spared where it is none of ours.
    pub fn read(text: &str) -> Self {
        serde_json::from_str(text).unwrap_or_default()
    }

    /// The column's text.
    pub fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_else(|_| "{}".to_owned())
    }
}

/// What a person wants within an application: for all devices that are theirs, and those to come.
pub fn set_of_person(
    connection: &mut Connection,
    (application_id, user_ref): (i64, &str),
    preference: &Preference,
    now_ms: i64,
) -> QueryResult<()> {
    let text = preference.text();
    diesel::insert_into(push_preference::table)
        .values((
            push_preference::application_id.eq(application_id),
            push_preference::user_ref.eq(user_ref),
            push_preference::content.eq(&text),
            push_preference::modified_ms.eq(now_ms),
        ))
        .on_conflict((push_preference::application_id, push_preference::user_ref))
        .do_update()
        .set((
            push_preference::content.eq(&text),
            push_preference::modified_ms.eq(now_ms),
        ))
        .execute(connection)?;
    let theirs = push_device::table
        .filter(push_device::user_ref.eq(user_ref))
        .filter(push_device::application_id.eq(application_id));
    diesel::update(theirs)
        .set(push_device::preferences.eq(&text))
        .execute(connection)?;
    Ok(())
}

/// What a person wants within an application.
pub fn of_person(
    connection: &mut Connection,
    application_id: i64,
    user_ref: &str,
) -> QueryResult<Option<Preference>> {
    let text = push_preference::table
        .find((application_id, user_ref))
        .select(push_preference::content)
        .first::<String>(connection)
        .optional()?;
    Ok(text.map(|text| Preference::read(&text)))
}

/// What the owner of one device wants, until they say something for all their devices; `false` where it is not
/// there.
pub fn set_of_device(
    connection: &mut Connection,
    device_id: i64,
    preference: &Preference,
) -> QueryResult<bool> {
    let changed = diesel::update(push_device::table.find(device_id))
        .set(push_device::preferences.eq(preference.text()))
        .execute(connection)?;
    Ok(changed == 1)
}

/// Forgets what a person wants.
pub fn delete_of_person(
    connection: &mut Connection,
    application_id: i64,
    user_ref: &str,
) -> QueryResult<usize> {
    diesel::delete(push_preference::table.find((application_id, user_ref))).execute(connection)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(from: &str, to: &str) -> QuietHours {
        QuietHours {
            from: from.to_owned(),
            to: to.to_owned(),
        }
    }

    #[test]
    fn quiet_hours_may_go_over_midnight() {
        let night = hours("22:00", "07:00");
        assert_eq!(night.left(22 * 60), Some(9 * 60));
        assert_eq!(night.left(6 * 60 + 59), Some(1));
        assert_eq!(night.left(7 * 60), None);
        assert_eq!(night.left(12 * 60), None);
        assert_eq!(hours("13:00", "14:30").left(13 * 60 + 30), Some(60));
        assert_eq!(hours("08:00", "08:00").left(8 * 60), None);
    }

    #[test]
    fn what_is_no_time_of_a_day_is_no_quiet_hour() {
        for wrong in ["24:00", "7:00", "+7:00", "07:60", "0700", ""] {
            assert_eq!(hours(wrong, "08:00").minutes(), None, "{wrong}");
        }
    }
}
