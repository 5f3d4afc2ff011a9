//! Random secrets that are handed out once, and what is kept of them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};

/// 256 random bits as 43 characters that need no escaping in a URL, a cookie or a mail.
pub fn random_token() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())
}

/// What is stored of a random secret. A plain digest will do: there is nothing to guess in 256 random bits.
pub fn digest(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

/// A value derived from a secret for one purpose, from which the secret cannot be had.
pub fn derived_token(secret: &str, purpose: &str) -> String {
    URL_SAFE_NO_PAD.encode(mac(secret, purpose).finalize().into_bytes())
}

/// Whether a text is the value derived from a secret, in a time that does not depend on the text.
pub fn is_derived_token(secret: &str, purpose: &str, text: &str) -> bool {
    URL_SAFE_NO_PAD
        .decode(text)
        .is_ok_and(|bytes| mac(secret, purpose).verify_slice(&bytes).is_ok())
}

fn mac(secret: &str, purpose: &str) -> Hmac<Sha256> {
    // A key of any length is a good one, so that the digest of the secret always is.
    let key = hmac::digest::Key::<Hmac<Sha256>>::default();
    let mut block = key;
    block[..32].copy_from_slice(&digest(secret));
    let mut mac = Hmac::<Sha256>::new(&block);
    mac.update(purpose.as_bytes());
    mac
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_tokens_are_never_the_same() {
        let token = random_token();
        assert_eq!(token.len(), 43);
        assert_ne!(token, random_token());
    }

    #[test]
    fn a_derived_token_belongs_to_its_secret_and_purpose() {
        let token = derived_token("secret", "writes");
        assert!(is_derived_token("secret", "writes", &token));
        assert!(!is_derived_token("other", "writes", &token));
        assert!(!is_derived_token("secret", "reads", &token));
        assert!(!is_derived_token("secret", "writes", ""));
        assert!(!is_derived_token("secret", "writes", &token[..42]));
    }
}
