//! Version numbers as PHP orders them, because Joomla's updater compares with PHP's `version_compare`.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

/// How far a version is from finished; what Joomla calls the stability of an update.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Stability {
    /// Snapshots.
    Dev,
    /// Unfinished.
    Alpha,
    /// Complete, with known faults.
    Beta,
    /// A candidate for the release.
    Rc,
    /// For every site.
    Stable,
}

impl Stability {
    /// Every stability, from the least to the most finished.
    pub const ALL: [Stability; 5] = [
        Stability::Dev,
        Stability::Alpha,
        Stability::Beta,
        Stability::Rc,
        Stability::Stable,
    ];

    /// The text of a feed's `<tag>`.
    pub fn as_str(self) -> &'static str {
        match self {
            Stability::Dev => "dev",
            Stability::Alpha => "alpha",
            Stability::Beta => "beta",
            Stability::Rc => "rc",
            Stability::Stable => "stable",
        }
    }

    /// The stability of a name, ignoring case.
    pub fn parse(name: &str) -> Option<Stability> {
        Self::ALL
            .into_iter()
            .find(|stability| stability.as_str().eq_ignore_ascii_case(name))
    }

    /// What a version says of itself by its suffix: `1.0.0-beta2` is a beta.
    pub fn of_version(version: &str) -> Stability {
        parts(version)
            .iter()
            .filter_map(|part| match form(part) {
                0 => Some(Stability::Dev),
                1 => Some(Stability::Alpha),
                2 => Some(Stability::Beta),
                3 => Some(Stability::Rc),
                _ => None,
            })
            .min()
            .unwrap_or(Stability::Stable)
    }
}

/// The order of two versions by the rules of PHP's `version_compare`.
pub fn compare(left: &str, right: &str) -> Ordering {
    match (left.is_empty(), right.is_empty()) {
        (true, true) => Ordering::Equal,
        (true, false) => Ordering::Less,
        (false, true) => Ordering::Greater,
        (false, false) => compare_parts(&parts(left), &parts(right)),
    }
}

fn compare_parts(left: &[String], right: &[String]) -> Ordering {
    for (left_part, right_part) in left.iter().zip(right) {
        if left_part.is_empty() || right_part.is_empty() {
            break;
        }
        let order = compare_part(left_part, right_part);
        if order != Ordering::Equal {
            return order;
        }
    }
    let common = left.len().min(right.len());
    match (left.get(common), right.get(common)) {
        (Some(rest), _) => compare_rest(rest),
        (None, Some(rest)) => compare_rest(rest).reverse(),
        (None, None) => Ordering::Equal,
    }
}

/// A longer version is the newer one where it goes on with a number; a word goes by its own rank.
fn compare_rest(rest: &str) -> Ordering {
    if rest.starts_with(|character: char| character.is_ascii_digit()) {
        Ordering::Greater
    } else {
        form(rest).cmp(&form("#"))
    }
}

fn compare_part(left: &str, right: &str) -> Ordering {
    let number = |part: &str| {
        part.starts_with(|character: char| character.is_ascii_digit())
            .then(|| part.parse::<i64>().unwrap_or(i64::MAX))
    };
    match (number(left), number(right)) {
        (Some(left), Some(right)) => left.cmp(&right),
        (None, None) => form(left).cmp(&form(right)),
        (Some(_), None) => form("#").cmp(&form(right)),
        (None, Some(_)) => form(left).cmp(&form("#")),
    }
}

/// The words that PHP knows in a version, with their rank; `#` stands for any number.
const FORMS: [(&str, i32); 10] = [
    ("dev", 0),
    ("alpha", 1),
    ("a", 1),
    ("beta", 2),
    ("b", 2),
    ("RC", 3),
    ("rc", 3),
    ("#", 4),
    ("pl", 5),
    ("p", 5),
];

/// PHP's rank of a word in a version; a word it does not know comes before all others.
fn form(word: &str) -> i32 {
    FORMS
        .iter()
        .find(|(name, _)| word.starts_with(name))
        .map_or(-1, |(_, rank)| *rank)
}

/// Splits a version as PHP does: at every separator and wherever letters and digits meet.
fn parts(version: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut previous: Option<char> = None;
    for character in version.chars() {
        let boundary = previous.is_some_and(|previous| {
            previous.is_ascii_alphanumeric()
                && character.is_ascii_alphanumeric()
                && previous.is_ascii_digit() != character.is_ascii_digit()
        });
        let separator = previous.is_some() && !character.is_ascii_alphanumeric();
        let current_is_empty = parts.last().is_some_and(String::is_empty);
        if (boundary || separator) && !current_is_empty {
            parts.push(String::new());
        }
        if !separator && let Some(part) = parts.last_mut() {
            part.push(character);
        }
        previous = Some(character);
    }
    parts
}

/// Why a version cannot be published, if it cannot: it must begin with a number and know only the suffixes
/// that PHP can order, or a site would compare it wrongly.
pub fn fault(version: &str) -> Option<String> {
    if version.is_empty() {
        return Some("the manifest names no version".to_owned());
    }
    if version.len() > 50 {
        return Some("the version is longer than 50 characters".to_owned());
    }
    let plain = |character: char| character.is_ascii_alphanumeric() || "._-+".contains(character);
    if !version.chars().all(plain) {
        return Some(format!(
            "the version \"{}\" has characters other than letters, digits, \".\", \"_\", \"-\" and \"+\"",
            version.escape_debug()
        ));
    }
    if !version.starts_with(|character: char| character.is_ascii_digit()) {
        return Some(format!(
            "the version \"{version}\" does not begin with a number"
        ));
    }
    parts(version)
        .into_iter()
        .find(|part| {
            part.starts_with(|character: char| character.is_ascii_alphabetic())
                && !FORMS.iter().any(|(name, _)| name == part)
        })
        .map(|part| {
            format!(
                "the suffix \"{part}\" of version \"{version}\" is none that PHP can order \
                 (dev, alpha, beta, rc, RC, pl)"
            )
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pairs in rising order, as PHP's own `version_compare` gives them.
    const RISING: [(&str, &str); 17] = [
        ("1.9.0", "1.10.0"),
        ("1.0", "1.0.0"),
        ("1.0.0-dev", "1.0.0-alpha1"),
        ("1.0.0-alpha2", "1.0.0-alpha10"),
        ("1.0.0-alpha", "1.0.0-beta"),
        ("1.0.0-beta3", "1.0.0-rc1"),
        ("1.0.0-RC1", "1.0.0"),
        ("1.0.0", "1.0.0-pl1"),
        ("1.0.0", "1.0.0.1"),
        ("1.0.0-Beta", "1.0.0-dev"),
        ("5.2", "5.10"),
        ("1.0rc1", "1.0"),
        ("1.0.0_b1", "1.0.0+rc1"),
        ("", "1"),
        ("1.0.0-beta1", "1.0.0-beta1.1"),
        ("2024.9", "2024.10.1"),
        ("1.0a", "1.0b"),
    ];

    #[test]
    fn versions_are_ordered_as_php_orders_them() {
        for (lower, higher) in RISING {
            assert_eq!(compare(lower, higher), Ordering::Less, "{lower} < {higher}");
            assert_eq!(
                compare(higher, lower),
                Ordering::Greater,
                "{higher} > {lower}"
            );
        }
        for (left, right) in [
            ("1.0-1", "1.0.1"),
            ("1.0rc1", "1.0.rc.1"),
            ("1.0+2", "1.0_2"),
            ("1.0a1", "1.0alpha1"),
            ("1.0RC1", "1.0rc1"),
        ] {
            assert_eq!(compare(left, right), Ordering::Equal, "{left} = {right}");
        }
    }

    #[test]
    fn the_suffix_says_the_stability() {
        for (version, stability) in [
            ("1.0.0", Stability::Stable),
            ("1.0.0-pl2", Stability::Stable),
            ("2.1.0-beta1", Stability::Beta),
            ("2.1b3", Stability::Beta),
            ("2.1.0-RC2", Stability::Rc),
            ("2.1.0-alpha", Stability::Alpha),
            ("2.1.0-beta1-dev", Stability::Dev),
        ] {
            assert_eq!(Stability::of_version(version), stability, "{version}");
        }
    }

    #[test]
    fn a_version_that_php_would_misorder_is_refused_with_the_reason() {
        assert_eq!(fault("1.2.3-rc1"), None);
        assert!(fault("1.0.0-Beta1").is_some_and(|text| text.contains("Beta")));
        assert!(fault(" 1.0.0").is_some());
        assert!(fault("v1.0").is_some_and(|text| text.contains("number")));
        assert!(fault("").is_some());
    }
}
