//! The piece of a text that shows why it was found.

use super::analysis::Words;
use super::language::Language;
use super::words::Wanted;

/// How many characters an excerpt has, more or less.
const CHARACTERS: usize = 200;

/// How many of them stand before the word that was found.
const BEFORE: usize = 60;

/// The piece of a text around the first word that was looked for, or else around the first other form of one; its
/// beginning where it has none of them.
pub(super) fn of(text: &str, wanted: &[Wanted], language: &str, with_typos: bool) -> String {
    let place = place(text, wanted, Language::of(language), with_typos);
    cut(text, place.unwrap_or(0))
}

fn place(
    text: &str,
    wanted: &[Wanted],
    language: Option<Language>,
    with_typos: bool,
) -> Option<usize> {
    let is_asked_for = |words: &Words<'_>| {
        wanted.iter().any(|one| match one {
            Wanted::Word(word) => word.begins(words),
            Wanted::Row(row) => begins(&text[words.from..], row),
        })
    };
    let is_other_form = |words: &Words<'_>| {
        wanted.iter().any(|one| match one {
            Wanted::Word(word) => word.is_met_by(words, language, with_typos),
            Wanted::Row(_) => false,
        })
    };
    // Stems are made of each word only where no word stands as it was asked for.
    first(text, is_asked_for).or_else(|| first(text, is_other_form))
}

/// Where the first word begins for which a test holds.
fn first(text: &str, test: impl Fn(&Words<'_>) -> bool) -> Option<usize> {
    let mut words = Words::of(text);
    while words.advance() {
        if test(&words) {
            return Some(words.from);
        }
    }
    None
}

/// Whether a text begins with these words.
fn begins(text: &str, row: &[(usize, String)]) -> bool {
    let mut words = Words::of(text);
    row.iter()
        .all(|(_, word)| words.advance() && words.folded == *word)
}

fn cut(text: &str, place: usize) -> String {
    let before = text[..place].char_indices().rev();
    let from = before.take(BEFORE).last().map_or(0, |(from, _)| from);
    let from = if from == 0 {
        0
    } else {
        next_word(text, from).min(place)
    };
    let mut behind = text[from..].char_indices().skip(CHARACTERS);
    let to = behind
        .next()
        .map_or(text.len(), |(to, _)| last_word(text, from, from + to));
    let dots = |is_cut: bool| if is_cut { "…" } else { "" };
    format!(
        "{}{}{}",
        dots(from > 0),
        text[from..to].trim(),
        dots(to < text.len())
    )
}

/// Where the next word begins behind a place.
fn next_word(text: &str, place: usize) -> usize {
    let blank = text[place..].find(char::is_whitespace);
    blank.map_or(place, |blank| place + blank)
}

/// Where the last whole word before a place ends; the place itself where that would leave little.
fn last_word(text: &str, from: usize, place: usize) -> usize {
    let blank = text[from..place].rfind(char::is_whitespace);
    blank
        .filter(|blank| *blank > (place - from) / 2)
        .map_or(place, |blank| from + blank)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::search::words::{Phrase, read};

    fn excerpt(text: &str, words: &str) -> String {
        let languages: Vec<Language> = Language::of("en").into_iter().collect();
        of(text, &read(words, Phrase::All, &languages), "en-GB", false)
    }

    #[test]
    fn it_holds_the_word_and_whole_words_around_it() {
        let text = format!(
            "{} Our gardens open. {}",
            "before ".repeat(50),
            "behind ".repeat(50)
        );
        let shown = excerpt(&text, "gardening");
        assert!(
            shown.starts_with("…before") && shown.ends_with("behind…"),
            "{shown}"
        );
        assert!(shown.contains("Our gardens open."), "{shown}");
        assert!(shown.chars().count() <= CHARACTERS + 2, "{shown}");
    }

    #[test]
    fn it_is_the_beginning_where_nothing_is_met_and_all_of_a_short_text() {
        assert_eq!(excerpt("A short text", "nothing"), "A short text");
        assert!(excerpt(&"long ".repeat(100), "nothing").starts_with("long"));
        assert_eq!(excerpt("", "nothing"), "");
    }

    #[test]
    fn a_text_without_blanks_is_cut_between_characters() {
        let shown = excerpt(
            &format!("{}東京{}", "語".repeat(500), "語".repeat(500)),
            "東京",
        );
        assert!(shown.contains("東京"), "{shown}");
        assert!(excerpt(&"é".repeat(5000), "é").chars().count() <= CHARACTERS + 2);
    }
}
