//! What Apple is sent: the body, and the headers that tell of it.

use http::{HeaderMap, HeaderValue};
use serde_json::{Map, Value, json};

use super::super::plan::{Written, expiry_ms};
use super::super::template::{Hole, Template};
use super::super::{Badge, Message, Priority, Reason, Wishes};

/// Apple's limit.
const MOST_BYTES: usize = 4096;

/// Apple's limit of a collapse id.
const MOST_COLLAPSE_BYTES: usize = 64;

/// The body for devices with these wishes, or why Apple would not take it.
pub(super) fn write(message: &Message, wishes: Wishes) -> Result<Written, Reason> {
    let aps = aps(message, wishes);
    let is_visible = ["alert", "badge", "sound"]
        .iter()
        .any(|name| aps.contains_key(*name));
    let is_background = !is_visible && aps.contains_key("content-available");
    let mut body = message.data.clone();
    if body.contains_key("aps") {
        return Err("the data has a member `aps`, which is Apple's".into());
    }
    if let Some(name) = &message.id_member {
        body.insert(name.clone(), Hole::Id.mark());
    }
    body.insert("aps".to_owned(), Value::Object(aps));
    let body = Value::Object(body);
    let length = body.to_string().len();
    if length > MOST_BYTES {
        return Err(format!("the payload has {length} bytes, and Apple takes {MOST_BYTES}").into());
    }
    Ok(Written {
        template: Template::new(&body),
        is_background,
    })
}

/// The headers that all devices have in common.
pub(super) fn headers(
    message: &Message,
    topic: Option<&HeaderValue>,
    is_background: bool,
    now_ms: i64,
) -> Result<HeaderMap, Reason> {
    let mut headers = HeaderMap::with_capacity(8);
    if let Some(topic) = topic {
        headers.insert("apns-topic", topic.clone());
    }
    let kind = if is_background { "background" } else { "alert" };
    headers.insert("apns-push-type", HeaderValue::from_static(kind));
    let priority = priority(message, is_background);
    headers.insert("apns-priority", HeaderValue::from_static(priority));
    if let Some(until) = expiry_ms(message, now_ms) {
        headers.insert("apns-expiration", HeaderValue::from(until / 1000));
    }
    if let Some(key) = &message.collapse_key {
        if key.len() > MOST_COLLAPSE_BYTES {
            return Err("the collapse key is longer than Apple's 64 bytes".into());
        }
        let key = HeaderValue::from_str(key);
        let key = key.map_err(|_| Reason::from("the collapse key has control characters"))?;
        headers.insert("apns-collapse-id", key);
    }
    Ok(headers)
}

/// Apple refuses more than 5 for what nobody sees.
fn priority(message: &Message, is_background: bool) -> &'static str {
    match message.priority {
        Some(Priority::Low) => "1",
        Some(Priority::Normal) => "5",
        _ if is_background => "5",
        Some(Priority::High) | None => "10",
    }
}

fn aps(message: &Message, wishes: Wishes) -> Map<String, Value> {
    let mut aps = Map::new();
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            aps.insert(name.to_owned(), value);
        }
    };
    put("alert", alert(message).filter(|_| wishes.alert));
    put("badge", badge(message).filter(|_| wishes.badge));
    put("sound", sound(message).filter(|_| wishes.sound));
    put("category", message.category.as_deref().map(Value::from));
    put("thread-id", message.thread_id.as_deref().map(Value::from));
    put(
        "content-available",
        message.content_available.then(|| json!(1)),
    );
    put("mutable-content", message.mutable_content.then(|| json!(1)));
    put(
        "interruption-level",
        message.interruption_level.as_deref().map(Value::from),
    );
    put("relevance-score", message.relevance_score.map(Value::from));
    put("url-args", message.url_args.clone().map(Value::from));
    aps
}

/// Always an object, and none at all rather than an empty one, which would make a silent push visible.
fn alert(message: &Message) -> Option<Value> {
    let mut alert = match &message.alert {
        Some(Value::Object(alert)) => alert.clone(),
        _ => Map::new(),
    };
    let mut put = |name: &str, value: Option<&str>| {
        if let Some(value) = value {
            alert.insert(name.to_owned(), value.into());
        }
    };
    let text = match &message.alert {
        Some(Value::String(text)) => Some(text.as_str()),
        Some(Value::Object(_)) => None,
        _ => message.body.as_deref(),
    };
    put(
        "title",
        message.title.as_deref().or(message.message_from.as_deref()),
    );
    put("subtitle", message.subtitle.as_deref());
    put("body", text);
    put("title-loc-key", message.title_loc_key.as_deref());
    put("loc-key", message.loc_key.as_deref());
    for (name, list) in [
        ("title-loc-args", &message.title_loc_args),
        ("loc-args", &message.loc_args),
    ] {
        if !list.is_empty() {
            alert.insert(name.to_owned(), json!(list));
        }
    }
    (!alert.is_empty()).then_some(Value::Object(alert))
}

fn badge(message: &Message) -> Option<Value> {
    match message.badge? {
        Badge::Exactly(number) => Some(number.into()),
        Badge::More { .. } => Some(Hole::Badge.mark()),
    }
}

/// A name, or Apple's object of a critical sound.
fn sound(message: &Message) -> Option<Value> {
    let sound = message.sound.as_ref()?;
    (sound.is_object() || sound.as_str().is_some_and(|name| !name.is_empty()))
        .then(|| sound.clone())
}
