//! From text to words: what is looked for and what is found go through here alike.

use tantivy::tokenizer::{Token, TokenStream, Tokenizer};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::{canonical_combining_class, is_combining_mark};

use super::language::Language;

/// Stands between two texts of one document, over which no phrase reaches.
pub(super) const BREAK: char = '\u{1e}';

/// What words as they were written begin with in the index, where that is not how they are folded.
pub(super) const WRITTEN: char = '\u{2}';

/// What stems begin with in the index; the language and a colon follow.
pub(super) const STEM: char = '\u{1}';

/// What lies behind so many characters of a word makes no difference.
const MOST_CHARACTERS: usize = 64;

/// How far a break moves the words behind it.
const GAP: usize = 100;

/// The letters whose marks are part of them, in Unicode's eyes.
const FOLDED: [(char, &str); 14] = [
    ('ß', "ss"),
    ('æ', "ae"),
    ('œ', "oe"),
    ('ø', "o"),
    ('ł', "l"),
    ('đ', "d"),
    ('ð', "d"),
    ('þ', "th"),
    ('ħ', "h"),
    ('ı', "i"),
    ('ŧ', "t"),
    ('ŋ', "n"),
    ('ς', "σ"),
    ('ё', "е"),
];

/// The words of a text, one after the other.
pub(super) struct Words<'t> {
    text: &'t str,
    at: usize,
    /// The number of the present word; a break skips some.
    pub(super) position: usize,
    /// The present word in small letters.
    pub(super) written: String,
    /// The same without the marks on its letters.
    pub(super) folded: String,
    /// Where it begins.
    pub(super) from: usize,
    /// Where it ends.
    pub(super) to: usize,
    is_first: bool,
}

impl<'t> Words<'t> {
    pub(super) fn of(text: &'t str) -> Self {
        Words {
            text,
            at: 0,
            position: 0,
            written: String::new(),
            folded: String::new(),
            from: 0,
            to: 0,
            is_first: true,
        }
    }

    /// Goes to the next word; whether there is one.
    pub(super) fn advance(&mut self) -> bool {
        let mut breaks = 0;
        let Some(from) = self.next_start(&mut breaks) else {
            return false;
        };
        self.from = from;
        self.to = self.end(from);
        self.at = self.to;
        self.position += usize::from(!self.is_first) + breaks * GAP;
        self.is_first = false;
        fold(
            &self.text[from..self.to],
            &mut self.written,
            &mut self.folded,
        );
        if self.folded.is_empty() {
            // Only marks, such as a lone accent.
            return self.advance();
        }
        true
    }

    fn next_start(&self, breaks: &mut usize) -> Option<usize> {
        for (place, character) in self.text[self.at..].char_indices() {
            if is_of_a_word(character) {
                return Some(self.at + place);
            }
            *breaks += usize::from(character == BREAK);
        }
        None
    }

    fn end(&self, from: usize) -> usize {
        let mut characters = self.text[from..].char_indices();
        let first = characters.next().map(|(_, first)| first);
        let is_alone = first.is_some_and(is_ideograph);
        for (place, character) in characters {
            let goes_on = is_of_a_word(character) || is_invisible(character);
            if !goes_on || is_ideograph(character) || (is_alone && !is_combining_mark(character)) {
                return from + place;
            }
        }
        self.text.len()
    }
}

fn is_of_a_word(character: char) -> bool {
    character.is_ascii_alphanumeric()
        || (!character.is_ascii() && (character.is_alphanumeric() || is_combining_mark(character)))
}

/// A soft hyphen or a joiner: it parts no word.
fn is_invisible(character: char) -> bool {
    matches!(character, '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}')
}

/// A character of a script that does not part its words; each is a word, and several in a row are a phrase.
fn is_ideograph(character: char) -> bool {
    matches!(character,
        '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{2fa1f}')
}

/// A word in small letters, and the same without marks.
fn fold(word: &str, written: &mut String, folded: &mut String) {
    written.clear();
    folded.clear();
    if word.is_ascii() {
        written.extend(
            word.chars()
                .take(MOST_CHARACTERS)
                .map(|one| one.to_ascii_lowercase()),
        );
        folded.push_str(written);
        return;
    }
    let small = word
        .chars()
        .filter(|one| !is_invisible(*one))
        .flat_map(char::to_lowercase);
    written.extend(small.nfc().take(MOST_CHARACTERS));
    let is_cyrillic = |one: char| matches!(one, '\u{400}'..='\u{52f}');
    for character in written.chars() {
        if is_cyrillic(character) && character != 'ё' {
            // Marks make letters of their own here, which the stems are built of.
            folded.push(character);
        } else {
            push_folded(folded, character);
        }
    }
}

fn push_folded(folded: &mut String, character: char) {
    for part in std::iter::once(character)
        .nfkd()
        .flat_map(char::to_lowercase)
    {
        let class = canonical_combining_class(part);
        if (10..=35).contains(&class) || class >= 200 {
            continue;
        }
        match FOLDED.iter().find(|(letter, _)| *letter == part) {
            Some((_, plain)) => folded.push_str(plain),
            None => folded.push(part),
        }
    }
}

/// How the index takes a text apart: each word folded, as it was written where that differs, and its stem. The text
/// begins with the tag of its language in a line of its own.
#[derive(Clone, Default)]
pub(super) struct Analyser;

/// The name by which the index knows [`Analyser`].
pub(super) const ANALYSER: &str = "words";

impl Tokenizer for Analyser {
    type TokenStream<'a> = Terms<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Terms<'a> {
        let (tag, text) = text.split_once('\n').unwrap_or(("", text));
        Terms {
            words: Words::of(text),
            language: Language::of(tag),
            token: Token::default(),
            next: Form::Folded,
        }
    }
}

/// The terms of a text.
pub(super) struct Terms<'t> {
    words: Words<'t>,
    language: Option<Language>,
    token: Token,
    next: Form,
}

/// Which form of the present word follows.
#[derive(Clone, Copy)]
enum Form {
    Folded,
    Written,
    Stem,
}

impl TokenStream for Terms<'_> {
    fn advance(&mut self) -> bool {
        loop {
            match self.next {
                Form::Folded => {
                    if !self.words.advance() {
                        return false;
                    }
                    self.token.offset_from = self.words.from;
                    self.token.offset_to = self.words.to;
                    self.token.position = self.words.position;
                    self.token.text.clear();
                    self.token.text.push_str(&self.words.folded);
                    self.next = Form::Written;
                    return true;
                }
                Form::Written => {
                    self.next = Form::Stem;
                    if self.words.written != self.words.folded {
                        self.token.text.clear();
                        self.token.text.push(WRITTEN);
                        self.token.text.push_str(&self.words.written);
                        return true;
                    }
                }
                Form::Stem => {
                    self.next = Form::Folded;
                    if let Some(language) = self.language
                        && push_stem(&mut self.token.text, language, &self.words.folded)
                    {
                        return true;
                    }
                }
            }
        }
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

/// Makes the term of a stem; whether it is another one than the word's own.
fn push_stem(term: &mut String, language: Language, folded: &str) -> bool {
    let stem = language.stem(folded);
    if stem == folded {
        return false;
    }
    term.clear();
    term.push(STEM);
    term.push_str(language.code);
    term.push(':');
    term.push_str(&stem);
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(text: &str) -> Vec<String> {
        let mut words = Words::of(text);
        let mut all = Vec::new();
        while words.advance() {
            all.push(words.folded.clone());
        }
        all
    }

    fn terms(text: &str) -> Vec<(usize, String)> {
        let mut analyser = Analyser;
        let mut stream = analyser.token_stream(text);
        let mut all = Vec::new();
        while let Some(token) = stream.next() {
            all.push((token.position, token.text.clone()));
        }
        all
    }

    #[test]
    fn marks_fall_off_letters_however_they_were_written() {
        assert_eq!(
            folded("Café CAFE\u{301} Ærø straße Łódź"),
            ["cafe", "cafe", "aero", "strasse", "lodz"]
        );
        assert_eq!(folded("йод ёлка"), ["йод", "елка"]);
        assert_eq!(folded("ﬁn co\u{ad}operate"), ["fin", "cooperate"]);
    }

    #[test]
    fn what_parts_words_is_everything_but_letters_and_digits() {
        assert_eq!(
            folded(" e-mail: a_b (rust2027)! \u{301} "),
            ["e", "mail", "a", "b", "rust2027"]
        );
        assert_eq!(folded("東京 tower塔"), ["東", "京", "tower", "塔"]);
        assert!(folded("?!*\"+-~^:\u{1e}").is_empty());
    }

    #[test]
    fn a_word_gives_itself_and_what_else_finds_it() {
        let found = terms("de-DE\nHäuser\u{1e}im");
        let expected = [
            (0, "hauser".to_owned()),
            (0, format!("{WRITTEN}häuser")),
            (0, format!("{STEM}de:haus")),
            (101, "im".to_owned()),
        ];
        assert_eq!(found, expected);
        assert_eq!(terms("*\nHäuser").len(), 2);
    }

    #[test]
    fn a_very_long_word_is_cut() {
        assert_eq!(folded(&"ä".repeat(10_000)), ["a".repeat(MOST_CHARACTERS)]);
        assert_eq!(folded(&"x".repeat(10_000)), ["x".repeat(MOST_CHARACTERS)]);
    }
}
