//! The words, names and texts of a dump, one after the other, from a window of its bytes.

use std::io::Read;

use crate::moving::{MovingError, Outcome};

const WINDOW_BYTES: usize = 64 * 1024;

/// A part of a statement.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// A key word, a plain name, or a number.
    Word(String),
    /// A name in quotation marks.
    Name(String),
    /// A text.
    Text(String),
    /// Anything else.
    Symbol(u8),
    /// The end of the dump.
    End,
}

impl Token {
    /// Whether it is a key word.
    pub(super) fn is_word(&self, wanted: &str) -> bool {
        matches!(self, Token::Word(word) if word.eq_ignore_ascii_case(wanted))
    }

    /// Its text; none for symbols.
    pub(super) fn into_text(self) -> Option<String> {
        match self {
            Token::Word(text) | Token::Name(text) | Token::Text(text) => Some(text),
            Token::Symbol(_) | Token::End => None,
        }
    }
}

/// Reads tokens.
pub(super) struct Lexer<R> {
    input: R,
    window: Vec<u8>,
    place: usize,
    before: u64,
    escapes: bool,
}

impl<R: Read> Lexer<R> {
    pub(super) fn new(input: R) -> Self {
        Self {
            input,
            window: Vec::new(),
            place: 0,
            before: 0,
            escapes: true,
        }
    }

    /// How many bytes were read.
    pub(super) fn position(&self) -> u64 {
        self.before + u64::try_from(self.place).unwrap_or_default()
    }

    /// From here on a backslash in a text is only a backslash.
    pub(super) fn take_backslashes_plainly(&mut self) {
        self.escapes = false;
    }

    fn peek(&mut self) -> Outcome<Option<u8>> {
        if self.place == self.window.len() {
            self.before = self.position();
            self.place = 0;
            self.window.resize(WINDOW_BYTES, 0);
            let read = self.input.read(&mut self.window);
            let read = read.map_err(MovingError::of("the dump"))?;
            self.window.truncate(read);
        }
        Ok(self.window.get(self.place).copied())
    }

    fn byte(&mut self) -> Outcome<Option<u8>> {
        let byte = self.peek()?;
        self.place += usize::from(byte.is_some());
        Ok(byte)
    }

    /// The next token.
    pub(super) fn next(&mut self) -> Outcome<Token> {
        loop {
            let Some(byte) = self.byte()? else {
                return Ok(Token::End);
            };
            match byte {
                byte if byte.is_ascii_whitespace() => {}
                b'#' => self.end_line()?,
                b'-' if self.peek()? == Some(b'-') => self.end_line()?,
                b'/' if self.peek()? == Some(b'*') => self.comment()?,
                b'\'' => return self.quoted(byte, self.escapes).map(Token::Text),
                b'`' => return self.quoted(byte, false).map(Token::Name),
                b'"' => return self.quoted(byte, self.escapes).map(Token::Name),
                byte if is_word(byte) => return self.word(byte),
                byte => return Ok(Token::Symbol(byte)),
            }
        }
    }

    fn word(&mut self, first: u8) -> Outcome<Token> {
        let mut word = vec![first];
        while let Some(byte) = self.peek()?.filter(|byte| is_word(*byte) || *byte == b'.') {
            word.push(byte);
            self.place += 1;
        }
        Ok(Token::Word(text_of(word)))
    }

    /// What stands up to a mark, which is doubled inside.
    fn quoted(&mut self, mark: u8, escapes: bool) -> Outcome<String> {
        let mut bytes = Vec::new();
        loop {
            match self.byte()? {
                Some(byte) if byte == mark => {
                    if self.peek()? != Some(mark) {
                        return Ok(text_of(bytes));
                    }
                    self.place += 1;
                    bytes.push(mark);
                }
                Some(b'\\') if escapes => {
                    if let Some(byte) = self.byte()? {
                        bytes.push(escaped(byte));
                    }
                }
                Some(byte) => bytes.push(byte),
                None => {
                    let text = format!("the dump at byte {}: a text does not end", self.position());
                    return Err(MovingError::new(text));
                }
            }
        }
    }

    fn comment(&mut self) -> Outcome<()> {
        let mut last = 0;
        self.place += 1;
        while let Some(byte) = self.byte()? {
            if (last, byte) == (b'*', b'/') {
                break;
            }
            last = byte;
        }
        Ok(())
    }

    /// Passes over the rest of the line.
    pub(super) fn end_line(&mut self) -> Outcome<()> {
        self.line().map(drop)
    }

    /// The rest of the line; none at the end of the dump.
    pub(super) fn line(&mut self) -> Outcome<Option<String>> {
        let mut bytes = Vec::new();
        loop {
            match self.byte()? {
                Some(b'\n') => return Ok(Some(text_of(bytes))),
                Some(byte) => bytes.push(byte),
                None if bytes.is_empty() => return Ok(None),
                None => return Ok(Some(text_of(bytes))),
            }
        }
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | b'+' | b'-') || !byte.is_ascii()
}

fn escaped(byte: u8) -> u8 {
    match byte {
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'0' => 0,
        b'Z' => 26,
        other => other,
    }
}

fn text_of(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// The text of a value that stands without quotation marks: a number, or bytes in hexadecimal digits.
pub(super) fn plain_value(word: String) -> String {
    let digits = word.strip_prefix("0x").or_else(|| word.strip_prefix("0X"));
    match digits.map(hex::decode) {
        Some(Ok(bytes)) => text_of(bytes),
        _ => word,
    }
}

/// A cell of pg_dump's lines.
pub(super) fn copied_value(cell: &str) -> Option<String> {
    if cell == "\\N" {
        return None;
    }
    let (mut text, mut letters) = (String::with_capacity(cell.len()), cell.chars());
    while let Some(letter) = letters.next() {
        text.push(match letter {
            '\\' => match letters.next() {
                Some('n') => '\n',
                Some('r') => '\r',
                Some('t') => '\t',
                Some(other) => other,
                None => '\\',
            },
            other => other,
        });
    }
    Some(text)
}
