//! Everything a notification can carry, as its row keeps it in JSON.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A notification's content for one platform and one language. In JSON members have these names, absent where empty.
///
/// A row may hold more: `platforms` and `localised` are objects of the same form by platform (`ios`, `android`,
/// `web`, `endpoint`) and by language (`fr`, `fr_CA`), laid over the rest by [`Message::read`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Message {
    /// The headline.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What Apple's headline may be and Google's is before `title`: LoopBack's `messageFrom`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_from: Option<String>,
    /// A second line under the headline.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subtitle: Option<String>,
    /// The text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// LoopBack's `alert`: a text, or Apple's object as it is. Before `body`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alert: Option<Value>,
    /// The name of the headline in the application's own tables of texts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title_loc_key: Option<String>,
    /// What is put into it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub title_loc_args: Vec<String>,
    /// The name of the text in the application's own tables of texts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub loc_key: Option<String>,
    /// What is put into it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub loc_args: Vec<String>,
    /// The number at the icon.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub badge: Option<Badge>,
    /// A sound's name, or Apple's object of a critical one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sound: Option<Value>,
    /// The members of the sender's own: beside `aps` for Apple, as texts in `data` for Google.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub data: Map<String, Value>,
    /// The member of the data that is to tell each device the id of its delivery, for receipts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_member: Option<String>,
    /// Nothing is shown: everything travels in the data.
    #[serde(skip_serializing_if = "is_false")]
    pub data_only: bool,
    /// The alert and the badge are in Google's data too, where LoopBack's clients look for them.
    #[serde(skip_serializing_if = "is_false")]
    pub mirrored: bool,
    /// Wakes the application.
    #[serde(skip_serializing_if = "is_false")]
    pub content_available: bool,
    /// The application may change the message before it is shown.
    #[serde(skip_serializing_if = "is_false")]
    pub mutable_content: bool,
    /// Messages with the same key replace one another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub collapse_key: Option<String>,
    /// Messages with the same id stand together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thread_id: Option<String>,
    /// The kind of the message, on which its buttons depend.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// Apple's `passive`, `active`, `time-sensitive` or `critical`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interruption_level: Option<String>,
    /// How the message stands among others, 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relevance_score: Option<f64>,
    /// What is put into the address that Safari opens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url_args: Option<Vec<String>>,
    /// How urgent it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
    /// How many seconds after sending it is still of use. Before `expires_ms`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_after_s: Option<u64>,
    /// Until when it is of use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_ms: Option<i64>,
    /// A picture's address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// An icon's name or address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub icon: Option<String>,
    /// The icon's colour, `#rrggbb`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub color: Option<String>,
    /// Shown messages with the same tag replace one another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// What a click does: an activity's name on Android, an address on the web.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub click_action: Option<String>,
    /// The channel of Android's settings that it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel_id: Option<String>,
}

/// The number at an application's icon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    untagged,
    expecting = "`badge` is a whole number, or `{\"increase\":1}`"
)]
pub enum Badge {
    /// This number; 0 takes it away.
    Exactly(i64),
    /// More by so many than the device shows: `{"increase":1}`.
    More {
        /// By how many.
        increase: i64,
    },
}

/// How urgent a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// At once.
    High,
    /// When it suits the device's battery.
    Normal,
    /// Only when the device is awake anyway.
    Low,
}

/// Why a row's JSON is no message: the member and the rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct MessageFault(pub Cow<'static, str>);

impl Message {
    /// The message for a platform and a language from what the row holds.
    ///
    /// A language is looked for as it is written, then by its two letters; the platform's members come last.
    pub fn read(row: &Value, platform: &str, language: Option<&str>) -> Result<Self, MessageFault> {
        let Value::Object(members) = row else {
            return Err(MessageFault("`message` is not an object".into()));
        };
        let mut members = members.clone();
        let platforms = members.shift_remove("platforms");
        let localised = members.shift_remove("localised");
        let variant = language.and_then(|language| variant(localised.as_ref()?, language));
        let own = platforms.as_ref().and_then(|all| all.get(platform));
        for layer in [variant, own].into_iter().flatten() {
            lay_over(&mut members, layer);
        }
        serde_json::from_value(Value::Object(members))
            .map_err(|fault| MessageFault(format!("`message`: {fault}").into()))
    }
}

/// The languages that a row has texts for.
pub fn languages(row: &Value) -> impl Iterator<Item = &str> {
    let variants = row.get("localised").and_then(Value::as_object);
    variants
        .into_iter()
        .flatten()
        .map(|(name, _)| name.as_str())
}

/// The variant of a language: `fr_CA` and `fr-CA` are one, and `fr` serves both.
fn variant<'v>(localised: &'v Value, language: &str) -> Option<&'v Value> {
    let same = |name: &str| {
        name.replace('-', "_")
            .eq_ignore_ascii_case(&language.replace('-', "_"))
    };
    let variants = localised.as_object()?;
    let exact = variants.iter().find(|(name, _)| same(name));
    let short = || variants.get(&language.get(..2)?.to_ascii_lowercase());
    exact.map(|(_, value)| value).or_else(short)
}

/// A member of the layer replaces the one below; null takes it away.
fn lay_over(members: &mut Map<String, Value>, layer: &Value) {
    for (name, value) in layer.as_object().into_iter().flatten() {
        if value.is_null() {
            members.shift_remove(name);
        } else {
            members.insert(name.clone(), value.clone());
        }
    }
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks with a reference"
)]
fn is_false(value: &bool) -> bool {
    !*value
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn languages_and_platforms_are_laid_over_the_rest() {
        let row = json!({
            "title": "Hello", "body": "all", "data": {"a": 1},
            "localised": {"fr": {"title": "Bonjour"}, "fr_CA": {"title": "Allo"}},
            "platforms": {"ios": {"sound": "default"}, "android": {"title": null}},
        });
        let read = |platform, language| Message::read(&row, platform, language).unwrap();
        assert_eq!(read("ios", Some("fr-ca")).title.as_deref(), Some("Allo"));
        assert_eq!(read("ios", Some("fr_BE")).title.as_deref(), Some("Bonjour"));
        assert_eq!(read("ios", Some("de")).title.as_deref(), Some("Hello"));
        assert_eq!(read("ios", None).sound, Some(json!("default")));
        assert_eq!(read("android", Some("fr")).title, None);
    }

    #[test]
    fn a_badge_is_a_number_or_a_step() {
        let read = |badge| {
            Message::read(&json!({"badge": badge}), "ios", None)
                .unwrap()
                .badge
        };
        assert_eq!(read(json!(3)), Some(Badge::Exactly(3)));
        assert_eq!(
            read(json!({"increase": 1})),
            Some(Badge::More { increase: 1 })
        );
    }

    #[test]
    fn an_unknown_member_is_named() {
        let fault = Message::read(&json!({"tittle": "x"}), "ios", None).unwrap_err();
        assert!(fault.to_string().contains("`tittle`"), "{fault}");
    }
}
