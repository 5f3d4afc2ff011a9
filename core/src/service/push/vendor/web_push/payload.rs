//! What a page's service worker is handed: JSON with what it shows, and the data.

use serde_json::{Map, Value, json};

use super::super::plan::expiry_ms;
use super::super::template::{Hole, Template};
use super::super::{Badge, Message, Priority, Reason, Wishes};
use super::encryption::MOST_TEXT;

/// Push services keep nothing longer: four weeks, which is also how long they keep what names no end.
const MOST_TTL_S: i64 = 2_419_200;

/// The text for receivers with these wishes.
pub(in super::super) fn write(message: &Message, wishes: Wishes) -> Result<Template, Reason> {
    let mut text = Map::new();
    if wishes.alert {
        text.extend(texts(message));
    }
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            text.insert(name.to_owned(), value);
        }
    };
    let badge = message
        .badge
        .filter(|_| wishes.badge)
        .map(|badge| match badge {
            Badge::Exactly(number) => number.into(),
            Badge::More { .. } => Hole::Badge.mark(),
        });
    put("badge", badge);
    let silent = message.sound.is_none() || !wishes.sound;
    put(
        "silent",
        (silent && message.content_available).then(|| json!(true)),
    );
    put(
        "data",
        (!message.data.is_empty()).then(|| Value::Object(message.data.clone())),
    );
    put("id", Some(Hole::Id.mark()));
    let text = Value::Object(text);
    let length = text.to_string().len();
    if length > MOST_TEXT {
        return Err(
            format!("the payload has {length} bytes, and browsers take {MOST_TEXT}").into(),
        );
    }
    Ok(Template::new(&text))
}

/// What a page shows, but for the badge.
pub(in super::super) fn texts(message: &Message) -> impl Iterator<Item = (String, Value)> {
    let texts = [
        ("title", title(message)),
        ("body", body(message)),
        ("icon", message.icon.as_deref()),
        ("image", message.image.as_deref()),
        ("tag", message.tag.as_deref()),
        ("url", message.click_action.as_deref()),
    ];
    let given = texts.into_iter();
    given.filter_map(|(name, text)| Some((name.to_owned(), text?.into())))
}

/// The headline.
pub(in super::super) fn title(message: &Message) -> Option<&str> {
    let own = message.title.as_deref().or(message.message_from.as_deref());
    own.or_else(|| message.alert.as_ref()?.get("title")?.as_str())
}

/// The text.
pub(in super::super) fn body(message: &Message) -> Option<&str> {
    match &message.alert {
        Some(Value::String(text)) => Some(text),
        Some(Value::Object(alert)) => alert.get("body")?.as_str(),
        _ => message.body.as_deref(),
    }
}

/// How many seconds a push service is to keep it.
pub(super) fn ttl(message: &Message, now_ms: i64) -> i64 {
    let until = expiry_ms(message, now_ms);
    let seconds = until.map(|until| until.saturating_sub(now_ms) / 1000);
    seconds.unwrap_or(MOST_TTL_S).clamp(0, MOST_TTL_S)
}

/// RFC 8030's word for how urgent it is.
pub(super) fn urgency(message: &Message) -> &'static str {
    match message.priority {
        Some(Priority::High) => "high",
        Some(Priority::Low) => "low",
        Some(Priority::Normal) | None => "normal",
    }
}
