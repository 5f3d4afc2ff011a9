//! Reads signed tokens and checks them as a vendor would.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{UnparsedPublicKey, VerificationAlgorithm};
use serde_json::Value;

/// A token whose signature is right.
pub(crate) struct Proof {
    pub(crate) header: Value,
    pub(crate) claims: Value,
}

/// Checks a token's signature; nothing where it is wrong.
pub(crate) fn check(
    token: &str,
    algorithm: &'static dyn VerificationAlgorithm,
    public_key: &[u8],
) -> Option<Proof> {
    let (signed, signature) = token.rsplit_once('.')?;
    let (header, claims) = signed.split_once('.')?;
    let decode = |text: &str| URL_SAFE_NO_PAD.decode(text).ok();
    let key = UnparsedPublicKey::new(algorithm, public_key);
    key.verify(signed.as_bytes(), &decode(signature)?).ok()?;
    Some(Proof {
        header: serde_json::from_slice(&decode(header)?).ok()?,
        claims: serde_json::from_slice(&decode(claims)?).ok()?,
    })
}

/// The present, in milliseconds since 1970.
pub(crate) fn now_ms() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    u64::try_from(since.unwrap_or_default().as_millis()).unwrap_or(u64::MAX)
}
