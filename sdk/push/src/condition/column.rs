//! The members of a device that can be asked for, and where they lie.

use super::{ConditionFault, DEEPEST};

/// What a member of a device is in the table.
#[derive(Clone, Copy)]
pub(super) enum Column {
    Text(&'static str),
    Number(&'static str),
    Truth(&'static str),
    Token,
    Topic,
    Details,
}

pub(super) fn column(field: &str) -> Option<Column> {
    const TEXTS: [&str; 8] = [
        "public_id",
        "platform",
        "user_ref",
        "status",
        "retired_reason",
        "language",
        "time_zone",
        "app_version",
    ];
    const NUMBERS: [&str; 9] = [
        "id",
        "application_id",
        "user_id",
        "badge",
        "hits",
        "last_request_ms",
        "retired_ms",
        "created_ms",
        "modified_ms",
    ];
    const TRUTHS: [&str; 3] = ["ios_alert", "ios_badge", "ios_sound"];
    let known = |names: &'static [&'static str]| names.iter().find(|name| **name == field).copied();
    match field {
        "token" => Some(Column::Token),
        "topic" => Some(Column::Topic),
        _ if field.starts_with("details.") => Some(Column::Details),
        _ => known(&TEXTS)
            .map(Column::Text)
            .or_else(|| known(&NUMBERS).map(Column::Number))
            .or_else(|| known(&TRUTHS).map(Column::Truth)),
    }
}

/// The path behind `details.`, of plain names only, so that neither database sees a quote in it.
pub(super) struct Path<'a>(Vec<&'a str>);

impl<'a> Path<'a> {
    pub(super) fn read(field: &'a str) -> Result<Self, ConditionFault> {
        let names: Vec<_> = field.split('.').skip(1).collect();
        let is_plain = |name: &&str| {
            !name.is_empty()
                && name
                    .chars()
                    .all(|sign| sign.is_alphanumeric() || matches!(sign, '_' | '-'))
        };
        if names.iter().all(is_plain) && names.len() <= DEEPEST {
            Ok(Path(names))
        } else {
            Err(ConditionFault::Field(field.to_owned()))
        }
    }

    pub(super) fn sqlite(&self) -> String {
        let names = self.0.iter().map(|name| format!(".\"{name}\""));
        format!("${}", names.collect::<String>())
    }

    pub(super) fn postgresql(&self) -> String {
        let names: Vec<_> = self.0.iter().map(|name| format!("\"{name}\"")).collect();
        format!("{{{}}}", names.join(","))
    }
}
