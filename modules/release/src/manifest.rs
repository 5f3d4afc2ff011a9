//! What a package says of itself: the Joomla manifest inside its ZIP.

use std::fs::File;

use crate::archive::{self, Limits};
use crate::platform::{Platforms, is_php_version};
use crate::refusal::Refusal;
use crate::version;
use crate::xml_tree::Element;

/// The facts of a manifest that a feed needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// The extension's name for people.
    pub name: String,
    /// Its version.
    pub version: String,
    /// component, module, plugin, package, library, template, file or language.
    pub kind: String,
    /// The name under which Joomla has it installed.
    pub element: String,
    /// `site` or `administrator`, as Joomla has it installed.
    pub client: String,
    /// A plugin's group, else empty.
    pub folder: String,
    /// Its description, where there is one.
    pub description: Option<String>,
    /// The Joomla versions of a `<targetplatform>`, where there is one.
    pub platforms: Option<Platforms>,
    /// The least PHP version of a `<php_minimum>`, where there is one.
    pub php_minimum: Option<String>,
    /// The URLs of its update servers.
    pub update_servers: Vec<String>,
    /// Whether a site asks its owner for a download key.
    pub asks_for_key: bool,
}

impl Manifest {
    /// Finds and reads the manifest of a package file.
    pub fn of_file(file: &mut File, limits: &Limits) -> Result<Manifest, Refusal> {
        let files = archive::xml_files(file, limits)?;
        let mut broken = None;
        for (name, text) in &files {
            match Element::parse(text) {
                Ok(root) if root.name == "extension" => return read(&root, name),
                Ok(_) => {}
                Err(error) => broken = broken.or(Some((name, error))),
            }
        }
        Err(match broken {
            Some((name, error)) => {
                Refusal::new("manifest", format!("{name} cannot be read: {error}"))
            }
            None => Refusal::new(
                "manifest",
                "no XML file at the top of the package, or one folder down, begins with <extension>",
            ),
        })
    }
}

fn read(root: &Element, file_name: &str) -> Result<Manifest, Refusal> {
    let kind = root
        .attribute("type")
        .unwrap_or_default()
        .to_ascii_lowercase();
    let name = root
        .child_text("name")
        .ok_or_else(|| Refusal::new("name", "the manifest has no <name>"))?;
    let element = element(root, &kind, name, file_name)?;
    let folder = folder(root, &kind)?;
    Ok(Manifest {
        name: name.to_owned(),
        version: version(root)?,
        client: client(root, &kind)?,
        kind,
        element,
        folder,
        description: root.child_text("description").map(str::to_owned),
        platforms: platforms(root)?,
        php_minimum: php_minimum(root)?,
        update_servers: update_servers(root),
        asks_for_key: root.child("dlid").is_some(),
    })
}

/// The version is compared by Joomla as it stands in the manifest, so it may have nothing around it.
fn version(root: &Element) -> Result<String, Refusal> {
    let text = root
        .child("version")
        .map_or("", |child| child.text.as_str());
    if !text.is_empty() && text.trim() != text {
        return Err(Refusal::new(
            "version",
            "<version> has white space around the number, with which the installed version would be compared",
        ));
    }
    match version::fault(text) {
        Some(reason) => Err(Refusal::new("version", reason)),
        None => Ok(text.to_owned()),
    }
}

/// The name under which Joomla's installer enters an extension of each type.
fn element(root: &Element, kind: &str, name: &str, file_name: &str) -> Result<String, Refusal> {
    let declared = || command(root.child_text("element").unwrap_or(name)).to_ascii_lowercase();
    let element = match kind {
        "component" => prefixed("com_", declared()),
        "module" => match file_attribute(root, "module") {
            Some(module) => module.to_ascii_lowercase(),
            None => prefixed("mod_", declared()),
        },
        "plugin" => match file_attribute(root, "plugin") {
            Some(plugin) => plugin.to_owned(),
            None => command(root.child_text("element").unwrap_or_default()).to_ascii_lowercase(),
        },
        "package" => match root.child_text("packagename") {
            Some(package) => prefixed("pkg_", command(package).to_ascii_lowercase()),
            None => String::new(),
        },
        "library" => root
            .child_text("libraryname")
            .unwrap_or_default()
            .to_owned(),
        "template" => command(&name.replace(' ', "_")).to_ascii_lowercase(),
        "file" => {
            let base = file_name.rsplit('/').next().unwrap_or(file_name);
            base.trim_end_matches(".xml").to_owned()
        }
        "language" => root.child_text("tag").unwrap_or_default().to_owned(),
        _ => {
            return Err(Refusal::new(
                "type",
                format!(
                    "<extension type=\"{}\"> is none that Joomla installs",
                    kind.escape_debug()
                ),
            ));
        }
    };
    if element.is_empty() {
        let place = match kind {
            "plugin" => "a file with the attribute plugin=\"...\" in <files>",
            "package" => "<packagename>",
            "library" => "<libraryname>",
            "language" => "<tag>",
            _ => "<element>",
        };
        let reason = format!("the manifest of this {kind} does not name its element by {place}");
        return Err(Refusal::new("element", reason));
    }
    if element.len() > 100 || element.contains(char::is_whitespace) {
        let reason = "the element is longer than 100 characters or has white space in it";
        return Err(Refusal::new("element", reason));
    }
    Ok(element)
}

fn prefixed(prefix: &str, element: String) -> String {
    if element.is_empty() || element.starts_with(prefix) {
        element
    } else {
        format!("{prefix}{element}")
    }
}

/// Joomla's filter for names: letters, digits, `.`, `-` and `_`, without dots in front.
fn command(text: &str) -> String {
    let allowed =
        |character: &char| character.is_ascii_alphanumeric() || "._-".contains(*character);
    let filtered: String = text.chars().filter(allowed).collect();
    filtered.trim_start_matches('.').to_owned()
}

fn file_attribute<'a>(root: &'a Element, attribute: &str) -> Option<&'a str> {
    root.child("files")?
        .children
        .iter()
        .find_map(|file| file.attribute(attribute))
}

/// The application Joomla enters the extension for; a feed that says another one is never matched.
fn client(root: &Element, kind: &str) -> Result<String, Refusal> {
    let client = match kind {
        "component" => "administrator",
        "plugin" | "package" | "library" | "file" => "site",
        _ => match root.attribute("client") {
            None | Some("site" | "0") => "site",
            Some("administrator" | "1") => "administrator",
            Some("api" | "3") => "api",
            Some(other) => {
                let reason = format!("client=\"{}\" is none of Joomla's", other.escape_debug());
                return Err(Refusal::new("client", reason));
            }
        },
    };
    Ok(client.to_owned())
}

fn folder(root: &Element, kind: &str) -> Result<String, Refusal> {
    if kind != "plugin" {
        return Ok(String::new());
    }
    match root.attribute("group") {
        Some(group) => Ok(group.to_owned()),
        None => Err(Refusal::new(
            "folder",
            "a plugin's manifest names its group by <extension group=\"...\">; without it no site is matched",
        )),
    }
}

fn platforms(root: &Element) -> Result<Option<Platforms>, Refusal> {
    let Some(target) = root.child("targetplatform") else {
        return Ok(None);
    };
    let name = target.attribute("name").unwrap_or_default();
    if name != "joomla" {
        let reason =
            "<targetplatform> does not name \"joomla\", so no site would be offered the update";
        return Err(Refusal::new("platform", reason));
    }
    let pattern = target.attribute("version").unwrap_or_default();
    Platforms::of_pattern(pattern)
        .map(Some)
        .map_err(|reason| Refusal::new("platform", reason))
}

fn php_minimum(root: &Element) -> Result<Option<String>, Refusal> {
    match root.child_text("php_minimum") {
        None => Ok(None),
        Some(text) if is_php_version(text) => Ok(Some(text.to_owned())),
        Some(text) => Err(Refusal::new(
            "php",
            format!("<php_minimum> \"{}\" is no version", text.escape_debug()),
        )),
    }
}

fn update_servers(root: &Element) -> Vec<String> {
    let servers = root
        .child("updateservers")
        .map(|servers| servers.children.as_slice());
    servers
        .unwrap_or_default()
        .iter()
        .filter(|server| server.name == "server")
        .map(|server| server.text.trim().to_owned())
        .filter(|url| !url.is_empty())
        .collect()
}

#[cfg(test)]
mod tests;
