//! Ids that are shown to the outside, and digests by which secrets are found.

use rand::RngExt as _;
use rand::rand_core::UnwrapErr;
use rand::rngs::SysRng;
use sha2::{Digest as _, Sha256};

/// The system's random numbers. A generator of the thread's own would outlive the module that asked it, whose library
/// could then never be unmapped.
pub fn random() -> UnwrapErr<SysRng> {
    UnwrapErr(SysRng)
}

/// 128 random bits as 32 hexadecimal digits: the id of a row for whoever is outside.
pub fn public_id() -> String {
    hex::encode(random().random::<[u8; 16]>())
}

/// What a token is found by: its SHA-256, in hexadecimal digits.
pub fn digest(token: &str) -> String {
    hex::encode(Sha256::digest(token.as_bytes()))
}
