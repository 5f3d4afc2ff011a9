//! `[module.push]`, as far as the engine reads it.

use serde_json::{Map, Value};

/// How the engine behaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushSettings {
    /// Whether the server sends by itself, or only where `get/push/scheduler` is asked for.
    pub sends_by_itself: bool,
    /// How many devices one `get/push/scheduler` sends to.
    pub batch_size: i64,
    /// How long the ledger keeps what is completed.
    pub retention_ms: i64,
    /// Whether devices that are gone are deleted rather than marked.
    pub deletes_retired: bool,
    /// How long it is tried to tell an application's webhook something.
    pub webhook_patience_ms: i64,
}

/// Why the settings are refused: the member and the rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{member}` {rule}")]
pub struct PushSettingsFault {
    /// Which.
    pub member: &'static str,
    /// What it has to be.
    pub rule: &'static str,
}

const DAY_MS: i64 = 86_400_000;

impl PushSettings {
    /// Reads the members of `[module.push]`; what is absent has its default.
    pub fn read(values: &Map<String, Value>) -> Result<Self, PushSettingsFault> {
        Ok(Self {
            sends_by_itself: word(
                values,
                "scheduler",
                ["server", "request"],
                "is `server` or `request`",
            )?,
            batch_size: number(values, "batch_size", 10, 1_000_000)?,
            retention_ms: number(values, "retention_days", 90, 36_500)? * DAY_MS,
            deletes_retired: !word(
                values,
                "retire",
                ["keep", "delete"],
                "is `keep` or `delete`",
            )?,
            webhook_patience_ms: number(values, "webhook_patience_s", 259_200, 2_592_000)? * 1_000,
        })
    }
}

/// Whether a member is the first of two words, which it is by itself.
fn word(
    values: &Map<String, Value>,
    member: &'static str,
    [first, second]: [&str; 2],
    rule: &'static str,
) -> Result<bool, PushSettingsFault> {
    match values.get(member) {
        None | Some(Value::Null) => Ok(true),
        Some(Value::String(word)) if word == first => Ok(true),
        Some(Value::String(word)) if word == second => Ok(false),
        Some(_) => Err(PushSettingsFault { member, rule }),
    }
}

fn number(
    values: &Map<String, Value>,
    member: &'static str,
    default: i64,
    most: i64,
) -> Result<i64, PushSettingsFault> {
    let Some(value) = values.get(member).filter(|value| !value.is_null()) else {
        return Ok(default);
    };
    let number = value.as_i64().filter(|number| (1..=most).contains(number));
    number.ok_or(PushSettingsFault {
        member,
        rule: "is a whole number above 0",
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_absent_has_its_default_and_what_is_wrong_is_named() {
        let read = |values: Value| PushSettings::read(values.as_object().unwrap());
        let settings = read(json!({})).unwrap();
        assert!(settings.sends_by_itself && !settings.deletes_retired);
        assert_eq!(
            (settings.batch_size, settings.retention_ms),
            (10, 90 * DAY_MS)
        );
        let settings = read(json!({"scheduler": "request", "retire": "delete"})).unwrap();
        assert!(!settings.sends_by_itself && settings.deletes_retired);
        let fault = read(json!({"scheduler": "cron"})).unwrap_err();
        assert_eq!(fault.to_string(), "`scheduler` is `server` or `request`");
        let fault = read(json!({"batch_size": 0})).unwrap_err();
        assert_eq!(fault.to_string(), "`batch_size` is a whole number above 0");
    }
}
