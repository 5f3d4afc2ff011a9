//! `[server]`: where to listen and within which bounds.

use std::net::SocketAddr;

use ipnet::IpNet;
use serde::Serialize;

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
