//! Reads the file into [`Settings`], shows them, and tells where a value of the file stands.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

use serde_json::Value;
use toml::de::{DeTable, DeValue};

use super::check::{self, Checked};
use super::problem::{Problem, SettingsErrors};
use super::reader::Section;
use super::report::Report;
use super::secret::{SHOWN, Secret};
use super::{
    Accounts, Channels, Database, DefaultRequest, Endpoint, Files, Import, Log, Mail,
    ModuleSettings, Modules, Notices, Outgoing, Quota, Search, Server, Settings,
};

/// The one text of all defaults.
pub const DEFAULTS: &str = include_str!("../default.toml");

/// The file behind the settings.
#[derive(Debug, Clone, Default)]
pub(super) struct Origin {
    content: Secret,
    spans: BTreeMap<String, Range<usize>>,
    hidden: Vec<String>,
}

impl Settings {
    /// Reads a file.
    ///
    /// # Errors
    /// Everything that is wrong in it.
    pub fn load(path: &Path) -> Result<Self, SettingsErrors> {
        let content = std::fs::read_to_string(path).map_err(|error| {
            let text = format!("the settings cannot be read: {error}");
            let help = "name the file by --config FILE; `loggia demo` makes one";
            Problem::whole(path, text, Some(help.to_owned()))
        })?;
        Self::parse(&content, path)
    }

    /// Reads a text as if it stood in a file.
    ///
    /// # Errors
    /// Everything that is wrong in it.
    pub fn parse(content: &str, path: &Path) -> Result<Self, SettingsErrors> {
        let defaults = parse_toml(DEFAULTS, Path::new("default.toml"))?;
        let given = parse_toml(content, path)?;
        let report = Report::new(path, content);
        let mut settings = read(&report, &given, &defaults);
        let (problems, hidden) = report.finish();
        if !problems.is_empty() {
            return Err(SettingsErrors { problems });
        }
        settings.origin.hidden = hidden;
        Ok(settings)
    }

    /// A problem with a value of the file, found after it was read; `pointer` is such as
    /// `/module/release/seed` or `/endpoint/0/modules/1`. What the file does not hold is shown where its
    /// nearest parent stands.
    pub fn problem(&self, pointer: &str, text: impl Into<String>, help: Option<String>) -> Problem {
        let mut place = pointer;
        loop {
            if let Some(span) = self.origin.spans.get(place) {
                let content = self.origin.content.expose();
                return Problem::at(&self.path, content, span, text.into(), help);
            }
            match place.rfind('/') {
                Some(end) => place = &place[..end],
                None => return Problem::whole(&self.path, text, help),
            }
        }
    }

    /// What holds, defaults included and secrets hidden.
    pub fn effective(&self) -> Value {
        let mut shown = serde_json::to_value(self).unwrap_or_default();
        for pointer in &self.origin.hidden {
            if let Some(value) = shown.pointer_mut(pointer) {
                *value = SHOWN.into();
            }
        }
        shown
    }

    /// The same as a text that could stand in `endpoints.toml`, but for the secrets.
    pub fn effective_toml(&self) -> String {
        let mut shown = self.effective();
        remove_nulls(&mut shown);
        toml::to_string(&shown).unwrap_or_default()
    }
}

/// What is absent has no line in TOML.
fn remove_nulls(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|_, member| !member.is_null());
            members.values_mut().for_each(remove_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(remove_nulls),
        _ => {}
    }
}

fn parse_toml<'a>(content: &'a str, path: &Path) -> Result<DeTable<'a>, SettingsErrors> {
    let (table, errors) = DeTable::parse_recoverable(content);
    if errors.is_empty() {
        return Ok(table.into_inner());
    }
    let problem = |error: &toml::de::Error| {
        let span = error.span().unwrap_or(0..0);
        let help = "this is no TOML; see https://toml.io".to_owned();
        Problem::at(path, content, &span, error.message().to_owned(), Some(help))
    };
    Err(SettingsErrors {
        problems: errors.iter().map(problem).collect(),
    })
}

fn read<'a>(report: &'a Report<'a>, given: &'a DeTable<'a>, defaults: &'a DeTable<'a>) -> Settings {
    let root = Section::new(report, ("", ""), Some((given, 0..0)), Some(defaults));
    let server = Server::read(root.section("server"));
    let request_section = root.section("default_request");
    let default_request = read_default_request(request_section, &server);
    let module_default = ModuleSettings::read(&default_section(report, defaults, "module"));
    let settings = Settings {
        path: report.file.to_owned(),
        database: Database::read(root.section("database")),
        files: Files::read(root.section("files")),
        mail: Mail::read(root.section("mail")),
        outgoing: Outgoing::read(root.section("outgoing")),
        search: Search::read(root.section("search")),
        channels: Channels::read(root.section("channels")),
        notices: Notices::read(root.section("notices")),
        log: Log::read(root.section("log")),
        accounts: Accounts::read(root.section("accounts")),
        quota: Quota::read(root.section("quota")),
        import: Import::read(root.section("import")),
        modules: Modules::read(root.section("modules")),
        module: read_modules(&root, defaults),
        endpoint: read_endpoints(
            &root,
            defaults,
            Checked {
                server: &server,
                default_request: &default_request,
            },
        ),
        default_request,
        module_default,
        server,
        origin: Origin {
            content: Secret::new(report.content),
            spans: spans_of(given),
            hidden: Vec::new(),
        },
    };
    root.finish();
    settings
}

fn default_section<'a>(
    report: &'a Report<'a>,
    defaults: &'a DeTable<'a>,
    key: &str,
) -> Section<'a> {
    let table = defaults
        .get(key)
        .and_then(|value| value.get_ref().as_table());
    Section::new(
        report,
        (&format!("[{key}]"), &format!("/{key}")),
        None,
        table,
    )
}

fn read_default_request(section: Section<'_>, server: &Server) -> DefaultRequest {
    let force_ssl = section.optional("force_ssl").unwrap_or(false);
    check::check_proxies(server, force_ssl, &section);
    DefaultRequest::read(section)
}

/// Each `[module.NAME]` over what every module has.
fn read_modules(root: &Section<'_>, defaults: &DeTable<'_>) -> BTreeMap<String, ModuleSettings> {
    let mut modules = BTreeMap::new();
    let Some((value, _)) = root.entry("module") else {
        return modules;
    };
    let DeValue::Table(tables) = value else {
        root.refuse(
            "module",
            "modules have tables",
            "write [module.NAME] above a module's settings",
        );
        return modules;
    };
    for (key, value) in tables {
        let name = key.get_ref().to_string();
        let header = format!("[module.{name}]");
        let DeValue::Table(table) = value.get_ref() else {
            let text = format!("`{name}` is no table of a module");
            let help = format!("write [module.NAME] above it, or [modules] if `{name}` is for all");
            root.report.add(&key.span(), text, Some(help));
            continue;
        };
        let defaults = defaults
            .get("module")
            .and_then(|value| value.get_ref().as_table());
        let pointer = format!("/module/{name}");
        let section = Section::new(
            root.report,
            (&header, &pointer),
            Some((table, value.span())),
            defaults,
        );
        check::check_module_name(&name, &section);
        modules.insert(name, ModuleSettings::read(&section));
    }
    modules
}

/// Each `[[endpoint]]` over what every endpoint has.
fn read_endpoints(
    root: &Section<'_>,
    defaults: &DeTable<'_>,
    checked: Checked<'_>,
) -> Vec<Endpoint> {
    let Some((value, _)) = root.entry("endpoint") else {
        return Vec::new();
    };
    let DeValue::Array(items) = value else {
        root.refuse(
            "endpoint",
            "each endpoint has a table of its own",
            "write [[endpoint]] above its settings",
        );
        return Vec::new();
    };
    let defaults = defaults
        .get("endpoint")
        .and_then(|value| value.get_ref().as_table());
    let mut endpoints = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let DeValue::Table(table) = item.get_ref() else {
            let help = "write [[endpoint]] above its settings".to_owned();
            root.report.add(
                &item.span(),
                "an endpoint is a table".to_owned(),
                Some(help),
            );
            continue;
        };
        let place = ("[[endpoint]]", format!("/endpoint/{index}"));
        let section = Section::new(
            root.report,
            (place.0, &place.1),
            Some((table, item.span())),
            defaults,
        );
        endpoints.push((Endpoint::read(&section), section));
    }
    checked.endpoints(&mut endpoints);
    let finish = |(endpoint, section): (Endpoint, Section<'_>)| {
        section.finish();
        endpoint
    };
    endpoints.into_iter().map(finish).collect()
}

/// Where each value of the file stands, by JSON pointer.
fn spans_of(table: &DeTable<'_>) -> BTreeMap<String, Range<usize>> {
    let mut spans = BTreeMap::new();
    for (key, value) in table {
        note_spans(&mut spans, &format!("/{}", key.get_ref()), value);
    }
    spans
}

fn note_spans(
    spans: &mut BTreeMap<String, Range<usize>>,
    pointer: &str,
    value: &toml::Spanned<DeValue<'_>>,
) {
    spans.insert(pointer.to_owned(), value.span());
    match value.get_ref() {
        DeValue::Table(table) => {
            for (key, member) in table {
                note_spans(spans, &format!("{pointer}/{}", key.get_ref()), member);
            }
        }
        DeValue::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                note_spans(spans, &format!("{pointer}/{index}"), item);
            }
        }
        _ => {}
    }
}
