//! Reads an extension feed as Joomla's updater does, and says what a site would make of it.
//!
//! Written from the rules of the updater, not from what our own feed looks like: names ignore case, text
//! comes in pieces around every entity, some members keep only the last piece, checksums are not trimmed,
//! and a document that ends early is simply one without updates.

use std::cmp::Ordering;

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use regex::Regex;

use crate::version::{self, Stability};
use crate::xml_tree::entity;

/// One `<update>` as the updater holds it after reading.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Update {
    /// `<name>`, all pieces, not trimmed; so are the next six.
    pub name: String,
    /// `<element>`.
    pub element: String,
    /// `<type>`.
    pub kind: String,
    /// `<folder>`.
    pub folder: String,
    /// `<client>`; a feed that names none means the administrator.
    pub client: String,
    /// `<version>`.
    pub version: String,
    /// `<infourl>`.
    pub info_url: String,
    /// `<downloadurl>`, all pieces, trimmed.
    pub download_url: String,
    /// Each `<downloadsource>`, its last piece only.
    pub download_sources: Vec<String>,
    /// The last piece of the last `<tag>`; a word that is no stability counts as stable.
    pub stability: Option<Stability>,
    /// The name and version of `<targetplatform>`.
    pub platform: Option<(String, String)>,
    /// The last piece of `<php_minimum>`.
    pub php_minimum: Option<String>,
    /// The attributes of `<supported_databases>`.
    pub databases: Option<Vec<(String, String)>>,
    /// `<sha256>`, `<sha384>`, `<sha512>`, all pieces, not trimmed, where they stand.
    pub checksums: Vec<(String, String)>,
}

/// The site that asks.
#[derive(Clone, Debug)]
pub struct Site<'a> {
    /// Its full Joomla version.
    pub joomla: &'a str,
    /// Its PHP version; nothing where it is not known and is not to count.
    pub php: Option<&'a str>,
    /// Its database (`mysql`, `mariadb`, `postgresql`) and that one's version.
    pub database: Option<(&'a str, &'a str)>,
    /// The least stability its owner takes.
    pub stability: Stability,
    /// The version that is installed.
    pub installed: Option<&'a str>,
}

/// What a site makes of one update.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ruling {
    /// The version it is about.
    pub version: String,
    /// The rule that decided: `offered`, `platform`, `php`, `database`, `stability`, `superseded`, `installed`.
    pub rule: &'static str,
    /// The rule in a sentence, for this site and this version.
    pub reason: String,
}

/// Reads a document as the updater reads it. A document that is no XML, or has white space before its
/// declaration, is a failure; one that is empty or ends early is not.
pub fn read(document: &str) -> Result<Vec<Update>, String> {
    let document = document.trim_start_matches('\u{feff}');
    if document.trim_start().starts_with("<?xml") && !document.starts_with("<?xml") {
        return Err("there is white space before the XML declaration".to_owned());
    }
    let mut reader = Reader::from_str(document);
    let mut parser = Parser::default();
    let mut depth = 0usize;
    loop {
        let event = match reader.read_event() {
            Ok(event) => event,
            Err(quick_xml::Error::Syntax(_)) => break,
            Err(error) => return Err(error.to_string()),
        };
        match event {
            Event::Start(start) => {
                depth += 1;
                parser.start(&start)?;
            }
            Event::Empty(start) => {
                parser.start(&start)?;
                parser.end();
            }
            Event::End(_) => {
                depth = depth.saturating_sub(1);
                parser.end();
            }
            Event::Text(text) => {
                let text = text.xml10_content();
                if depth == 0 && !text.trim().is_empty() {
                    return Err("there is text outside the document".to_owned());
                }
                // The parser hands over each line by itself.
                for piece in text.split_inclusive('\n') {
                    parser.text(piece);
                }
            }
            Event::CData(text) => parser.text(&text.xml10_content()),
            Event::GeneralRef(reference) => parser.text(&entity(&reference)?),
            Event::Eof => break,
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
    }
    Ok(parser.updates)
}

#[derive(Default)]
struct Parser {
    stack: Vec<String>,
    current: Option<Update>,
    updates: Vec<Update>,
}

impl Parser {
    fn start(&mut self, start: &BytesStart<'_>) -> Result<(), String> {
        let name = start.name().as_ref().to_ascii_lowercase();
        let mut attributes = Vec::new();
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|error| error.to_string())?;
            let value = attribute
                .normalized_value(XmlVersion::Implicit1_0)
                .map_err(|error| error.to_string())?;
            let key = attribute.key.as_ref().to_ascii_lowercase();
            attributes.push((key, value.into_owned()));
        }
        if name == "update" {
            self.current = Some(Update::default());
        } else if let Some(update) = &mut self.current {
            update.begin(&name, attributes);
        }
        self.stack.push(name);
        Ok(())
    }

    fn text(&mut self, piece: &str) {
        if let (Some(update), Some(name)) = (&mut self.current, self.stack.last()) {
            update.append(name, piece);
        }
    }

    fn end(&mut self) {
        if self.stack.pop().as_deref() == Some("update")
            && let Some(mut update) = self.current.take()
        {
            update.download_url = String::from(update.download_url.trim());
            self.updates.push(update);
        }
    }
}

impl Update {
    fn begin(&mut self, name: &str, attributes: Vec<(String, String)>) {
        let attribute = |name: &str| {
            let found = attributes.iter().find(|(attribute, _)| attribute == name);
            found.map(|(_, value)| value.clone()).unwrap_or_default()
        };
        match name {
            "targetplatform" => self.platform = Some((attribute("name"), attribute("version"))),
            "supported_databases" => self.databases = Some(attributes),
            "php_minimum" => self.php_minimum = Some(String::new()),
            "downloadsource" => self.download_sources.push(String::new()),
            "sha256" | "sha384" | "sha512" => {
                self.checksums.retain(|(algorithm, _)| algorithm != name);
                self.checksums.push((name.to_owned(), String::new()));
            }
            _ => {
                if let Some(text) = self.joined(name) {
                    text.clear();
                }
            }
        }
    }

    fn append(&mut self, name: &str, piece: &str) {
        match name {
            "tag" => {
                self.stability = Some(Stability::parse(piece).unwrap_or(Stability::Stable));
            }
            "php_minimum" => self.php_minimum = Some(piece.to_owned()),
            "downloadsource" => {
                if let Some(source) = self.download_sources.last_mut() {
                    piece.clone_into(source);
                }
            }
            _ => {
                if let Some(text) = self.joined(name) {
                    text.push_str(piece);
                }
            }
        }
    }

    /// The members whose pieces are joined.
    fn joined(&mut self, name: &str) -> Option<&mut String> {
        Some(match name {
            "name" => &mut self.name,
            "element" => &mut self.element,
            "type" => &mut self.kind,
            "folder" => &mut self.folder,
            "client" => &mut self.client,
            "version" => &mut self.version,
            "infourl" => &mut self.info_url,
            "downloadurl" => &mut self.download_url,
            _ => {
                let mut checksums = self.checksums.iter_mut();
                &mut checksums.find(|(algorithm, _)| algorithm == name)?.1
            }
        })
    }

    /// The first requirement this site does not meet.
    fn refusal(&self, site: &Site<'_>) -> Option<(&'static str, String)> {
        let joomla = site.joomla;
        let Some((name, pattern)) = &self.platform else {
            return Some(("platform", "the feed names no target platform".to_owned()));
        };
        let matches = !pattern.contains('/')
            && Regex::new(&format!("^{pattern}")).is_ok_and(|regex| regex.is_match(joomla));
        if name != "joomla" || !matches {
            let reason = format!("it is not for Joomla {joomla}: the target is {name} {pattern}");
            return Some(("platform", reason));
        }
        if let (Some(least), Some(php)) = (&self.php_minimum, site.php)
            && version::compare(php, least) == Ordering::Less
        {
            return Some(("php", format!("it needs PHP {least}, the site has {php}")));
        }
        if let Some(reason) = self.database_refusal(site) {
            return Some(("database", reason));
        }
        match self.stability {
            Some(stability) if stability < site.stability => {
                let (own, least) = (stability.as_str(), site.stability.as_str());
                Some((
                    "stability",
                    format!("it is {own}, the site takes {least} and better"),
                ))
            }
            _ => None,
        }
    }

    fn database_refusal(&self, site: &Site<'_>) -> Option<String> {
        let supported = self.databases.as_ref()?;
        let (kind, version) = site.database?;
        let Some((_, least)) = supported
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(kind))
        else {
            return Some(format!("it does not run on {kind}"));
        };
        (version::compare(version, least) == Ordering::Less)
            .then(|| format!("it needs {kind} {least}, the site has {version}"))
    }
}

/// What a site makes of each update: at most one is offered, the newest of those that fit.
pub fn decide(updates: &[Update], site: &Site<'_>) -> Vec<Ruling> {
    let refusals: Vec<_> = updates.iter().map(|update| update.refusal(site)).collect();
    let mut best: Option<usize> = None;
    for (index, update) in updates.iter().enumerate() {
        let newer = |best: usize| {
            version::compare(&update.version, &updates[best].version) == Ordering::Greater
        };
        if refusals[index].is_none() && best.is_none_or(newer) {
            best = Some(index);
        }
    }
    updates
        .iter()
        .zip(refusals)
        .enumerate()
        .map(|(index, (update, refusal))| {
            let (rule, reason) = match refusal {
                Some(refusal) => refusal,
                None if best == Some(index) => installed(&update.version, site),
                None => ("superseded", "a newer version fits as well".to_owned()),
            };
            Ruling {
                version: update.version.clone(),
                rule,
                reason,
            }
        })
        .collect()
}

fn installed(offered: &str, site: &Site<'_>) -> (&'static str, String) {
    match site.installed {
        Some(installed) if version::compare(offered, installed) != Ordering::Greater => (
            "installed",
            format!("the site has {installed}, which is not older"),
        ),
        _ => ("offered", "it fits, and none newer does".to_owned()),
    }
}

#[cfg(test)]
mod tests;
