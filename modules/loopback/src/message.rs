//! What a notification says, from LoopBack's members to those of the model.

use loggia_push::Message;
use serde_json::{Map, Value, json};

use crate::error::{Error, Faults};
use crate::filter::time_ms;
use crate::reply::Record;

/// The members of LoopBack's model: they never travel as custom members.
const MODEL: [&str; 20] = [
    "id",
    "alert",
    "badge",
    "category",
    "collapseKey",
    "contentAvailable",
    "created",
    "delayWhileIdle",
    "deviceToken",
    "deviceType",
    "expirationInterval",
    "expirationTime",
    "modified",
    "scheduledTime",
    "sound",
    "status",
    "urlArgs",
    "timeToLive",
    "priority",
    "mutableContent",
];
/// Those that this server knows beside it, and that have a place of their own with a vendor.
const KNOWN: [(&str, &str); 4] = [
    ("subtitle", "subtitle"),
    ("threadId", "thread_id"),
    ("interruptionLevel", "interruption_level"),
    ("mutableContent", "mutable_content"),
];
/// Members that have a place with Google and travel as data besides.
const BOTH: [(&str, &str); 6] = [
    ("messageFrom", "message_from"),
    ("title", "title"),
    ("icon", "icon"),
    ("tag", "tag"),
    ("color", "color"),
    ("click_action", "click_action"),
];
/// Keys that Google takes in no data.
const RESERVED: [&str; 2] = ["from", "message_type"];

/// A notification, ready to be entered.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Prepared {
    /// The message as its row has it.
    pub(crate) message: String,
    /// From when on it is sent.
    pub(crate) scheduled_ms: Option<i64>,
    /// Until when it is sent.
    pub(crate) expires_ms: Option<i64>,
    /// A key that Google refuses, where there is one.
    pub(crate) reserved: Option<String>,
}

/// Reads a notification.
pub(crate) fn prepare(given: &Record, now_ms: i64) -> Result<Prepared, Error> {
    let mut faults = Faults::default();
    let interval = number(given, "expirationInterval", &mut faults)
        .or_else(|| number(given, "timeToLive", &mut faults));
    let absolute = time(given, "expirationTime", &mut faults);
    let scheduled_ms = time(given, "scheduledTime", &mut faults);
    let mut members = members(given, &mut faults);
    if !says(&members) && !faults.name("alert") {
        faults.absent("alert", given.get("alert"));
    }
    faults.into_result("Notification")?;
    let begins_ms = scheduled_ms.unwrap_or(now_ms).max(now_ms);
    let expires_ms = match interval {
        // Now or never: no vendor keeps it for a device that is away.
        Some(0) => {
            members.insert("expires_after_s".to_owned(), json!(0));
            None
        }
        Some(seconds) => Some(begins_ms.saturating_add(seconds.saturating_mul(1000))),
        None => absolute,
    };
    finished(members, scheduled_ms, expires_ms)
}

/// A message as the model of notifications has it, found good.
pub(crate) fn finished(
    members: Map<String, Value>,
    scheduled_ms: Option<i64>,
    expires_ms: Option<i64>,
) -> Result<Prepared, Error> {
    let row = Value::Object(members);
    if let Err(fault) = Message::read(&row, "ios", None) {
        return Err(Error::unprocessable(
            fault.to_string(),
            json!({ "context": "Notification" }),
        ));
    }
    let data = row["data"].as_object();
    let reserved = data.into_iter().flatten().map(|(name, _)| name);
    Ok(Prepared {
        reserved: reserved.into_iter().find(|name| is_reserved(name)).cloned(),
        message: row.to_string(),
        scheduled_ms,
        expires_ms,
    })
}

fn is_reserved(name: &str) -> bool {
    RESERVED.contains(&name) || name.starts_with("google") || name.starts_with("gcm")
}

fn members(given: &Record, faults: &mut Faults) -> Map<String, Value> {
    let mut members = Map::new();
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value.filter(|value| !value.is_null()) {
            members.insert(name.to_owned(), value);
        }
    };
    let alert = given.get("alert");
    match alert {
        None | Some(Value::Null) => {
            // The text of an Android notification is the only one there is.
            put(
                "body",
                given
                    .get("message")
                    .filter(|text| text.is_string())
                    .cloned(),
            );
        }
        Some(alert) if alert.is_string() || alert.is_object() => put("alert", Some(alert.clone())),
        Some(other) => faults.add(
            "alert",
            "invalid",
            "is neither a text nor an object",
            Some(other),
        ),
    }
    put("badge", given.get("badge").and_then(badge));
    put(
        "sound",
        given
            .get("sound")
            .filter(|sound| sound.is_string() || sound.is_object())
            .cloned(),
    );
    put(
        "category",
        given
            .get("category")
            .filter(|text| text.is_string())
            .cloned(),
    );
    put(
        "collapse_key",
        given
            .get("collapseKey")
            .filter(|text| text.is_string())
            .cloned(),
    );
    put(
        "url_args",
        given.get("urlArgs").filter(|list| list.is_array()).cloned(),
    );
    put(
        "content_available",
        given
            .get("contentAvailable")
            .filter(|one| is_true(one))
            .map(|_| json!(true)),
    );
    put(
        "data_only",
        given
            .get("dataOnly")
            .filter(|one| is_true(one))
            .map(|_| json!(true)),
    );
    put("priority", priority(given.get("priority"), faults));
    for (theirs, ours) in KNOWN.into_iter().chain(BOTH) {
        put(ours, given.get(theirs).cloned());
    }
    let custom = given.iter().filter(|(name, value)| {
        let is_known = KNOWN.iter().any(|(theirs, _)| theirs == name);
        !MODEL.contains(&name.as_str()) && !is_known && !value.is_null()
    });
    let custom: Map<String, Value> = custom
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    put(
        "data",
        (!custom.is_empty()).then_some(Value::Object(custom)),
    );
    put("mirrored", Some(json!(true)));
    members
}

/// Only numbers; -1 is one more than the device shows.
fn badge(value: &Value) -> Option<Value> {
    match value.as_i64()? {
        -1 => Some(json!({ "increase": 1 })),
        number => Some(json!(number)),
    }
}

fn is_true(value: &Value) -> bool {
    value == true || value == 1 || value == "true"
}

fn priority(value: Option<&Value>, faults: &mut Faults) -> Option<Value> {
    let word = match value? {
        Value::Null => return None,
        Value::String(word) => word.to_lowercase(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    };
    match word.as_str() {
        "high" | "10" => Some(json!("high")),
        "normal" | "5" => Some(json!("normal")),
        "low" | "1" => Some(json!("low")),
        _ => {
            faults.add(
                "priority",
                "inclusion",
                "is not included in the list",
                value,
            );
            None
        }
    }
}

/// Whole seconds; what is behind the point is left out.
fn number(given: &Record, name: &str, faults: &mut Faults) -> Option<i64> {
    let value = given.get(name).filter(|value| !value.is_null())?;
    let number = match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    let number = number.filter(|number: &f64| number.is_finite());
    if number.is_none() {
        faults.add(name, "numericality", "is not a number", Some(value));
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "what is beyond the greatest number is the greatest"
    )]
    number.map(|number| number as i64)
}

fn time(given: &Record, name: &str, faults: &mut Faults) -> Option<i64> {
    let value = given.get(name).filter(|value| !value.is_null())?;
    let time = match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => time_ms(text),
        _ => None,
    };
    if time.is_none() {
        faults.add(name, "date", "is not a valid date", Some(value));
    }
    time
}

/// An empty notification would wake a device for nothing.
fn says(members: &Map<String, Value>) -> bool {
    let texts = [
        "alert",
        "body",
        "title",
        "message_from",
        "data",
        "badge",
        "content_available",
    ];
    texts.iter().any(|name| members.contains_key(*name))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW_MS: i64 = 1_800_000_000_000;

    fn prepared(given: Value) -> (Value, Prepared) {
        let prepared = prepare(given.as_object().unwrap(), NOW_MS).unwrap();
        (serde_json::from_str(&prepared.message).unwrap(), prepared)
    }

    #[test]
    fn the_sample_of_the_read_me_keeps_its_members_and_its_custom_ones_travel() {
        let (message, prepared) = prepared(json!({
            "expirationInterval": 3600, "badge": 1, "sound": "ping.aiff", "alert": "Hello", "messageFrom": "Ray",
        }));
        assert_eq!(
            message,
            json!({
                "alert": "Hello", "badge": 1, "sound": "ping.aiff", "message_from": "Ray",
                "data": { "messageFrom": "Ray" }, "mirrored": true,
            })
        );
        assert_eq!(prepared.expires_ms, Some(NOW_MS + 3_600_000));
        assert_eq!(prepared.scheduled_ms, None);
    }

    #[test]
    fn members_of_the_model_never_travel_as_data() {
        let (message, _) = prepared(json!({
            "alert": { "body": "a", "title": "b" }, "deviceToken": "t", "deviceType": "ios", "status": "x",
            "delayWhileIdle": true, "collapseKey": "k", "contentAvailable": 1, "threadId": "th", "own": [1],
            "nothing": null, "priority": "high", "timeToLive": 9,
        }));
        assert_eq!(message["data"], json!({ "own": [1] }));
        assert_eq!(message["thread_id"], "th");
        assert_eq!(message["content_available"], true);
        assert_eq!(message["alert"], json!({ "body": "a", "title": "b" }));
    }

    #[test]
    fn the_interval_wins_over_the_time_and_counts_from_the_sending() {
        let (_, both) = prepared(json!({
            "alert": "x", "expirationInterval": 60, "expirationTime": "2020-01-01T00:00:00Z",
        }));
        assert_eq!(both.expires_ms, Some(NOW_MS + 60_000));
        let (_, later) = prepared(json!({
            "alert": "x", "expirationInterval": 60, "scheduledTime": NOW_MS + 5000,
        }));
        assert_eq!(later.expires_ms, Some(NOW_MS + 65_000));
        let (_, past) = prepared(json!({ "alert": "x", "expirationTime": 1000 }));
        assert_eq!(past.expires_ms, Some(1000));
        for given in [json!(60.9), json!("60")] {
            let (_, part) = prepared(json!({ "alert": "x", "expirationInterval": given }));
            assert_eq!(part.expires_ms, Some(NOW_MS + 60_000));
        }
        let (message, now) = prepared(json!({ "alert": "x", "expirationInterval": 0 }));
        assert_eq!(
            (&message["expires_after_s"], now.expires_ms),
            (&json!(0), None)
        );
    }

    #[test]
    fn a_notification_that_says_nothing_is_refused() {
        for empty in [
            json!({}),
            json!({ "sound": "ping" }),
            json!({ "alert": null, "deviceToken": "t" }),
        ] {
            let error = prepare(empty.as_object().unwrap(), NOW_MS).unwrap_err();
            assert_eq!(
                (error.status, error.name),
                (422, "ValidationError"),
                "{empty}"
            );
        }
        prepared(json!({ "badge": 0 }));
        prepared(json!({ "contentAvailable": true }));
        prepared(json!({ "score": 3 }));
    }

    #[test]
    fn keys_that_google_refuses_are_found_before_sending() {
        let reserved = |given: Value| prepared(given).1.reserved;
        assert_eq!(
            reserved(json!({ "alert": "x", "from": "me" })).as_deref(),
            Some("from")
        );
        assert_eq!(
            reserved(json!({ "alert": "x", "google.x": 1 })).as_deref(),
            Some("google.x")
        );
        assert_eq!(reserved(json!({ "alert": "x", "form": "me" })), None);
    }
}
