//! Who is asking, and under which address: what trusted proxies say, and the Host that is listed.

use std::borrow::Cow;
use std::net::IpAddr;

use actix_web::HttpRequest;

use super::header::text;
use crate::settings::Server;

/// The client's side of a request.
#[derive(Clone, Debug)]
pub(crate) struct Client<'r> {
    /// The address, without its port.
    pub(crate) address: Option<IpAddr>,
    /// Whether the client speaks HTTPS, to us or to a trusted proxy.
    pub(crate) is_secure: bool,
    /// `scheme://host` for absolute URLs; empty where none may be built.
    pub(crate) origin: Cow<'r, str>,
}

impl<'r> Client<'r> {
    /// Reads what the connection and, behind a trusted proxy, its headers say.
    pub(crate) fn read(request: &HttpRequest, server: &'r Server) -> Self {
        let peer = request.peer_addr().map(|address| address.ip());
        let trusted = |address: &IpAddr| {
            server
                .trusted_proxies
                .iter()
                .any(|net| net.contains(address))
        };
        let is_proxied = peer.as_ref().is_some_and(trusted);
        let headers = request.headers();
        let forwarded = |name: &str| {
            if is_proxied {
                text(headers, name)
            } else {
                None
            }
        };
        let address = forwarded("x-forwarded-for")
            .and_then(|list| {
                list.rsplit(',')
                    .map_while(|part| part.trim().parse().ok())
                    .find(|address| !trusted(address))
            })
            .or(peer);
        let is_secure = forwarded("x-forwarded-proto")
            .is_some_and(|scheme| scheme.eq_ignore_ascii_case("https"));
        let origin = origin(
            server,
            forwarded("x-forwarded-host").or_else(|| text(headers, "host")),
            is_secure,
        );
        Client {
            address,
            is_secure,
            origin,
        }
    }
}

fn origin<'r>(server: &'r Server, host: Option<&str>, is_secure: bool) -> Cow<'r, str> {
    if let Some(url) = &server.public_url {
        return Cow::Borrowed(url);
    }
    let Some(host) = host else {
        return Cow::Borrowed("");
    };
    let name = match host.rsplit_once(':') {
        Some((name, port)) if !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    };
    let is_listed = server
        .hosts
        .iter()
        .any(|listed| listed.eq_ignore_ascii_case(name));
    if is_listed {
        Cow::Owned(format!(
            "{}://{host}",
            if is_secure { "https" } else { "http" }
        ))
    } else {
        Cow::Borrowed("")
    }
}
