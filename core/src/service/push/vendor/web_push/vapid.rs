//! RFC 8292: who is sending, told to each push service by a signed token.

use std::collections::HashMap;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::HeaderValue;
use parking_lot::Mutex;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use serde_json::json;

use super::super::jwt::SigningKey;
use super::super::{Reason, WebPushCredentials};
use crate::settings::Secret;

/// A token is good for twelve hours, and is used for eleven.
const LIFE: Duration = Duration::from_hours(12);
const USE: Duration = Duration::from_hours(11);

/// There are a handful of push services; whoever invents thousands does not fill the memory.
const MOST_ORIGINS: usize = 1000;

/// Signs for one application.
#[derive(Debug)]
pub(super) struct Vapid {
    key: SigningKey,
    public_key: String,
    subject: String,
    by_origin: Mutex<HashMap<String, (HeaderValue, Instant)>>,
}

impl Vapid {
    /// Reads the credentials; the subject is the installation's where they have none.
    pub(super) fn read(
        credentials: &WebPushCredentials,
        subject: Option<&str>,
    ) -> Result<Self, Reason> {
        let private = credentials
            .private_key
            .as_ref()
            .ok_or("`private_key` is missing")?;
        let key = match credentials.public_key.as_deref() {
            Some(public) if !private.expose().contains("-----") => raw(private.expose(), public),
            _ => SigningKey::elliptic_from_pem(private.expose()),
        };
        let key = key.ok_or("`private_key` and `public_key` are not a key of VAPID")?;
        let subject = credentials.subject.as_deref().or(subject);
        let subject = subject.ok_or("`subject` is missing, and `vapid_subject` is not set")?;
        if !subject.starts_with("mailto:") && !subject.starts_with("https:") {
            return Err("`subject` begins with neither mailto: nor https:".into());
        }
        let public_key = URL_SAFE_NO_PAD.encode(key.public_point().unwrap_or_default());
        Ok(Self {
            key,
            public_key,
            subject: subject.to_owned(),
            by_origin: Mutex::new(HashMap::new()),
        })
    }

    /// The header for a push service.
    pub(super) fn header(&self, origin: &str) -> Option<HeaderValue> {
        let mut by_origin = self.by_origin.lock();
        if let Some((header, signed)) = by_origin.get(origin)
            && signed.elapsed() < USE
        {
            return Some(header.clone());
        }
        let header = self.sign(origin)?;
        if by_origin.len() >= MOST_ORIGINS {
            by_origin.clear();
        }
        by_origin.insert(origin.to_owned(), (header.clone(), Instant::now()));
        Some(header)
    }

    fn sign(&self, origin: &str) -> Option<HeaderValue> {
        let until = SystemTime::now().duration_since(UNIX_EPOCH).ok()? + LIFE;
        let claims = json!({"aud": origin, "exp": until.as_secs(), "sub": self.subject});
        let token = self
            .key
            .sign(&json!({"typ": "JWT", "alg": "ES256"}), &claims)?;
        let header = HeaderValue::try_from(format!("vapid t={token}, k={}", self.public_key));
        let mut header = header.ok()?;
        header.set_sensitive(true);
        Some(header)
    }
}

/// The pair as other programs write it: 32 bytes and a point, both in base64url.
fn raw(private: &str, public: &str) -> Option<SigningKey> {
    let decode = |text: &str| {
        URL_SAFE_NO_PAD
            .decode(text.trim().trim_end_matches('='))
            .ok()
    };
    let random = SystemRandom::new();
    let (private, public) = (decode(private)?, decode(public)?);
    let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
    let pair = EcdsaKeyPair::from_private_key_and_public_key(algorithm, &private, &public, &random);
    pair.ok().map(SigningKey::Elliptic)
}

/// Draws a new pair: the private key in PEM, and the public one as a page hands it to the browser.
pub fn new_vapid_key() -> Option<WebPushCredentials> {
    let random = SystemRandom::new();
    let key = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).ok()?;
    let text = STANDARD.encode(key.as_ref());
    let mut pem = String::from("-----BEGIN PRIVATE KEY-----\n");
    for line in text.as_bytes().chunks(64) {
        pem.push_str(std::str::from_utf8(line).ok()?);
        pem.push('\n');
    }
    pem.push_str("-----END PRIVATE KEY-----\n");
    let point = SigningKey::elliptic_from_pem(&pem)?;
    Some(WebPushCredentials {
        public_key: Some(URL_SAFE_NO_PAD.encode(point.public_point()?)),
        private_key: Some(Secret::new(pem)),
        subject: None,
    })
}
