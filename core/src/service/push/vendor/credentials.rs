//! What an application proves itself with, as it is unsealed from its row.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::settings::Secret;

/// The credentials of an application, a member a vendor; the keys in JSON are the members' names.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Credentials {
    /// For Apple.
    pub apns: Option<ApnsCredentials>,
    /// For Google.
    pub fcm: Option<FcmCredentials>,
    /// For browsers.
    pub web_push: Option<WebPushCredentials>,
}

/// A token key or a certificate, and the bundle.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApnsCredentials {
    /// The `.p8` key and its names.
    pub token: Option<ApnsToken>,
    /// The certificate chain in PEM.
    pub certificate: Option<String>,
    /// Its private key in PEM.
    #[serde(default, deserialize_with = "hidden")]
    pub key: Option<Secret>,
    /// The bundle id, sent as topic.
    pub bundle: Option<String>,
}

/// A token key of Apple's.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApnsToken {
    /// The key's id, ten letters and digits.
    pub key_id: Option<String>,
    /// The `.p8` file's text.
    #[serde(default, deserialize_with = "hidden")]
    pub key: Option<Secret>,
    /// The team's id, ten letters and digits.
    pub team_id: Option<String>,
}

/// A Google service account.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FcmCredentials {
    /// The account file as Google hands it out.
    #[serde(default)]
    pub service_account: Map<String, Value>,
}

impl std::fmt::Debug for FcmCredentials {
    /// The account file carries its private key.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("FcmCredentials")
            .finish_non_exhaustive()
    }
}

/// A VAPID key.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebPushCredentials {
    /// The private key: PKCS#8 in PEM, or 32 bytes in base64url.
    #[serde(default, deserialize_with = "hidden")]
    pub private_key: Option<Secret>,
    /// The public key in base64url, as pages hand it to browsers.
    pub public_key: Option<String>,
    /// Whom a push service may write to: `mailto:` or `https:`. Without it the installation's.
    pub subject: Option<String>,
}

fn hidden<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Secret>, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.map(Secret::new))
}
