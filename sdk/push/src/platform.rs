//! What a device is, which decides who carries a message to it.

use std::fmt;
use std::str::FromStr;

use crate::identity;

/// A platform. Its word is what the column holds and what the wire says.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Platform {
    /// An Apple device, by APNs.
    Ios,
    /// An Android device, by FCM.
    Android,
    /// A browser, by Web Push.
    Web,
    /// An open page, by a websocket or by server-sent events.
    Page,
    /// An address that takes messages over HTTP, as UnifiedPush and ntfy have it.
    Endpoint,
    /// Registered, but nobody carries messages to it.
    Generic,
}

impl Platform {
    /// All of them.
    pub const ALL: [Platform; 6] = [
        Platform::Ios,
        Platform::Android,
        Platform::Web,
        Platform::Page,
        Platform::Endpoint,
        Platform::Generic,
    ];

    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Platform::Ios => "ios",
            Platform::Android => "android",
            Platform::Web => "web",
            Platform::Page => "page",
            Platform::Endpoint => "endpoint",
            Platform::Generic => "generic",
        }
    }

    /// Its word, where a word belongs to one.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|platform| platform.word() == word)
    }

    /// What a token is found by. A browser's subscription and an endpoint may be JSON objects whose keys change
    /// while the address stays, and the address is what they are.
    pub fn digest(self, token: &str) -> String {
        let is_address = matches!(self, Platform::Web | Platform::Endpoint);
        let object = is_address
            .then(|| serde_json::from_str::<serde_json::Value>(token).ok())
            .flatten();
        let address = object
            .as_ref()
            .and_then(|object| object.get("endpoint")?.as_str());
        identity::digest(address.unwrap_or(token))
    }

    /// Everything that a token could be found by, where its platform is not known.
    pub fn digests(token: &str) -> Vec<String> {
        let mut digests: Vec<_> = Self::ALL
            .iter()
            .map(|platform| platform.digest(&platform.clean_token(token)))
            .collect();
        digests.sort();
        digests.dedup();
        digests
    }

    /// A token as this platform's vendor wants it. Tools show Apple's in groups and angle brackets.
    pub fn clean_token(self, token: &str) -> String {
        match self {
            Platform::Ios => token
                .chars()
                .filter(|sign| !sign.is_whitespace() && !matches!(sign, '<' | '>'))
                .collect(),
            _ => token.trim().to_owned(),
        }
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.word())
    }
}

/// The word belongs to no platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the platform is one of ios, android, web, page, endpoint, generic")]
pub struct UnknownPlatform;

impl FromStr for Platform {
    type Err = UnknownPlatform;

    fn from_str(word: &str) -> Result<Self, UnknownPlatform> {
        Self::from_word(word).ok_or(UnknownPlatform)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_belongs_to_one_platform() {
        for platform in Platform::ALL {
            assert_eq!(platform.word().parse(), Ok(platform));
            assert_eq!(serde_json::to_value(platform).unwrap(), platform.word());
        }
        assert_eq!("IOS".parse::<Platform>(), Err(UnknownPlatform));
    }

    #[test]
    fn a_subscription_of_a_browser_is_found_by_its_address() {
        let digest = |token| Platform::Web.digest(token);
        let first = digest(r#"{"endpoint":"https://push.example/1","keys":{"auth":"a"}}"#);
        assert_eq!(
            first,
            digest(r#"{"keys":{"auth":"b"},"endpoint":"https://push.example/1"}"#)
        );
        assert_eq!(first, digest("https://push.example/1"));
        assert_ne!(first, digest("https://push.example/2"));
    }

    #[test]
    fn a_token_of_apple_is_what_stands_between_blanks_and_brackets() {
        assert_eq!(
            Platform::Ios.clean_token("<75624450 3c9f95b4>"),
            "756244503c9f95b4"
        );
        assert_eq!(Platform::Android.clean_token(" a b "), "a b");
    }
}
