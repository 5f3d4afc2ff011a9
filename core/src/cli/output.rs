//! The one way to standard output.

use std::io::{self, BufWriter, Read, Write};

use serde::Serialize;

use super::failure::Failure;
use super::shown;

/// Where a command's facts go: for people, or as JSON.
pub(super) struct Output {
    writer: Box<dyn Write>,
}

impl Output {
    /// Standard output.
    pub(super) fn standard() -> Self {
        Self {
            writer: Box::new(BufWriter::new(io::stdout())),
        }
    }

    /// Facts as one line of JSON where it was asked for, else as a text for people.
    pub(super) fn facts<T: Serialize>(
        &mut self,
        json: bool,
        facts: &T,
        text: impl FnOnce(&T) -> String,
    ) -> Result<(), Failure> {
        if json {
            return self.line(&serde_json::to_string(facts).map_err(Failure::refused)?);
        }
        let text = text(facts);
        if text.is_empty() {
            Ok(())
        } else {
            self.line(text.trim_end())
        }
    }

    /// Facts that are one object.
    pub(super) fn object<T: Serialize>(&mut self, json: bool, facts: &T) -> Result<(), Failure> {
        let value = serde_json::to_value(facts).map_err(Failure::refused)?;
        self.facts(json, &value, |value| {
            value.as_object().map(shown::members).unwrap_or_default()
        })
    }

    /// One line (or several, already joined).
    pub(super) fn line(&mut self, line: &str) -> Result<(), Failure> {
        Ok(writeln!(self.writer, "{line}")?)
    }

    /// Bytes as they are.
    pub(super) fn bytes(&mut self, mut bytes: impl Read) -> Result<(), Failure> {
        Ok(io::copy(&mut bytes, &mut self.writer).map(drop)?)
    }

    /// For lines that somebody else writes.
    pub(super) fn writer(&mut self) -> &mut dyn Write {
        &mut self.writer
    }

    /// Everything so far reaches the reader now.
    pub(super) fn finish(&mut self) -> Result<(), Failure> {
        Ok(self.writer.flush()?)
    }
}
