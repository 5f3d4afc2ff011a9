//! Reads a section of the file over the same section of the defaults, and notes what is wrong.
//!
//! Every reading function gives a value, also where it has noted a problem, so that one reading finds all
//! problems; settings with problems are never handed out.

use std::cell::RefCell;
use std::ops::Range;

use toml::de::{DeTable, DeValue};

use super::problem::nearest;
use super::report::Report;
use super::value::{Given, Setting};

/// One table of the file, over the same table of the defaults.
pub(super) struct Section<'a> {
    pub(super) report: &'a Report<'a>,
    /// How the file writes its header, such as `[server.limits]`; empty for the whole file.
    header: String,
    /// Where it stands among the settings, such as `/server/limits`.
    pointer: String,
    given: Option<&'a DeTable<'a>>,
    span: Range<usize>,
    defaults: Option<&'a DeTable<'a>>,
    known: RefCell<Vec<String>>,
}

impl<'a> Section<'a> {
    pub(super) fn new(
        report: &'a Report<'a>,
        (header, pointer): (&str, &str),
        given: Option<(&'a DeTable<'a>, Range<usize>)>,
        defaults: Option<&'a DeTable<'a>>,
    ) -> Self {
        let (given, span) = given.map_or((None, 0..0), |(table, span)| (Some(table), span));
        Self {
            report,
            header: header.to_owned(),
            pointer: pointer.to_owned(),
            given,
            span,
            defaults,
            known: RefCell::default(),
        }
    }

    fn ask(&self, key: &str) {
        let mut known = self.known.borrow_mut();
        if !known.iter().any(|one| one == key) {
            known.push(key.to_owned());
        }
    }

    /// What the file gives for a key, else what the defaults give.
    pub(super) fn find(&self, key: &str) -> Option<Given<'a>> {
        self.ask(key);
        let entry = |table: &'a DeTable<'a>| {
            let (_, value) = table.iter().find(|(name, _)| name.get_ref() == key)?;
            Some((value.get_ref(), value.span()))
        };
        let pointer = format!("{}/{key}", self.pointer);
        if let Some((value, span)) = self.given.and_then(entry) {
            return Some(Given::new(self.report, value, span, pointer));
        }
        let (value, _) = self.defaults.and_then(entry)?;
        Some(Given::new(self.report, value, self.span.clone(), pointer))
    }

    /// A setting that always has a value.
    pub(super) fn get<T: Setting>(&self, key: &str) -> T {
        self.optional(key).unwrap_or_else(T::placeholder)
    }

    /// A setting that may be absent.
    pub(super) fn optional<T: Setting>(&self, key: &str) -> Option<T> {
        self.find(key).and_then(|given| T::read(&given))
    }

    /// A setting that has no default and that nobody can do without.
    pub(super) fn required<T: Setting>(&self, key: &str, example: &str) -> T {
        if let Some(given) = self.find(key) {
            return T::read(&given).unwrap_or_else(T::placeholder);
        }
        let text = format!("`{key}` is missing in {}", self.header);
        self.report
            .add(&self.span, text, Some(format!("write `{key} = {example}`")));
        T::placeholder()
    }

    /// A whole number within bounds.
    pub(super) fn number<T>(&self, key: &str, bounds: std::ops::RangeInclusive<i64>) -> T
    where
        T: TryFrom<i64> + Default,
    {
        self.optional_number(key, bounds).unwrap_or_default()
    }

    /// A whole number within bounds that may be absent.
    pub(super) fn optional_number<T>(
        &self,
        key: &str,
        bounds: std::ops::RangeInclusive<i64>,
    ) -> Option<T>
    where
        T: TryFrom<i64>,
    {
        let given = self.find(key)?;
        T::try_from(given.integer(&bounds)?).ok()
    }

    /// A table inside this one.
    pub(super) fn section(&self, key: &str) -> Section<'a> {
        self.ask(key);
        let path = format!("{}/{key}", self.pointer);
        let outer = self.header.trim_matches(['[', ']']);
        let header = format!("[{outer}.{key}]").replace("[.", "[");
        let given = self.entry(key).and_then(|(value, span)| match value {
            DeValue::Table(table) => Some((table, span)),
            other => {
                let given = Given::new(self.report, other, span, path.clone());
                given.refuse_kind(
                    "a table",
                    Some(&format!("write `{header}` above its members")),
                );
                None
            }
        });
        let defaults = self
            .defaults
            .and_then(|table| table.get(key)?.get_ref().as_table());
        Section::new(self.report, (&header, &path), given, defaults)
    }

    /// What the file itself has for a key, whatever it is.
    pub(super) fn entry(&self, key: &str) -> Option<(&'a DeValue<'a>, Range<usize>)> {
        self.ask(key);
        let value = self.given?.get(key)?;
        Some((value.get_ref(), value.span()))
    }

    /// The members of the file's table that nobody has asked for.
    pub(super) fn rest(&self) -> Vec<(&'a str, Range<usize>, &'a DeValue<'a>, Range<usize>)> {
        let known = self.known.borrow();
        let unknown = |name: &str| !known.iter().any(|one| one == name);
        let members = self.given.into_iter().flat_map(DeTable::iter);
        members
            .filter(|(key, _)| unknown(key.get_ref()))
            .map(|(key, value)| (&**key.get_ref(), key.span(), value.get_ref(), value.span()))
            .collect()
    }

    /// Where the file has a key, else where the section begins.
    pub(super) fn span_of(&self, key: &str) -> Range<usize> {
        self.given
            .and_then(|table| table.get(key))
            .map_or_else(|| self.span.clone(), toml::Spanned::span)
    }

    /// The line where the file has a key.
    pub(super) fn line_of(&self, key: &str) -> usize {
        let before = self
            .report
            .content
            .get(..self.span_of(key).start)
            .unwrap_or_default();
        before.matches('\n').count() + 1
    }

    /// Whether the file itself has a key.
    pub(super) fn has(&self, key: &str) -> bool {
        self.given.is_some_and(|table| table.contains_key(key))
    }

    /// Notes a problem with the value of a key, unless one was noted there already: the first says it.
    pub(super) fn refuse(&self, key: &str, text: impl Into<String>, help: impl Into<String>) {
        let span = self.span_of(key);
        if !self.report.has(span.start) {
            self.report.add(&span, text.into(), Some(help.into()));
        }
    }

    /// Notes every key that nobody asked for.
    pub(super) fn finish(self) {
        for (key, span, _, _) in self.rest() {
            let known = self.known.borrow();
            let place = if self.header.is_empty() {
                "here".to_owned()
            } else {
                format!("in {}", self.header)
            };
            let help = match nearest(key, known.iter().map(String::as_str)) {
                Some(name) => format!("write `{name}`"),
                None => format!("known {place}: {}", known.join(", ")),
            };
            self.report
                .add(&span, format!("unknown key `{key}` {place}"), Some(help));
        }
    }
}
