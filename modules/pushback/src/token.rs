//! Tokens and subscribe keys: random letters and digits, of which only digests are kept.

use loggia_push::identity::{self, digest};
use rand::RngExt as _;
use rand::distr::Alphanumeric;
use subtle::ConstantTimeEq as _;

/// As long as the original's.
const TOKEN_LENGTH: usize = 150;
/// Beside the id of 128 bits.
const KEY_LENGTH: usize = 32;

fn random(length: usize) -> String {
    let letters = identity::random().sample_iter(Alphanumeric).take(length);
    letters.map(char::from).collect()
}

/// A token that may send.
pub(crate) fn new_token() -> String {
    random(TOKEN_LENGTH)
}

/// A key that may only connect, and its digest. It begins with the id by which its application is found.
pub(crate) fn new_key(public_id: &str) -> (String, String) {
    let secret = random(KEY_LENGTH);
    let kept = digest(&secret);
    (format!("{public_id}_{secret}"), kept)
}

/// The id and the secret in a subscribe key; none where it is not one.
pub(crate) fn parts(key: &str) -> Option<(&str, &str)> {
    let (id, secret) = key.split_once('_')?;
    (id.len() == 32 && secret.len() == KEY_LENGTH).then_some((id, secret))
}

/// Whether a secret is the one whose digest is kept.
pub(crate) fn is_secret(secret: &str, kept: &str) -> bool {
    digest(secret).as_bytes().ct_eq(kept.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_opens_what_its_digest_was_kept_of() {
        let id = "0123456789abcdef0123456789abcdef";
        let (key, kept) = new_key(id);
        let (found, secret) = parts(&key).unwrap();
        assert_eq!(found, id);
        assert!(is_secret(secret, &kept));
        assert!(!is_secret(&new_token(), &kept));
        assert_eq!(parts(&new_token()), None);
        assert_eq!(new_token().len(), 150);
    }
}
