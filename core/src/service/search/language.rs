//! The languages whose words have stems that are known.

use frostem::{Algorithm, Stemmer};

/// Primary subtags and what stems their words.
const KNOWN: [(&str, Algorithm); 18] = [
    ("ar", Algorithm::Arabic),
    ("da", Algorithm::Danish),
    ("de", Algorithm::German),
    ("el", Algorithm::Greek),
    ("en", Algorithm::English),
    ("es", Algorithm::Spanish),
    ("fi", Algorithm::Finnish),
    ("fr", Algorithm::French),
    ("hu", Algorithm::Hungarian),
    ("it", Algorithm::Italian),
    ("nb", Algorithm::Norwegian),
    ("nl", Algorithm::Dutch),
    ("nn", Algorithm::Norwegian),
    ("no", Algorithm::Norwegian),
    ("pt", Algorithm::Portuguese),
    ("ro", Algorithm::Romanian),
    ("ru", Algorithm::Russian),
    ("sv", Algorithm::Swedish),
];

/// A language by its primary subtag.
#[derive(Clone, Copy)]
pub(super) struct Language {
    /// The subtag, such as `de`.
    pub(super) code: &'static str,
    stemmer: Stemmer,
}

impl Language {
    /// The language of a tag such as `de-DE`; `None` where its stems are not known.
    pub(super) fn of(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        let known = KNOWN
            .iter()
            .find(|(code, _)| code.eq_ignore_ascii_case(primary))?;
        Some(Language {
            code: known.0,
            stemmer: Stemmer::new(known.1),
        })
    }

    /// The stem of a folded word.
    pub(super) fn stem<'w>(&self, word: &'w str) -> std::borrow::Cow<'w, str> {
        self.stemmer.stem(word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_a_word_have_one_stem_in_its_language() {
        let stem = |tag: &str, word: &str| Language::of(tag).unwrap().stem(word).into_owned();
        assert_eq!(stem("en-GB", "gardens"), stem("en", "gardening"));
        assert_eq!(stem("de-DE", "hauser"), stem("de_AT", "haus"));
        assert_eq!(stem("fr-FR", "generale"), stem("fr", "general"));
        assert!(Language::of("*").is_none());
        assert!(Language::of("xx-XX").is_none());
    }
}
