//! The hashes that Joomla has stored over the years, for reading only.

use md5::{Digest, Md5};
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// Whether a password is the one of a stored hash; `None` where the hash is of no known kind.
pub(super) fn verify(password: &str, stored: &str) -> Option<bool> {
    if ["$2y$", "$2a$", "$2b$", "$2x$"]
        .iter()
        .any(|prefix| stored.starts_with(prefix))
    {
        return bcrypt::verify(password, stored).ok();
    }
    if stored.starts_with("$P$") || stored.starts_with("$H$") {
        return phpass(password, stored);
    }
    if let Some(rest) = stored.strip_prefix("{SHA256}") {
        return salted_hex::<Sha256>(password, rest);
    }
    salted_hex::<Md5>(password, stored)
}

/// Whether a hash is of a kind that [`verify`] knows. bcrypt is looked at by its form, for to try it takes long.
pub(super) fn is_known(stored: &str) -> bool {
    let is_bcrypt = ["$2y$", "$2a$", "$2b$", "$2x$"]
        .iter()
        .any(|prefix| stored.starts_with(prefix));
    let is_phpass = stored.starts_with("$P$") || stored.starts_with("$H$");
    if is_bcrypt {
        return stored.len() == 60;
    }
    if is_phpass {
        return stored.len() == 34;
    }
    verify("", stored).is_some()
}

/// `hex(digest(password + salt)):salt`, or `hex(digest(password))` alone.
fn salted_hex<D: Digest>(password: &str, stored: &str) -> Option<bool> {
    let (digest_hex, salt) = stored.split_once(':').unwrap_or((stored, ""));
    let expected = hex::decode(digest_hex).ok()?;
    if expected.len() != <D as Digest>::output_size() {
        return None;
    }
    let found = D::new()
        .chain_update(password.as_bytes())
        .chain_update(salt.as_bytes())
        .finalize();
    Some(found[..].ct_eq(&expected[..]).into())
}

/// The alphabet of phpass, whose place is the value of a character.
const PHPASS_ALPHABET: &[u8; 64] =
    b"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The portable hash of phpass: `$P$`, one character of cost, eight of salt, 22 of digest.
fn phpass(password: &str, stored: &str) -> Option<bool> {
    let bytes = stored.as_bytes();
    if bytes.len() != 34 {
        return None;
    }
    let cost = PHPASS_ALPHABET
        .iter()
        .position(|letter| *letter == bytes[3])?;
    if !(7..=30).contains(&cost) {
        return None;
    }
    let mut digest = md5_of(&bytes[4..12], password.as_bytes());
    for _ in 0..(1_u32 << cost) {
        digest = md5_of(&digest, password.as_bytes());
    }
    Some(phpass_text(&digest).as_bytes().ct_eq(&bytes[12..]).into())
}

fn md5_of(first: &[u8], second: &[u8]) -> [u8; 16] {
    Md5::new()
        .chain_update(first)
        .chain_update(second)
        .finalize()
        .into()
}

/// Three bytes to four characters, the lowest six bits first.
fn phpass_text(digest: &[u8; 16]) -> String {
    let mut text = String::with_capacity(22);
    for group in digest.chunks(3) {
        let mut bits = group
            .iter()
            .rev()
            .fold(0_u32, |bits, byte| (bits << 8) | u32::from(*byte));
        for _ in 0..=group.len() {
            text.push(char::from(PHPASS_ALPHABET[(bits & 0x3f) as usize]));
            bits >>= 6;
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each kind with the password `test12345`, as other programs wrote it.
    const STORED: &[&str] = &[
        "$P$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0",
        "c06db68e819be6ec3d26c6038d8e8d1f",
        "41ea258a8e64dd3d03fc011a38df2046:saltsaltsaltsaltsaltsaltsaltsalt",
        "{SHA256}5aea60e0ba1921d919002f0b80117d3893a257474d62c3d8390914c425f98bb5:pepper",
        "{SHA256}6fec2a9601d5b3581c94f2150fc07fa3d6e45808079428354b868e412b76e6bb",
    ];

    #[test]
    fn every_kind_knows_the_right_password_from_a_wrong_one() {
        for stored in STORED {
            assert_eq!(verify("test12345", stored), Some(true), "{stored}");
            assert!(is_known(stored), "{stored}");
            assert_eq!(verify("test12346", stored), Some(false), "{stored}");
        }
    }

    #[test]
    fn bcrypt_is_read_under_each_of_its_names() {
        for name in ["$2y$", "$2a$", "$2b$"] {
            let stored = format!("{name}05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW");
            assert_eq!(verify("U*U", &stored), Some(true), "{stored}");
            assert_eq!(verify("U*V", &stored), Some(false), "{stored}");
        }
    }

    #[test]
    fn what_is_no_hash_is_of_no_kind() {
        for stored in [
            "",
            "secret",
            "$P$short",
            "{SHA256}abcd:salt",
            "$2y$05$short",
            ":",
        ] {
            assert_eq!(verify("secret", stored), None, "{stored}");
            assert!(!is_known(stored), "{stored}");
        }
    }
}
