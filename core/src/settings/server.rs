//! `[server]`: where to listen and within which bounds.

use std::net::SocketAddr;

use ipnet::IpNet;
use serde::Serialize;

use super::reader::Section;

/// Where to listen, under which names, behind which proxies.
#[derive(Debug, Clone, Serialize)]
pub struct Server {
    /// The address and port.
    pub listen: SocketAddr,
    /// The address under which clients reach this server, without a slash at the end.
    pub public_url: Option<String>,
    /// The Host names from which absolute URLs may be built where no `public_url` is set, in lower case.
    pub hosts: Vec<String>,
    /// Who may tell the client's address and scheme by `X-Forwarded-For` and `X-Forwarded-Proto`.
    pub trusted_proxies: Vec<IpNet>,
    /// HTTP worker threads; 0 is one for each processor.
    pub workers: usize,
    /// This node's name in logs and among the nodes; made up at each start where none is set.
    pub node: Option<String>,
    /// Bounds.
    pub limits: Limits,
}

/// What a request may be and how long things may take.
#[derive(Debug, Clone, Serialize)]
pub struct Limits {
    /// The largest body, also of an upload, unless an endpoint says otherwise.
    pub max_body_bytes: usize,
    /// The largest set of headers.
    pub max_header_bytes: usize,
    /// The longest URL, path and query.
    pub max_url_bytes: usize,
    /// How deep a JSON body may nest.
    pub max_json_depth: usize,
    /// How many parameters a request may have.
    pub max_parameters: usize,
    /// Open connections of this node; more wait.
    pub max_connections: usize,
    /// How long a client may take to send its headers.
    pub header_timeout_ms: u64,
    /// How long a client may take to send a body.
    pub body_timeout_ms: u64,
    /// How long an idle connection is kept.
    pub keep_alive_ms: u64,
    /// How long calls in flight may take to end when the server stops.
    pub drain_ms: u64,
}

impl Server {
    pub(super) fn read(section: Section<'_>) -> Self {
        let server = Self {
            listen: section.get("listen"),
            public_url: read_public_url(&section),
            hosts: read_hosts(&section),
            trusted_proxies: section.get("trusted_proxies"),
            workers: section.number("workers", 0..=1024),
            node: section.optional("node"),
            limits: Limits::read(section.section("limits")),
        };
        section.finish();
        server
    }
}

impl Limits {
    fn read(section: Section<'_>) -> Self {
        let hour_ms = 1..=3_600_000;
        let limits = Self {
            max_body_bytes: section.number("max_body_bytes", 1..=1 << 40),
            max_header_bytes: section.number("max_header_bytes", 1_024..=1 << 20),
            max_url_bytes: section.number("max_url_bytes", 256..=1 << 16),
            max_json_depth: section.number("max_json_depth", 1..=128),
            max_parameters: section.number("max_parameters", 16..=100_000),
            max_connections: section.number("max_connections", 1..=1_000_000),
            header_timeout_ms: section.number("header_timeout_ms", hour_ms.clone()),
            body_timeout_ms: section.number("body_timeout_ms", hour_ms.clone()),
            keep_alive_ms: section.number("keep_alive_ms", hour_ms),
            drain_ms: section.number("drain_ms", 0..=600_000),
        };
        section.finish();
        limits
    }
}

/// The public address, without its last slash.
fn read_public_url(section: &Section<'_>) -> Option<String> {
    let text: String = section.optional("public_url")?;
    let help = "write the address as clients see it, such as \"https://api.example.org\"";
    match url::Url::parse(&text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => {
            if url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() {
                let text = "a public address has no account, query or fragment";
                section.refuse("public_url", text, help);
            }
        }
        _ => section.refuse("public_url", "this is no http or https address", help),
    }
    Some(text.trim_end_matches('/').to_owned())
}

/// Host names in lower case, without ports.
fn read_hosts(section: &Section<'_>) -> Vec<String> {
    let Some(given) = section.find("hosts") else {
        return Vec::new();
    };
    let help = "write host names without scheme and port, such as [\"api.example.org\"]";
    let items = given.items(help).unwrap_or_default();
    let host = |item: &super::value::Given<'_>| {
        let text = item.text(help)?;
        if text.is_empty() || text.contains(['/', ' ', '*']) || has_port(&text) {
            return item.refuse(format!("`{}` is no host name", item.shown(&text)), help);
        }
        Some(text.to_lowercase())
    };
    items.iter().filter_map(host).collect()
}

/// Whether a host name ends in a port; the colons of an address in brackets or bare are none.
fn has_port(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host.contains(':') && bare.parse::<std::net::Ipv6Addr>().is_err()
}
