//! What is wrong in the file: where, what, and what to write instead.

use std::fmt;
use std::ops::Range;
use std::path::Path;

use serde::Serialize;

/// Everything that is wrong in one file, in the order of its lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct SettingsErrors {
    /// At least one.
    pub problems: Vec<Problem>,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The file, as it was named.
    pub file: String,
    /// The line, from 1; 0 where the file as a whole is meant.
    pub line: usize,
    /// The column, from 1, in characters.
    pub column: usize,
    /// How many characters are meant.
    pub width: usize,
    /// The line itself, its secrets hidden.
    pub source: String,
    /// What is wrong.
    pub text: String,
    /// What to write instead.
    pub help: Option<String>,
}

impl Problem {
    /// A problem with the file as a whole.
    pub fn whole(file: &Path, text: impl Into<String>, help: Option<String>) -> Self {
        Self {
            file: file.display().to_string(),
            line: 0,
            column: 0,
            width: 0,
            source: String::new(),
            text: text.into(),
            help,
        }
    }

    /// A problem with a range of bytes of the file's text.
    pub(super) fn at(
        file: &Path,
        content: &str,
        span: &Range<usize>,
        text: String,
        help: Option<String>,
    ) -> Self {
        let start = floor_boundary(content, span.start);
        let line_start = content[..start].rfind('\n').map_or(0, |index| index + 1);
        let line_end = content[start..]
            .find('\n')
            .map_or(content.len(), |index| start + index);
        let end = floor_boundary(content, span.end.clamp(start, line_end));
        let column = content[line_start..start].chars().count();
        let source = hide_secrets(content[line_start..line_end].trim_end());
        let room = source.chars().count().saturating_sub(column).max(1);
        Self {
            file: file.display().to_string(),
            line: content[..line_start].matches('\n').count() + 1,
            column: column + 1,
            width: content[start..end].chars().count().clamp(1, room),
            source,
            text,
            help,
        }
    }
}

fn floor_boundary(content: &str, index: usize) -> usize {
    let mut index = index.min(content.len());
    while !content.is_char_boundary(index) {
        index -= 1;
    }
    index
}

/// A line as it may be shown: where its key sounds like a secret, or its text like a URL with a password,
/// the value is hidden, because refusals end up in logs.
fn hide_secrets(line: &str) -> String {
    let Some((key, value)) = line.split_once('=') else {
        return line.to_owned();
    };
    let name = key.trim().rsplit('.').next().unwrap_or_default();
    let sounds_secret = ["password", "passwd", "secret", "token", "api_key"]
        .iter()
        .any(|word| name.contains(word) || strsim::jaro_winkler(name, word) > 0.9);
    let holds_credentials = value.contains("://") && value.contains('@');
    let refers = value.trim_start().starts_with('{');
    if holds_credentials || (sounds_secret && !refers) {
        format!("{key}= \"{}\"", super::secret::SHOWN)
    } else {
        line.to_owned()
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line == 0 {
            write!(formatter, "{}: {}", self.file, self.text)?;
        } else {
            let number = self.line.to_string();
            let gutter = " ".repeat(number.len());
            let indent = " ".repeat(self.column.saturating_sub(1));
            let caret = "^".repeat(self.width);
            let (file, line, column) = (&self.file, self.line, self.column);
            writeln!(formatter, "{file}:{line}:{column}: {}", self.text)?;
            writeln!(formatter, "{gutter} |")?;
            writeln!(formatter, "{number} | {}", self.source)?;
            write!(formatter, "{gutter} | {indent}{caret}")?;
        }
        match &self.help {
            Some(help) => write!(formatter, "\n  help: {help}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for SettingsErrors {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            if index > 0 {
                formatter.write_str("\n\n")?;
            }
            problem.fmt(formatter)?;
        }
        Ok(())
    }
}

impl std::error::Error for SettingsErrors {}

impl From<Problem> for SettingsErrors {
    fn from(problem: Problem) -> Self {
        Self {
            problems: vec![problem],
        }
    }
}

/// The name among `known` that somebody who wrote `written` may have meant.
pub fn nearest<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let written = written.to_lowercase();
    known
        .into_iter()
        .map(|name| (strsim::jaro_winkler(&written, &name.to_lowercase()), name))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|left, right| left.0.total_cmp(&right.0))
        .map(|(_, name)| name)
}
