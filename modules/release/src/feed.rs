//! The three documents Joomla's updater reads: extension, collection and changelog.
//!
//! Joomla compares checksums untrimmed and takes a text in pieces around every entity, so the texts of these
//! documents have no white space around them, URLs stand on one line, and nothing precedes `<?xml`.

use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesCData, BytesDecl, BytesText, Event};

use crate::changelog::Changelog;
use crate::platform::Platforms;
use crate::version::Stability;

/// What every version of a product has in common.
#[derive(Clone, Debug)]
pub struct Extension {
    /// The name for people.
    pub name: String,
    /// A sentence on it; may be empty.
    pub description: String,
    /// The name under which Joomla has it installed.
    pub element: String,
    /// component, module, plugin, ...
    pub kind: String,
    /// `site` or `administrator`.
    pub client: String,
    /// A plugin's group, else empty.
    pub folder: String,
    /// Where the changelog is served.
    pub changelog_url: String,
    /// Who maintains it, and where he is found; may be empty.
    pub maintainer: String,
    /// The maintainer's page; may be empty.
    pub maintainer_url: String,
}

/// One version in an extension's feed.
#[derive(Clone, Debug)]
pub struct Update {
    /// The version.
    pub version: String,
    /// Which sites are offered it.
    pub stability: Stability,
    /// A page on this version; may be empty.
    pub info_url: String,
    /// Where the file is downloaded.
    pub download_url: String,
    /// The Joomla versions it runs on.
    pub platforms: Platforms,
    /// The least PHP version.
    pub php_minimum: Option<String>,
    /// Databases and their least versions; empty where all are supported.
    pub databases: Vec<(String, String)>,
    /// SHA-256 of the file.
    pub sha256: String,
    /// SHA-384 of the file.
    pub sha384: String,
    /// SHA-512 of the file.
    pub sha512: String,
}

/// One line of a collection.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The product.
    pub extension: Extension,
    /// The version offered.
    pub version: String,
    /// The Joomla versions it runs on.
    pub platforms: Platforms,
    /// Where its extension document is served.
    pub details_url: String,
}

type Out = Writer<Vec<u8>>;

/// The document of one product.
pub fn extension(extension: &Extension, updates: &[Update]) -> io::Result<String> {
    document(|out| {
        if updates.is_empty() {
            // A site takes this for "nothing new".
            return text_element(out, "updates", "");
        }
        out.create_element("updates").write_inner_content(|out| {
            updates
                .iter()
                .try_for_each(|update| write_update(out, extension, update))
        })?;
        Ok(())
    })
}

fn write_update(out: &mut Out, extension: &Extension, update: &Update) -> io::Result<()> {
    out.create_element("update").write_inner_content(|out| {
        text_element(out, "name", &extension.name)?;
        optional_element(out, "description", &extension.description)?;
        text_element(out, "element", &extension.element)?;
        text_element(out, "type", &extension.kind)?;
        optional_element(out, "folder", &extension.folder)?;
        text_element(out, "client", &extension.client)?;
        text_element(out, "version", &update.version)?;
        if !update.info_url.is_empty() {
            out.create_element("infourl")
                .with_attribute(("title", extension.name.as_str()))
                .write_text_content(BytesText::new(&update.info_url))?;
        }
        optional_element(out, "changelogurl", &extension.changelog_url)?;
        out.create_element("downloads").write_inner_content(|out| {
            out.create_element("downloadurl")
                .with_attributes([("type", "full"), ("format", "zip")])
                .write_text_content(BytesText::new(&update.download_url))?;
            Ok(())
        })?;
        out.create_element("tags")
            .write_inner_content(|out| text_element(out, "tag", update.stability.as_str()))?;
        optional_element(out, "maintainer", &extension.maintainer)?;
        optional_element(out, "maintainerurl", &extension.maintainer_url)?;
        write_requirements(out, update)
    })?;
    Ok(())
}

fn write_requirements(out: &mut Out, update: &Update) -> io::Result<()> {
    out.create_element("targetplatform")
        .with_attributes([
            ("name", "joomla"),
            ("version", update.platforms.pattern().as_str()),
        ])
        .write_empty()?;
    if let Some(php_minimum) = &update.php_minimum {
        text_element(out, "php_minimum", php_minimum)?;
    }
    if !update.databases.is_empty() {
        let databases = update.databases.iter();
        out.create_element("supported_databases")
            .with_attributes(databases.map(|(name, version)| (name.as_str(), version.as_str())))
            .write_empty()?;
    }
    text_element(out, "sha256", &update.sha256)?;
    text_element(out, "sha384", &update.sha384)?;
    text_element(out, "sha512", &update.sha512)
}

/// The document that leads to those of all products.
pub fn collection(name: &str, entries: &[Entry]) -> io::Result<String> {
    document(|out| {
        let set = out
            .create_element("extensionset")
            .with_attribute(("name", name));
        if entries.is_empty() {
            set.write_empty()?;
            return Ok(());
        }
        set.write_inner_content(|out| {
            for entry in entries {
                out.create_element("extension")
                    .with_attributes([
                        ("name", entry.extension.name.as_str()),
                        ("element", entry.extension.element.as_str()),
                        ("type", entry.extension.kind.as_str()),
                        ("client", entry.extension.client.as_str()),
                        ("folder", entry.extension.folder.as_str()),
                        ("version", entry.version.as_str()),
                        ("targetplatform", "joomla"),
                        ("targetplatformversion", entry.platforms.pattern().as_str()),
                        ("detailsurl", entry.details_url.as_str()),
                    ])
                    .write_empty()?;
            }
            Ok(())
        })?;
        Ok(())
    })
}

/// What changed in each version of a product.
pub fn changelog(extension: &Extension, versions: &[(String, Changelog)]) -> io::Result<String> {
    document(|out| {
        if versions.is_empty() {
            return text_element(out, "changelogs", "");
        }
        out.create_element("changelogs")
            .write_inner_content(|out| {
                versions.iter().try_for_each(|(version, changes)| {
                    out.create_element("changelog").write_inner_content(|out| {
                        text_element(out, "element", &extension.element)?;
                        text_element(out, "type", &extension.kind)?;
                        text_element(out, "version", version)?;
                        changes
                            .sections()
                            .filter(|(_, items)| !items.is_empty())
                            .try_for_each(|(section, items)| write_section(out, section, items))
                    })?;
                    Ok(())
                })
            })?;
        Ok(())
    })
}

fn write_section(out: &mut Out, section: &str, items: &[String]) -> io::Result<()> {
    out.create_element(section).write_inner_content(|out| {
        items.iter().try_for_each(|item| {
            let element = out.create_element("item");
            // Items may be HTML, which Joomla wants in CDATA; "]]>" would end it early.
            if item.contains(['<', '&']) && !item.contains("]]>") {
                element.write_cdata_content(BytesCData::new(item.as_str()))?;
            } else {
                element.write_text_content(BytesText::new(item))?;
            }
            Ok(())
        })
    })?;
    Ok(())
}

fn document(body: impl FnOnce(&mut Out) -> io::Result<()>) -> io::Result<String> {
    let mut out = Writer::new_with_indent(Vec::new(), b' ', 2);
    out.write_event(Event::Decl(BytesDecl::new("1.0", Some("utf-8"), None)))?;
    body(&mut out)?;
    let mut bytes = out.into_inner();
    bytes.push(b'\n');
    String::from_utf8(bytes).map_err(io::Error::other)
}

fn text_element(out: &mut Out, name: &str, text: &str) -> io::Result<()> {
    out.create_element(name)
        .write_text_content(BytesText::new(text))?;
    Ok(())
}

fn optional_element(out: &mut Out, name: &str, text: &str) -> io::Result<()> {
    if text.is_empty() {
        return Ok(());
    }
    text_element(out, name, text)
}
