//! `[modules]` and `[module.NAME]`: where libraries are, what each is told.

use std::fmt;
use std::ops::Range;
use std::path::PathBuf;

use serde::{Serialize, Serializer};
use serde_json::Value;
use toml::de::{DeInteger, DeTable, DeValue};

use super::reader::Section;
use super::report::Report;
use super::secret::SHOWN;
use super::value;

/// Where the modules' libraries are.
#[derive(Debug, Clone, Serialize)]
pub struct Modules {
    /// Folders with libraries, resolved; empty: `lib/loggia/modules` of the installation.
    pub folders: Vec<PathBuf>,
    /// Whether a changed library is loaded by itself.
    pub reload_on_change: bool,
}

impl Modules {
    /// The folders to look in, the installation's where none is set.
    pub fn search(&self) -> Vec<PathBuf> {
        if !self.folders.is_empty() {
            return self.folders.clone();
        }
        let program = std::env::current_exe().and_then(|path| path.canonicalize());
        let installation = program
            .ok()
            .and_then(|path| Some(path.parent()?.parent()?.to_owned()));
        installation
            .map(|root| root.join("lib/loggia/modules"))
            .into_iter()
            .collect()
    }
}

/// One module's settings: the host's part, and the module's own.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ModuleSettings {
    /// Whether it is loaded at all.
    pub enabled: bool,
    /// Threads that answer its calls.
    pub threads: usize,
    /// Calls that may wait for one.
    pub queue: usize,
    /// How long a call may take, unless the endpoint says less.
    pub deadline_ms: u64,
    /// The members that the module's descriptor describes.
    #[serde(flatten)]
    pub values: ModuleValues,
}

/// A module's own settings as the file has them, references to secrets resolved, not yet checked.
///
/// Printed or serialised, secrets in it are hidden; only [`ModuleValues::json`] shows all.
#[derive(Clone, Default, PartialEq)]
pub struct ModuleValues {
    full: serde_json::Map<String, Value>,
    shown: serde_json::Map<String, Value>,
}

impl ModuleValues {
    /// Everything, for the module alone.
    pub fn json(&self) -> &serde_json::Map<String, Value> {
        &self.full
    }

    /// Everything but secrets.
    pub fn shown(&self) -> &serde_json::Map<String, Value> {
        &self.shown
    }
}

impl fmt::Debug for ModuleValues {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.shown.fmt(formatter)
    }
}

impl Serialize for ModuleValues {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.shown.serialize(serializer)
    }
}

impl Modules {
    pub(super) fn read(section: Section<'_>) -> Self {
        let modules = Self {
            folders: section.get("folders"),
            reload_on_change: section.get("reload_on_change"),
        };
        section.finish();
        modules
    }
}

impl ModuleSettings {
    /// Reads the host's part; what is left is the module's own, which only its descriptor can check.
    pub(super) fn read(section: &Section<'_>) -> Self {
        Self {
            enabled: section.get("enabled"),
            threads: section.number("threads", 1..=1_024),
            queue: section.number("queue", 1..=1_000_000),
            deadline_ms: section.number("deadline_ms", 1..=3_600_000),
            values: ModuleValues::read(section),
        }
    }
}

impl ModuleValues {
    fn read(section: &Section<'_>) -> Self {
        let mut values = Self::default();
        for (key, _, value, span) in section.rest() {
            let (full, shown) = to_json(section.report, value, &span);
            values.full.insert(key.to_owned(), full);
            values.shown.insert(key.to_owned(), shown);
        }
        values
    }
}

/// A value as the module sees it, and as it may be shown.
fn to_json(report: &Report<'_>, value: &DeValue<'_>, span: &Range<usize>) -> (Value, Value) {
    let single = |value: Value| (value.clone(), value);
    match value {
        DeValue::String(text) => single(text.to_string().into()),
        DeValue::Boolean(value) => single((*value).into()),
        DeValue::Datetime(date) => single(date.to_string().into()),
        DeValue::Float(float) => single(float.as_str().replace('_', "").parse::<f64>().ok().into()),
        DeValue::Integer(integer) => single(whole_number(report, integer, span)),
        DeValue::Array(items) => {
            let both = items
                .iter()
                .map(|item| to_json(report, item.get_ref(), &item.span()));
            let (full, shown): (Vec<_>, Vec<_>) = both.unzip();
            (full.into(), shown.into())
        }
        DeValue::Table(table) => table_to_json(report, table, span),
    }
}

fn whole_number(report: &Report<'_>, integer: &DeInteger<'_>, span: &Range<usize>) -> Value {
    let number = i64::from_str_radix(integer.as_str(), integer.radix()).ok();
    if number.is_none() {
        let help = "write a number of at most 64 bits".to_owned();
        report.add(span, format!("`{integer}` is too large"), Some(help));
    }
    number.into()
}

fn table_to_json(report: &Report<'_>, table: &DeTable<'_>, span: &Range<usize>) -> (Value, Value) {
    if let Some((source, name)) = value::reference(table) {
        return referred(report, source, name, span);
    }
    let mut both = (serde_json::Map::new(), serde_json::Map::new());
    for (key, value) in table {
        let (full, shown) = to_json(report, value.get_ref(), &value.span());
        both.0.insert(key.get_ref().to_string(), full);
        both.1.insert(key.get_ref().to_string(), shown);
    }
    (both.0.into(), both.1.into())
}

fn referred(
    report: &Report<'_>,
    source: value::Source,
    name: &str,
    span: &Range<usize>,
) -> (Value, Value) {
    let full = value::resolve(report, source, name).unwrap_or_else(|(text, help)| {
        report.add(span, text, Some(help));
        String::new()
    });
    (full.into(), SHOWN.into())
}
