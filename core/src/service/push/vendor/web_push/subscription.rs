//! A browser's subscription, as its `toJSON()` gives it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use url::Url;

use super::super::Reason;
use super::encryption::Reader;

/// Where to send, and who may read.
#[derive(Debug)]
pub(in super::super) struct Subscription {
    /// The push service's address for it.
    pub(in super::super) endpoint: Url,
    /// Nothing where the receiver reads plain texts.
    pub(in super::super) reader: Option<Reader>,
}

#[derive(Deserialize)]
struct Written {
    endpoint: String,
    keys: Option<Keys>,
}

#[derive(Deserialize)]
struct Keys {
    p256dh: String,
    auth: String,
}

impl Subscription {
    /// Reads a token: the browser's JSON, or an address alone.
    pub(in super::super) fn read(token: &str) -> Result<Self, Reason> {
        let written = if token.trim_start().starts_with('{') {
            let written = serde_json::from_str(token);
            written.map_err(|_| "the subscription has no `endpoint` or no whole `keys`")?
        } else {
            Written {
                endpoint: token.to_owned(),
                keys: None,
            }
        };
        let endpoint = Url::parse(&written.endpoint);
        Ok(Self {
            endpoint: endpoint.map_err(|_| "the subscription's `endpoint` is not an address")?,
            reader: written.keys.map(Keys::reader).transpose()?,
        })
    }
}

impl Keys {
    fn reader(self) -> Result<Reader, Reason> {
        let decode = |text: &str| {
            URL_SAFE_NO_PAD
                .decode(text.trim_end_matches('='))
                .unwrap_or_default()
        };
        let public_key = decode(&self.p256dh).try_into();
        let secret = decode(&self.auth).try_into();
        Ok(Reader {
            public_key: public_key
                .map_err(|_| "the subscription's `keys.p256dh` is not a public key")?,
            secret: secret.map_err(|_| "the subscription's `keys.auth` is not 16 bytes")?,
        })
    }
}
