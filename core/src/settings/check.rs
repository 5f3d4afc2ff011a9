//! What one value alone cannot show: names and paths that clash, settings that contradict each other.

use std::collections::HashMap;

use super::endpoint::{Access, DefaultRequest, Endpoint, Selection};
use super::reader::Section;
use super::server::Server;

/// The paths that the server answers itself.
const OWN_PATHS: [&str; 3] = ["/healthz", "/readyz", "/metrics"];
/// Words that the modern form of requests would take for an action.
const ACTIONS: [&str; 4] = ["get", "post", "put", "delete"];

/// The endpoints of a file with the sections they came from.
pub(super) struct Checked<'a> {
    pub(super) server: &'a Server,
    pub(super) default_request: &'a DefaultRequest,
}

impl Checked<'_> {
    /// Refuses what is wrong within each endpoint and between them.
    pub(super) fn endpoints(&self, endpoints: &mut [(Endpoint, Section<'_>)]) {
        let (mut names, mut paths) = (HashMap::new(), HashMap::new());
        for (endpoint, section) in endpoints {
            check_name(endpoint, section);
            self.check_path(endpoint, section);
            check_contents(endpoint, section);
            check_proxies(self.server, endpoint.force_ssl, section);
            check_taken(&mut names, "name", &endpoint.name, section);
            check_taken(&mut paths, "path", &endpoint.path, section);
        }
    }

    fn check_path(&self, endpoint: &mut Endpoint, section: &Section<'_>) {
        if !section.has("path") {
            return;
        }
        let written = endpoint.path.clone();
        if let Some(good) = plain_path(&written).filter(|good| *good != written) {
            section.refuse(
                "path",
                format!("`{written}` is not a plain path"),
                format!("write \"{good}\""),
            );
            endpoint.path = good;
        } else if plain_path(&written).is_none() {
            let help = "write a path of letters, digits, `.`, `_`, `-`, `~`, such as \"/api/shop\"";
            section.refuse("path", format!("`{written}` is not a plain path"), help);
        }
        let path = endpoint.path.as_str();
        let own = OWN_PATHS
            .iter()
            .find(|own| path == **own || path.starts_with(&format!("{own}/")));
        if let Some(own) = own {
            let text = format!("the server answers `{own}` itself");
            section.refuse(
                "path",
                text,
                format!("write another path, such as \"/api{path}\""),
            );
        }
        if path == "/index.php" && self.default_request.enabled {
            let help = "write a longer path, such as \"/index.php/api\", or `enabled = false` under [default_request]";
            section.refuse(
                "path",
                "the default request has the path `/index.php`",
                help,
            );
        }
    }
}

/// Refuses a redirect to https that could never end.
pub(super) fn check_proxies(server: &Server, force_ssl: bool, section: &Section<'_>) {
    if force_ssl && server.trusted_proxies.is_empty() {
        let text = "`force_ssl` would redirect for ever: no trusted proxy can tell that a request came by https";
        let help =
            "write the proxy's address as `trusted_proxies` under [server], or `force_ssl = false`";
        section.refuse("force_ssl", text, help);
    }
}

/// Refuses a module name that no request could address.
pub(super) fn check_module_name(name: &str, section: &Section<'_>) {
    let plain = name
        .bytes()
        .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    if ACTIONS.contains(&name) || !plain || name.is_empty() {
        let help = "write its name as in requests: lower-case letters, digits and `_`, and none of get, post, put, delete";
        section.refuse("", format!("no module can have the name `{name}`"), help);
    }
}

/// The path as it should be written, if one can be made of it.
fn plain_path(written: &str) -> Option<String> {
    let segments: Vec<_> = written
        .split('/')
        .filter(|segment| !segment.is_empty())
        .collect();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-~".contains(&byte);
    let good = |segment: &&str| segment.bytes().all(plain) && !matches!(*segment, "." | "..");
    segments
        .iter()
        .all(good)
        .then(|| format!("/{}", segments.join("/")))
}

fn check_name(endpoint: &Endpoint, section: &Section<'_>) {
    let name = endpoint.name.as_str();
    let plain = name
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    if section.has("name") && (name.is_empty() || !plain) {
        let help = "write letters, digits, `_` and `-`, such as \"shop\"";
        section.refuse("name", format!("`{name}` is no name for an endpoint"), help);
    }
    if name == DefaultRequest::NAME {
        section.refuse(
            "name",
            "the default request has this name in logs",
            "write another name",
        );
    }
}

fn check_contents(endpoint: &Endpoint, section: &Section<'_>) {
    if endpoint.modules == Selection::Only(Vec::new()) && endpoint.routes.is_empty() {
        let help = "write \"all\", or at least one module in `modules` or `routes`";
        section.refuse("modules", "this endpoint would publish nothing", help);
    }
    if endpoint.private && endpoint.access == Access::Free {
        let help = "write `access = \"user\"` or `access = \"key\"`, or `private = false`";
        section.refuse(
            "private",
            "private operations cannot be free for everybody",
            help,
        );
    }
}

/// Refuses a name or path that an earlier endpoint has.
fn check_taken(taken: &mut HashMap<String, usize>, key: &str, value: &str, section: &Section<'_>) {
    if !section.has(key) {
        return;
    }
    let line = section.line_of(key);
    let first = *taken.entry(value.to_owned()).or_insert(line);
    if first != line {
        let text = format!("the endpoint of line {first} has the {key} `{value}` already");
        section.refuse(
            key,
            text,
            format!("write another {key}, or join the two endpoints"),
        );
    }
}
