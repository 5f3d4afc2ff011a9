//! The text of a key: how new ones are made, and the digest under which any of them is found.
//!
//! A new key holds 190 random bits, so a plain SHA-256 of it cannot be turned back and needs neither salt nor
//! slowness; the same is true of jBackend's own keys (20 characters of 36, 103 bits). jBackend also took any
//! text that somebody typed. Such a text can be guessed from its digest by whoever has the database, whatever
//! the digest, since each request must be answered in microseconds: [`Strength::Guessable`] tells the operator
//! to rotate it.

use std::fmt;

use rand::distr::{Alphanumeric, SampleString};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq;

/// What every new key begins with.
const MARK: &str = "lg_";
/// How many random characters are shown.
const SHOWN: usize = 8;
/// How many random characters are secret.
const HIDDEN: usize = 32;
/// The length of a new key: mark, shown part, `_`, secret part.
const LENGTH: usize = MARK.len() + SHOWN + 1 + HIDDEN;
/// The longest text that jBackend could store.
pub(super) const LONGEST_LEGACY: usize = 255;
/// Below this, a typed text counts as guessable.
const STRONG_BITS: f64 = 80.0;

/// The text of a key, shown once to whoever made it.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// Makes a new one.
    pub fn generate() -> Self {
        let mut random = rand::rng();
        let shown = Alphanumeric.sample_string(&mut random, SHOWN);
        let hidden = Alphanumeric.sample_string(&mut random, HIDDEN);
        Secret(format!("{MARK}{shown}_{hidden}"))
    }

    /// The text, for the one time it is shown.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// Whether a text has the form of a new key; all others are jBackend's.
pub(super) fn is_new_form(text: &str) -> bool {
    text.len() == LENGTH
        && text.starts_with(MARK)
        && text.as_bytes()[MARK.len() + SHOWN] == b'_'
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// What is stored of a key's text.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest of a text as a client sends it. jBackend's keys were compared by MySQL, without regard to
    /// case and to spaces at the end, so those are digested in upper case and without them.
    pub fn of(text: &str) -> Self {
        if is_new_form(text) {
            return Digest(Sha256::digest(text.as_bytes()).into());
        }
        let mut hash = Sha256::new_with_prefix(b"legacy:");
        let text = text.trim_end_matches(' ');
        if text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
        {
            hash.update(text.as_bytes());
        } else {
            hash.update(text.to_uppercase().as_bytes());
        }
        Digest(hash.finalize().into())
    }

    /// A stored digest; none where the bytes are not one.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Digest)
    }

    /// The bytes as they are stored.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The first bytes, by which a table finds its candidates.
    pub fn bucket(&self) -> u64 {
        let mut first = [0; 8];
        first.copy_from_slice(&self.0[..8]);
        u64::from_le_bytes(first)
    }

    /// Compares in a time that does not depend on where the two differ.
    pub fn matches(&self, other: &Digest) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digest(..)")
    }
}

/// The part of a key's text that may be shown: the readable part of a new key, and of a typed one at most a
/// fifth.
pub(super) fn prefix(text: &str) -> String {
    if is_new_form(text) {
        return text[..MARK.len() + SHOWN].to_owned();
    }
    let shown = (text.chars().count() / 5).min(4);
    text.chars().take(shown).collect()
}

/// Whether a key's text could be found by trying, by somebody who has its digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strength {
    /// It could not.
    Strong,
    /// It could: it is to be rotated.
    Guessable,
}

/// Judges a typed text by its length and the characters it draws from, and by how many differ.
pub(super) fn strength(text: &str) -> Strength {
    let mut different: Vec<char> = text.to_uppercase().chars().collect();
    let length = f64::from(u16::try_from(different.len()).unwrap_or(u16::MAX));
    different.sort_unstable();
    different.dedup();
    let alphabet = if different.iter().all(char::is_ascii_digit) {
        10.0
    } else {
        36.0
    };
    let few = u16::try_from(different.len()).unwrap_or(u16::MAX) < 8;
    if few || length * f64::log2(alphabet) < STRONG_BITS {
        Strength::Guessable
    } else {
        Strength::Strong
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_key_shows_its_prefix_and_hides_the_rest() {
        let secret = Secret::generate();
        assert_eq!(secret.expose().len(), 44);
        assert!(is_new_form(secret.expose()));
        assert_eq!(prefix(secret.expose()).len(), 11);
        assert_eq!(format!("{secret:?}"), "Secret(..)");
        assert_ne!(secret.expose(), Secret::generate().expose());
    }

    #[test]
    fn only_legacy_keys_are_compared_without_regard_to_case() {
        let legacy = Digest::of("AB12CD34EF56GH78IJ90");
        assert!(legacy.matches(&Digest::of("ab12cd34ef56gh78ij90 ")));
        assert!(!legacy.matches(&Digest::of("AB12CD34EF56GH78IJ91")));
        let new = Secret::generate();
        let changed = new.expose().to_lowercase();
        assert_ne!(new.expose(), changed);
        assert!(!Digest::of(new.expose()).matches(&Digest::of(&changed)));
    }

    #[test]
    fn a_short_legacy_key_shows_almost_nothing() {
        assert_eq!(prefix("AB12CD34EF56GH78IJ90"), "AB12");
        assert_eq!(prefix("test"), "");
        assert_eq!(prefix("täglich-geheim"), "tä");
    }

    #[test]
    fn a_typed_word_is_told_from_a_random_key() {
        assert_eq!(strength("AB12CD34EF56GH78IJ90"), Strength::Strong);
        assert_eq!(strength("testkey"), Strength::Guessable);
        assert_eq!(strength("AAAAAAAAAAAAAAAAAAAAAAAA"), Strength::Guessable);
        assert_eq!(strength("12345678901234567890"), Strength::Guessable);
    }
}
