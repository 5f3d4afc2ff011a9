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

/// As [`public_id`], with the time in front of 80 random bits. Ids that are made one after another lie side by side in an
/// index then, so that a database writes one page of it for many of them and not one for each.
pub fn public_id_at(now_ms: i64) -> String {
    let time = u128::try_from(now_ms).unwrap_or(0) << 80;
    let chance = random().random::<u128>() >> 48;
    format!("{:032x}", time | chance)
}

/// What a token is found by: its SHA-256, in hexadecimal digits.
pub fn digest(token: &str) -> String {
    hex::encode(Sha256::digest(token.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_later_times_stand_behind_those_of_earlier_ones_and_no_two_are_the_same() {
        let ids = [1, 2, 1_800_000_000_000].map(public_id_at);
        assert!(ids.is_sorted(), "{ids:?}");
        assert!(ids.iter().all(|id| id.len() == 32), "{ids:?}");
        assert_eq!(ids[2][..12], format!("{:012x}", 1_800_000_000_000_i64));
        assert_ne!(public_id_at(5), public_id_at(5));
    }
}
