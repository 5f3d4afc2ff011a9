//! Ids that are shown to the outside, and digests by which secrets are found.

use sha2::{Digest as _, Sha256};

/// 128 random bits as 32 hexadecimal digits: the id of a row for whoever is outside.
pub fn public_id() -> String {
    hex::encode(rand::random::<[u8; 16]>())
}

/// What a token is found by: its SHA-256, in hexadecimal digits.
pub fn digest(token: &str) -> String {
    hex::encode(Sha256::digest(token.as_bytes()))
}
