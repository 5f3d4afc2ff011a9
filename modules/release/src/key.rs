//! Licence keys: derived, so that they never change and need not be stored; checked, so that a slip of the
//! pen is seen at once; found again by a digest, so that the tables hold no key.
//!
//! `LG-7QK2M-9X4TV-B3WZC-H8N0R-4D`: a prefix, 100 bits, and two characters that check the rest.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// Crockford's digits: no I, L, O or U, so that nothing is mistaken when read aloud.
const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const BODY: usize = 20;
const CHECK: usize = 2;
/// The most characters of a text that is looked at as a key.
const MOST_INPUT: usize = 128;

/// Whose key it is.
#[derive(Clone, Copy, Debug)]
pub struct Owner<'a> {
    /// The account.
    pub user: i64,
    /// The package group.
    pub group: &'a str,
    /// Which of the account's licences in that group, from 1.
    pub serial: i64,
}

/// Derives the key of a licence from its group's seed.
pub fn derive(prefix: &str, seed: &[u8], owner: Owner<'_>) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(seed) else {
        unreachable!("HMAC takes a key of any length")
    };
    mac.update(b"loggia licence 1\0");
    mac.update(&owner.user.to_be_bytes());
    mac.update(&owner.serial.to_be_bytes());
    mac.update(owner.group.as_bytes());
    let body = digits(&mac.finalize().into_bytes(), BODY);
    format!("{prefix}-{}-{}", grouped(&body), check(&body))
}

/// The digest a key is found by. It takes the key as people write it: in small letters, with blanks for
/// hyphens or without either, with O for 0. `None` where it cannot be a key at all.
pub fn lookup(prefix: &str, text: &str) -> Option<Lookup> {
    let body = body(prefix, text)?;
    let mut digest = Sha256::new();
    digest.update(b"loggia licence lookup 1\0");
    digest.update(body.as_bytes());
    Some(Lookup(digest.finalize().into()))
}

/// What a key is found by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Lookup([u8; 32]);

impl Lookup {
    /// As the tables hold it.
    pub fn to_text(self) -> String {
        hex::encode(self.0)
    }
}

/// What a list shows of a key: enough to tell two apart, too little to use.
pub fn hint(key: &str) -> String {
    let shown = key
        .char_indices()
        .nth(8)
        .map_or(key.len(), |(index, _)| index);
    format!("{}...", &key[..shown])
}

/// Compares two digests in a time that does not tell how much of them is equal.
pub fn equal(left: &str, right: &str) -> bool {
    left.as_bytes().ct_eq(right.as_bytes()).into()
}

fn body(prefix: &str, text: &str) -> Option<String> {
    if text.len() > MOST_INPUT {
        return None;
    }
    let mut typed = text
        .chars()
        .filter(|character| !character.is_whitespace() && *character != '-')
        .map(|character| character.to_ascii_uppercase());
    for wanted in prefix.chars() {
        typed.next().filter(|character| *character == wanted)?;
    }
    let mut body = String::with_capacity(BODY + CHECK);
    for character in typed {
        let digit = match character {
            'O' => b'0',
            'I' | 'L' => b'1',
            other => u8::try_from(other).ok()?,
        };
        if body.len() == BODY + CHECK || !DIGITS.contains(&digit) {
            return None;
        }
        body.push(char::from(digit));
    }
    let given = body.get(BODY..)?;
    if given != check(&body[..BODY]) {
        return None;
    }
    body.truncate(BODY);
    Some(body)
}

/// Two characters over the others.
fn check(body: &str) -> String {
    let mut digest = Sha256::new();
    digest.update(b"loggia licence check 1\0");
    digest.update(body.as_bytes());
    digits(&digest.finalize(), CHECK)
}

/// The first `count` digits of five bits each.
fn digits(bytes: &[u8], count: usize) -> String {
    let mut text = String::with_capacity(count);
    let (mut bits, mut held) = (0u32, 0u32);
    let mut source = bytes.iter();
    while text.len() < count {
        if held < 5 {
            bits = (bits << 8) | u32::from(source.next().copied().unwrap_or(0));
            held += 8;
        }
        held -= 5;
        let index = usize::try_from((bits >> held) & 31).unwrap_or(0);
        text.push(char::from(DIGITS[index]));
    }
    text
}

fn grouped(body: &str) -> String {
    let mut text = String::with_capacity(body.len() + 3);
    for (index, character) in body.chars().enumerate() {
        if index > 0 && index % 5 == 0 {
            text.push('-');
        }
        text.push(character);
    }
    text
}

/// Whether a prefix can stand before keys: short, and safe to type into a URL.
pub fn is_prefix(prefix: &str) -> bool {
    (1..=12).contains(&prefix.len())
        && prefix
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(user: i64, group: &str, serial: i64) -> String {
        derive(
            "LG",
            b"a seed",
            Owner {
                user,
                group,
                serial,
            },
        )
    }

    #[test]
    fn a_key_is_stable_readable_and_another_for_every_licence() {
        let first = key(7, "redj", 1);
        assert_eq!(first, key(7, "redj", 1));
        assert_eq!(first.len(), "LG-AAAAA-AAAAA-AAAAA-AAAAA-AA".len());
        assert!(
            first
                .bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'-')
        );
        let others = [
            key(8, "redj", 1),
            key(7, "rede", 1),
            key(7, "redj", 2),
            derive(
                "LG",
                b"another seed",
                Owner {
                    user: 7,
                    group: "redj",
                    serial: 1,
                },
            ),
        ];
        assert!(!others.contains(&first));
    }

    #[test]
    fn a_key_is_found_however_it_is_typed() {
        let key = key(7, "redj", 1);
        let found = lookup("LG", &key).unwrap();
        for typed in [
            key.to_lowercase(),
            key.replace('-', ""),
            key.replace('-', " "),
            format!("  {key} "),
            format!("LG-{}", key[3..].replace('0', "O").replace('1', "l")),
        ] {
            assert_eq!(lookup("LG", &typed).as_ref(), Some(&found), "{typed}");
        }
    }

    #[test]
    fn a_wrong_character_is_seen_without_a_look_into_the_tables() {
        let key = key(7, "redj", 1);
        let mut noticed = 0;
        for place in 3..key.len() {
            let wrong = if &key[place..=place] == "Z" { "Y" } else { "Z" };
            let mut typed = key.clone();
            typed.replace_range(place..=place, wrong);
            noticed += usize::from(lookup("LG", &typed).is_none());
        }
        assert!(noticed >= key.len() - 5, "{noticed} of {}", key.len() - 3);
        assert_eq!(lookup("LG", ""), None);
        assert_eq!(lookup("LG", &"Z".repeat(1000)), None);
        assert_eq!(lookup("XX", &key), None);
    }

    #[test]
    fn a_hint_does_not_give_the_key_away() {
        let key = key(7, "redj", 1);
        assert_eq!(hint(&key), format!("{}...", &key[..8]));
        assert!(equal(&key, &key) && !equal(&key, &hint(&key)));
    }
}
