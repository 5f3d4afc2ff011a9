//! Whom this program may call: public addresses, and those private ones that the operator allows.
//!
//! The guard resolves a name itself and hands on the addresses that passed, so that what was judged is what is
//! connected to: a name cannot point somewhere else a moment later.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use ipnet::IpNet;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use crate::settings::Outgoing;

/// Why an address is not called. It names the rule, never the address: that may be somebody's secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OutgoingFault {
    /// Neither `https` nor an allowed loopback address.
    #[error("the address is not https")]
    Scheme,
    /// No host, or a user name before it.
    #[error("the address has no plain host")]
    Host,
    /// A private address that `[outgoing] allow` does not list.
    #[error("the address is private and `[outgoing] allow` does not list it")]
    Private,
    /// The name has no address.
    #[error("the host's name has no address")]
    Unresolved,
}

/// Decides whom outgoing calls may reach.
#[derive(Debug, Clone)]
pub struct Guard {
    allow: Arc<[IpNet]>,
}

impl Guard {
    /// A guard by the operator's settings.
    pub fn new(settings: &Outgoing) -> Self {
        Self {
            allow: settings.allow.as_slice().into(),
        }
    }

    /// Whether this address may be called.
    pub fn permits(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        is_public(address) || self.allow.iter().any(|net| net.contains(&address))
    }

    /// Whether this URL may be called, as far as it tells by itself; names are judged when they are resolved.
    ///
    /// Without TLS only a loopback address may be called, written as such.
    pub fn check(&self, url: &Url) -> Result<(), OutgoingFault> {
        let host = url.host().ok_or(OutgoingFault::Host)?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(OutgoingFault::Host);
        }
        let literal = literal(&host);
        let is_loopback = literal.is_some_and(|address| address.is_loopback());
        match url.scheme() {
            "https" => {}
            "http" if is_loopback => {}
            _ => return Err(OutgoingFault::Scheme),
        }
        match literal {
            Some(address) if !self.permits(address) => Err(OutgoingFault::Private),
            _ => Ok(()),
        }
    }

    /// The addresses of a host that may be called.
    pub async fn resolve(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, OutgoingFault> {
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let found = tokio::net::lookup_host((host, port)).await;
        let all: Vec<SocketAddr> = found.map_err(|_| OutgoingFault::Unresolved)?.collect();
        if all.is_empty() {
            return Err(OutgoingFault::Unresolved);
        }
        let permitted: Vec<_> = all
            .into_iter()
            .filter(|address| self.permits(address.ip()))
            .collect();
        if permitted.is_empty() {
            return Err(OutgoingFault::Private);
        }
        Ok(permitted)
    }
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.clone();
        Box::pin(async move {
            match Self::resolve(&guard, name.as_str(), 0).await {
                Ok(addresses) => Ok(Box::new(addresses.into_iter()) as Addrs),
                Err(fault) => Err(io::Error::new(io::ErrorKind::PermissionDenied, fault).into()),
            }
        })
    }
}

fn literal(host: &Host<&str>) -> Option<IpAddr> {
    match *host {
        Host::Ipv4(address) => Some(address.into()),
        Host::Ipv6(address) => Some(IpAddr::from(address).to_canonical()),
        Host::Domain("localhost") => Some(Ipv4Addr::LOCALHOST.into()),
        Host::Domain(_) => None,
    }
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let is_special = a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 198 && (b == 18 || b == 19));
    !(is_special
        || address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_documentation())
}

/// Global unicast is 2000::/3; what lies in it and carries an IPv4 address inside is as public as that.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let parts = address.segments();
    let inner = |high: u16, low: u16| {
        let [a, b] = high.to_be_bytes();
        let [c, d] = low.to_be_bytes();
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match parts {
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => inner(high, low),
        [0x2001, second, ..] if second < 0x200 || second == 0x0db8 => false,
        [first, ..] => (0x2000..0x4000).contains(&first),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guard(allow: &[&str]) -> Guard {
        Guard::new(&Outgoing {
            allow: allow.iter().map(|net| net.parse().unwrap()).collect(),
            timeout_ms: 1000,
        })
    }

    #[test]
    fn private_addresses_are_not_called_in_any_writing() {
        let guard = guard(&[]);
        for address in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "0.0.0.0",
            "100.64.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::1",
            "::",
            "fc00::1",
            "fe80::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2001:db8::1",
            "2001:0:1::",
        ] {
            assert!(!guard.permits(address.parse().unwrap()), "{address}");
        }
        for address in [
            "1.1.1.1",
            "17.188.143.34",
            "2606:4700::1111",
            "64:ff9b::101:101",
        ] {
            assert!(guard.permits(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn an_address_is_https_or_an_allowed_loopback() {
        let open = guard(&["127.0.0.0/8"]);
        let check = |guard: &Guard, url: &str| guard.check(&url.parse().unwrap());
        assert_eq!(check(&open, "http://127.0.0.1:8080/x"), Ok(()));
        assert_eq!(
            check(&open, "http://example.org/"),
            Err(OutgoingFault::Scheme)
        );
        assert_eq!(check(&open, "ftp://127.0.0.1/"), Err(OutgoingFault::Scheme));
        assert_eq!(
            check(&open, "https://a:b@example.org/"),
            Err(OutgoingFault::Host)
        );
        assert_eq!(
            check(&open, "https://10.0.0.1/"),
            Err(OutgoingFault::Private)
        );
        assert_eq!(
            check(&guard(&[]), "http://localhost/"),
            Err(OutgoingFault::Private)
        );
        assert_eq!(
            check(&guard(&[]), "https://[::ffff:10.0.0.1]/"),
            Err(OutgoingFault::Private)
        );
        assert_eq!(check(&guard(&[]), "https://example.org/"), Ok(()));
    }

    #[tokio::test]
    async fn a_name_with_a_private_address_is_not_resolved() {
        let closed = guard(&[]).resolve("localhost", 80).await;
        assert_eq!(closed.unwrap_err(), OutgoingFault::Private);
        let open = guard(&["127.0.0.0/8", "::1/128"])
            .resolve("localhost", 80)
            .await;
        assert!(
            open.unwrap()
                .iter()
                .all(|address| address.ip().is_loopback())
        );
    }
}
