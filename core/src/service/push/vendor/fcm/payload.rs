//! What Google is sent: the body of `messages:send`, with a hole for the token.

use serde_json::{Map, Value, json};

use super::super::plan::expiry_ms;
use super::super::template::{Hole, Template};
use super::super::{Badge, Message, Priority, Reason, Wishes};

/// Google's limit of what the application and the system are shown.
const MOST_BYTES: usize = 4096;

/// Google keeps nothing longer: four weeks.
const MOST_TTL_S: i64 = 2_419_200;

/// The body for devices with these wishes, or why Google would not take it.
pub(super) fn write(message: &Message, wishes: Wishes, now_ms: i64) -> Result<Template, Reason> {
    let shown = shown(message, wishes);
    let mut data = data(message, wishes);
    let mut android = android(message, now_ms);
    let mut whole = Map::new();
    whole.insert("token".to_owned(), Hole::Token.mark());
    if message.data_only {
        for (name, value) in shown {
            data.insert(name.to_owned(), text(&value));
        }
    } else {
        let (common, own) = split(shown);
        put_object(&mut whole, "notification", common);
        put_object(&mut android, "notification", own);
    }
    check(&whole, &data)?;
    put_object(&mut whole, "data", data);
    put_object(&mut whole, "android", android);
    Ok(Template::new(&json!({"message": whole})))
}

fn put_object(target: &mut Map<String, Value>, name: &str, members: Map<String, Value>) {
    if !members.is_empty() {
        target.insert(name.to_owned(), Value::Object(members));
    }
}

fn check(whole: &Map<String, Value>, data: &Map<String, Value>) -> Result<(), Reason> {
    let is_reserved = |name: &str| {
        matches!(name, "from" | "message_type")
            || name.starts_with("google")
            || name.starts_with("gcm")
    };
    if let Some(name) = data.keys().find(|name| is_reserved(name)) {
        return Err(
            format!("the data has a member `{name}`, which Google keeps for itself").into(),
        );
    }
    let measured = json!({"data": data, "notification": whole.get("notification")});
    let length = measured.to_string().len();
    if length > MOST_BYTES {
        return Err(
            format!("the payload has {length} bytes, and Google takes {MOST_BYTES}").into(),
        );
    }
    Ok(())
}

/// Everything that is shown, under the names of the legacy protocol, which LoopBack's clients know.
fn shown(message: &Message, wishes: Wishes) -> Vec<(&'static str, Value)> {
    let mut all = Vec::new();
    let mut put = |name, value: Option<Value>| all.extend(value.map(|value| (name, value)));
    if wishes.alert {
        put("title", title(message));
        put("body", body(message));
        put("image", plain(message.image.as_ref()));
        put("title_loc_key", plain(message.title_loc_key.as_ref()));
        put("title_loc_args", list(&message.title_loc_args));
        put("body_loc_key", plain(message.loc_key.as_ref()));
        put("body_loc_args", list(&message.loc_args));
    }
    if wishes.badge {
        put("badge", badge(message, Hole::Badge));
    }
    if wishes.sound {
        put("sound", sound(message));
    }
    put("icon", plain(message.icon.as_ref()));
    put("tag", plain(message.tag.as_ref()));
    put("color", plain(message.color.as_ref()));
    put("click_action", plain(message.click_action.as_ref()));
    put("channel_id", plain(message.channel_id.as_ref()));
    all
}

/// What all platforms have in common, and what is Android's own.
fn split(shown: Vec<(&'static str, Value)>) -> (Map<String, Value>, Map<String, Value>) {
    let (mut common, mut own) = (Map::new(), Map::new());
    for (name, value) in shown {
        match name {
            "title" | "body" | "image" => common.insert(name.to_owned(), value),
            "badge" => own.insert("notification_count".to_owned(), value),
            _ => own.insert(name.to_owned(), value),
        };
    }
    (common, own)
}

/// Values are texts; what is null is left out, what is false is kept.
fn data(message: &Message, wishes: Wishes) -> Map<String, Value> {
    let own = message.data.iter().filter(|(_, value)| !value.is_null());
    let mut data: Map<_, _> = own
        .map(|(name, value)| (name.clone(), text(value)))
        .collect();
    if message.mirrored {
        if let Some(alert) = &message.alert {
            data.insert("alert".to_owned(), text(alert));
        }
        if let Some(badge) = badge(message, Hole::BadgeText).filter(|_| wishes.badge) {
            data.insert("badge".to_owned(), text(&badge));
        }
    }
    if let Some(name) = &message.id_member {
        data.insert(name.clone(), Hole::Id.mark());
    }
    data
}

fn android(message: &Message, now_ms: i64) -> Map<String, Value> {
    let mut android = Map::new();
    if let Some(key) = &message.collapse_key {
        android.insert("collapse_key".to_owned(), key.as_str().into());
    }
    let priority = match message.priority {
        Some(Priority::High) => Some("HIGH"),
        Some(Priority::Normal | Priority::Low) => Some("NORMAL"),
        None => message.content_available.then_some("HIGH"),
    };
    if let Some(priority) = priority {
        android.insert("priority".to_owned(), priority.into());
    }
    if let Some(until) = expiry_ms(message, now_ms) {
        let seconds = (until.saturating_sub(now_ms) / 1000).clamp(0, MOST_TTL_S);
        android.insert("ttl".to_owned(), format!("{seconds}s").into());
    }
    android
}

fn title(message: &Message) -> Option<Value> {
    let own = message.message_from.as_ref().or(message.title.as_ref());
    let alert = || message.alert.as_ref()?.get("title").cloned();
    plain(own).or_else(alert)
}

fn body(message: &Message) -> Option<Value> {
    match &message.alert {
        Some(Value::Object(alert)) => alert.get("body").cloned(),
        Some(Value::String(text)) => Some(text.as_str().into()),
        _ => plain(message.body.as_ref()),
    }
}

/// Of Apple's critical sound only its name is known here.
fn sound(message: &Message) -> Option<Value> {
    let sound = message.sound.as_ref()?;
    let name = sound.as_str().or_else(|| sound.get("name")?.as_str())?;
    (!name.is_empty()).then(|| name.into())
}

fn badge(message: &Message, hole: Hole) -> Option<Value> {
    match message.badge? {
        Badge::Exactly(number) => Some(number.into()),
        Badge::More { .. } => Some(hole.mark()),
    }
}

fn plain(text: Option<&String>) -> Option<Value> {
    text.filter(|text| !text.is_empty())
        .map(|text| text.as_str().into())
}

fn list(texts: &[String]) -> Option<Value> {
    (!texts.is_empty()).then(|| json!(texts))
}

/// A value as a text: texts as they are, all others in JSON.
fn text(value: &Value) -> Value {
    match value {
        Value::String(_) => value.clone(),
        other => other.to_string().into(),
    }
}
