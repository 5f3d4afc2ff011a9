//! What somebody searches, as words and all that may stand for them.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::analysis::{STEM, WRITTEN, Words};
use super::language::Language;

/// The most words of a question; what lies behind them makes no difference.
const MOST_WORDS: usize = 20;

/// From so many characters on, words that begin so are found too.
const PREFIX_CHARACTERS: usize = 3;

/// From so many characters on, one wrong character is forgiven, where nothing is found without.
const TYPO_CHARACTERS: usize = 4;

/// From so many characters on, two.
const TWO_TYPOS_CHARACTERS: usize = 8;

/// How the words of a question are meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Phrase {
    /// Any of them.
    Any,
    /// One behind the other, as they are written.
    Exact,
    /// All of them.
    #[default]
    All,
}

/// One thing that is looked for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Wanted {
    /// A word in any of its forms.
    Word(Word),
    /// Words one behind the other, folded, with their places.
    Row(Vec<(usize, String)>),
}

/// A word and what may stand for it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Word {
    /// The word without marks.
    pub(super) folded: String,
    /// The term of the word as it was written.
    pub(super) exact: String,
    /// The terms of its stems, in the languages that there are.
    pub(super) stems: BTreeSet<String>,
    /// Whether words that begin so stand for it.
    pub(super) is_prefix: bool,
}

impl Word {
    fn of(words: &Words<'_>, languages: &[Language]) -> Self {
        let folded = words.folded.clone();
        let exact = if words.written == words.folded {
            folded.clone()
        } else {
            format!("{WRITTEN}{}", words.written)
        };
        let mut stems = BTreeSet::new();
        for language in languages {
            let stem = language.stem(&folded);
            stems.insert(format!("{STEM}{}:{stem}", language.code));
            stems.insert(stem.into_owned());
        }
        stems.remove(&folded);
        Word {
            is_prefix: folded.chars().count() >= PREFIX_CHARACTERS,
            folded,
            exact,
            stems,
        }
    }

    /// How many wrong characters are forgiven.
    pub(super) fn typos(&self) -> u8 {
        match self.folded.chars().count() {
            TWO_TYPOS_CHARACTERS.. => 2,
            TYPO_CHARACTERS.. => 1,
            _ => 0,
        }
    }

    /// Whether a word of a text is this one, or begins with it where that stands for it.
    pub(super) fn begins(&self, words: &Words<'_>) -> bool {
        let folded = &words.folded;
        *folded == self.folded || (self.is_prefix && folded.starts_with(&self.folded))
    }

    /// Whether a word of a text in a language stands for this one.
    pub(super) fn is_met_by(
        &self,
        words: &Words<'_>,
        language: Option<Language>,
        with_typos: bool,
    ) -> bool {
        let folded = &words.folded;
        if self.begins(words) {
            return true;
        }
        if let Some(language) = language {
            let stem = language.stem(folded);
            if self
                .stems
                .iter()
                .any(|known| is_stem(known, language, &stem))
            {
                return true;
            }
        }
        self.stems.contains(folded)
            || (with_typos
                && strsim::osa_distance(folded, &self.folded) <= usize::from(self.typos()))
    }
}

/// Whether a term is that of a stem in a language.
fn is_stem(term: &str, language: Language, stem: &str) -> bool {
    let behind_mark = term.strip_prefix(STEM);
    let behind_code = behind_mark.and_then(|rest| rest.strip_prefix(language.code));
    behind_code.and_then(|rest| rest.strip_prefix(':')) == Some(stem)
}

/// The things that a question looks for; no language may be named twice.
pub(super) fn read(text: &str, phrase: Phrase, languages: &[Language]) -> Vec<Wanted> {
    if phrase == Phrase::Exact {
        return row(text, languages).into_iter().collect();
    }
    let mut wanted = Vec::new();
    for part in text.split_whitespace() {
        if let Some(one) = row(part, languages).filter(|one| !wanted.contains(one)) {
            wanted.push(one);
        }
        if wanted.len() == MOST_WORDS {
            break;
        }
    }
    wanted
}

/// The words of a text one behind the other, or the one word that it is.
fn row(text: &str, languages: &[Language]) -> Option<Wanted> {
    let mut words = Words::of(text);
    let mut row = Vec::new();
    let mut single = None;
    while row.len() < MOST_WORDS && words.advance() {
        single = Some(Word::of(&words, languages));
        row.push((words.position, words.folded.clone()));
    }
    if row.len() > 1 {
        return Some(Wanted::Row(row));
    }
    single.map(Wanted::Word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn languages() -> Vec<Language> {
        Language::of("en").into_iter().collect()
    }

    fn words(text: &str) -> Vec<String> {
        let wanted = read(text, Phrase::All, &languages());
        let texts = wanted.into_iter().map(|one| match one {
            Wanted::Word(word) => word.folded,
            Wanted::Row(row) => row
                .into_iter()
                .map(|(_, word)| word)
                .collect::<Vec<_>>()
                .join("+"),
        });
        texts.collect()
    }

    #[test]
    fn words_are_parted_by_blanks_and_rows_are_what_stands_together() {
        assert_eq!(
            words("  Open e-mail open 東京 "),
            ["open", "e+mail", "東+京"]
        );
        assert!(words("\" * ( ) : ^ ~ AND?".trim_end_matches("AND?")).is_empty());
        assert_eq!(words(&"word ".repeat(1000)), ["word"]);
        let many: Vec<String> = (0..100).map(|number| format!("w{number}")).collect();
        assert_eq!(words(&many.join(" ")).len(), MOST_WORDS);
    }

    #[test]
    fn an_exact_question_is_one_row() {
        let wanted = read("We are open", Phrase::Exact, &languages());
        assert!(matches!(&wanted[..], [Wanted::Row(row)] if row.len() == 3));
    }

    #[test]
    fn a_word_is_met_by_its_forms_and_by_typos_only_where_they_are_forgiven() {
        let wanted = read("gardening", Phrase::All, &languages());
        let Wanted::Word(word) = &wanted[0] else {
            panic!("{wanted:?}")
        };
        let is_met = |text: &str, with_typos: bool| {
            let mut words = Words::of(text);
            assert!(words.advance());
            word.is_met_by(&words, Language::of("en"), with_typos)
        };
        assert!(is_met("Gardens", false) && is_met("gardenings", false));
        assert!(!is_met("garrdenin", false) && is_met("garrdenin", true));
        assert!(!is_met("guardian", true));
    }
}
