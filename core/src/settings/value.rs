//! Reads one value of the file as the type that its setting has.

use std::net::SocketAddr;
use std::ops::{Range, RangeInclusive};
use std::path::PathBuf;

use ipnet::IpNet;
use toml::de::{DeTable, DeValue};

use super::problem::nearest;
use super::report::Report;
use super::secret::Secret;
use super::word::Word;

/// A type that a setting can have.
pub(super) trait Setting: Sized {
    /// Reads it; what is wrong has been noted where there is none.
    fn read(given: &Given<'_>) -> Option<Self>;

    /// What stands in its place once a problem has been noted; nobody will see it.
    fn placeholder() -> Self;
}

/// A value of the file (or of the defaults) and where it stands.
pub(super) struct Given<'a> {
    pub(super) report: &'a Report<'a>,
    pub(super) value: &'a DeValue<'a>,
    span: Range<usize>,
    pointer: String,
}

impl<'a> Given<'a> {
    pub(super) fn new(
        report: &'a Report<'a>,
        value: &'a DeValue<'a>,
        span: Range<usize>,
        pointer: String,
    ) -> Self {
        Self {
            report,
            value,
            span,
            pointer,
        }
    }

    /// How an operator would call it, such as `server.listen`.
    fn name(&self) -> String {
        let is_name = |part: &&str| !part.is_empty() && part.parse::<usize>().is_err();
        let names: Vec<_> = self.pointer.split('/').filter(is_name).collect();
        names.join(".")
    }

    /// A text as a refusal may show it: what came by reference is hidden.
    pub(super) fn shown<'t>(&self, text: &'t str) -> &'t str {
        match self.value {
            DeValue::Table(_) => super::secret::SHOWN,
            _ => text,
        }
    }

    /// Notes that the value is not good.
    pub(super) fn refuse<T>(&self, text: impl Into<String>, help: impl Into<String>) -> Option<T> {
        self.report.add(&self.span, text.into(), Some(help.into()));
        None
    }

    /// Notes that the value is of another kind than it should be.
    pub(super) fn refuse_kind(&self, wanted: &str, help: Option<&str>) {
        let text = format!(
            "`{}` must be {wanted}, not {}",
            self.name(),
            kind(self.value)
        );
        self.report.add(&self.span, text, help.map(str::to_owned));
    }

    /// The items of a list.
    pub(super) fn items(&self, help: &str) -> Option<Vec<Given<'a>>> {
        let DeValue::Array(items) = self.value else {
            self.refuse_kind("a list", Some(help));
            return None;
        };
        let item = |(index, item): (usize, &'a toml::Spanned<DeValue<'a>>)| {
            let pointer = format!("{}/{index}", self.pointer);
            Given::new(self.report, item.get_ref(), item.span(), pointer)
        };
        Some(items.iter().enumerate().map(item).collect())
    }

    /// A whole number within bounds.
    pub(super) fn integer(&self, bounds: &RangeInclusive<i64>) -> Option<i64> {
        let range = if *bounds.end() == i64::MAX {
            format!("write a whole number from {}", bounds.start())
        } else {
            format!(
                "write a whole number from {} to {}",
                bounds.start(),
                bounds.end()
            )
        };
        let DeValue::Integer(integer) = self.value else {
            self.refuse_kind("a whole number", Some(&range));
            return None;
        };
        let number = i64::from_str_radix(integer.as_str(), integer.radix()).ok();
        match number.filter(|number| bounds.contains(number)) {
            Some(number) => Some(number),
            None => self.refuse(format!("`{}` cannot be {integer}", self.name()), range),
        }
    }

    /// A text, written out or by reference.
    pub(super) fn text(&self, help: &str) -> Option<String> {
        match self.value {
            DeValue::String(text) => Some(text.to_string()),
            DeValue::Table(table) => self.referred(table, help),
            _ => {
                self.refuse_kind("a text", Some(help));
                None
            }
        }
    }

    /// What `{ env = "NAME" }` or `{ file = "PATH" }` refers to.
    fn referred(&self, table: &DeTable<'_>, help: &str) -> Option<String> {
        let Some((source, name)) = reference(table) else {
            let forms = "write { env = \"NAME\" } or { file = \"PATH\" } to refer to a text, or";
            return self.refuse(
                format!("`{}` must be a text, not a table", self.name()),
                format!("{forms} {}", help.trim_start_matches("write ")),
            );
        };
        self.report.hide(&self.pointer);
        match resolve(self.report, source, name) {
            Ok(text) => Some(text),
            Err((text, help)) => self.refuse(text, help),
        }
    }
}

/// Where a referred text comes from.
#[derive(Clone, Copy)]
pub(super) enum Source {
    Environment,
    File,
}

/// A table as a reference, if it is one.
pub(super) fn reference<'a>(table: &'a DeTable<'_>) -> Option<(Source, &'a str)> {
    let (key, value) = table.iter().next().filter(|_| table.len() == 1)?;
    let source = match &**key.get_ref() {
        "env" => Source::Environment,
        "file" => Source::File,
        _ => return None,
    };
    Some((source, value.get_ref().as_str()?))
}

/// Fetches a referred text; a refusal names the reference, never the text.
pub(super) fn resolve(
    report: &Report<'_>,
    source: Source,
    name: &str,
) -> Result<String, (String, String)> {
    match source {
        Source::Environment => std::env::var(name).map_err(|_| {
            let text = format!("the environment has no text in `{name}`");
            (text, format!("set `{name}` before the server starts"))
        }),
        Source::File => std::fs::read_to_string(report.folder().join(name))
            .map(|text| text.trim_end_matches(['\r', '\n']).to_owned())
            .map_err(|error| {
                let text = format!("the file `{name}` cannot be read: {}", error.kind());
                (
                    text,
                    "relative paths start from this file's folder".to_owned(),
                )
            }),
    }
}

/// The kind of a value, in words.
fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

impl Setting for bool {
    fn read(given: &Given<'_>) -> Option<Self> {
        if let DeValue::Boolean(value) = given.value {
            return Some(*value);
        }
        given.refuse_kind(
            "true or false",
            Some("write true or false, without quotation marks"),
        );
        None
    }

    fn placeholder() -> Self {
        false
    }
}

impl Setting for String {
    fn read(given: &Given<'_>) -> Option<Self> {
        given.text("write a text in quotation marks")
    }

    fn placeholder() -> Self {
        Self::new()
    }
}

impl Setting for Secret {
    fn read(given: &Given<'_>) -> Option<Self> {
        given
            .text("write a text in quotation marks")
            .map(Secret::new)
    }

    fn placeholder() -> Self {
        Self::default()
    }
}

impl Setting for PathBuf {
    fn read(given: &Given<'_>) -> Option<Self> {
        let text = given.text("write a path in quotation marks")?;
        if text.is_empty() {
            return given.refuse("the path is empty", "write a path in quotation marks");
        }
        Some(given.report.folder().join(text))
    }

    fn placeholder() -> Self {
        Self::new()
    }
}

impl Setting for SocketAddr {
    fn read(given: &Given<'_>) -> Option<Self> {
        let help = "write an address and a port, such as \"127.0.0.1:8080\" or \"[::]:80\"";
        let text = given.text(help)?;
        match text.parse() {
            Ok(address) => Some(address),
            Err(_) => given.refuse(
                format!("`{}` is no address to listen on", given.shown(&text)),
                help,
            ),
        }
    }

    fn placeholder() -> Self {
        Self::from(([127, 0, 0, 1], 0))
    }
}

impl Setting for IpNet {
    fn read(given: &Given<'_>) -> Option<Self> {
        let help = "write an address or a range, such as \"10.1.2.3\" or \"10.0.0.0/8\"";
        let text = given.text(help)?;
        let single = || {
            text.parse()
                .map(|address: std::net::IpAddr| Self::from(address))
        };
        match text.parse().or_else(|_| single()) {
            Ok(range) => Some(range),
            Err(_) => given.refuse(
                format!("`{}` is no range of addresses", given.shown(&text)),
                help,
            ),
        }
    }

    fn placeholder() -> Self {
        Self::default()
    }
}

impl<T: Setting> Setting for Vec<T> {
    fn read(given: &Given<'_>) -> Option<Self> {
        let items = given.items("write a list, such as [\"first\", \"second\"]")?;
        Some(items.iter().filter_map(T::read).collect())
    }

    fn placeholder() -> Self {
        Self::new()
    }
}

impl<T: Word> Setting for T {
    fn read(given: &Given<'_>) -> Option<Self> {
        let words = T::WORDS.iter().map(|(word, _)| *word);
        let offered: Vec<_> = words.clone().map(|word| format!("\"{word}\"")).collect();
        let offer = format!("write {}", offered.join(" or "));
        let text = given.text(&offer)?;
        if let Some((_, value)) = T::WORDS.iter().find(|(word, _)| *word == text) {
            return Some(*value);
        }
        let help = nearest(&text, words).map_or(offer, |word| format!("write \"{word}\""));
        given.refuse(
            format!("`{}` cannot be `{}`", given.name(), given.shown(&text)),
            help,
        )
    }

    fn placeholder() -> Self {
        T::WORDS[0].1
    }
}
