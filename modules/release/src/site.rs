//! Sites a licence is used on: one name each however it is written, and staging names free.

use std::net::{Ipv4Addr, Ipv6Addr};

/// The most characters of a host name.
const MOST_HOST: usize = 253;

/// The host of a site as it is counted: without scheme, account, port, path and `www.`, in small letters.
/// `None` where there is no host in the text.
pub fn normalised(text: &str) -> Option<String> {
    let text = text.trim();
    let behind_scheme = text.split_once("://").map_or(text, |(_, rest)| rest);
    let authority = behind_scheme
        .split(['/', '?', '#', '\\'])
        .next()
        .unwrap_or_default();
    let host_and_port = authority.rsplit('@').next().unwrap_or_default();
    let host = match host_and_port.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None if host_and_port.matches(':').count() > 1 => host_and_port,
        None => host_and_port.split(':').next().unwrap_or_default(),
    };
    let host = host.trim_end_matches('.').to_lowercase();
    let host = match host.strip_prefix("www.") {
        Some(rest) if rest.contains('.') => rest.to_owned(),
        _ => host,
    };
    let plain = |character: char| character.is_alphanumeric() || ".-:_".contains(character);
    (!host.is_empty() && host.len() <= MOST_HOST && host.chars().all(plain)).then_some(host)
}

/// Whether a normalised host is somebody's workshop, which no limit counts.
pub fn is_staging(host: &str) -> bool {
    const ENDINGS: [&str; 9] = [
        ".localhost",
        ".local",
        ".test",
        ".example",
        ".invalid",
        ".internal",
        ".lan",
        ".ddev.site",
        ".lndo.site",
    ];
    const FIRST_LABELS: [&str; 8] = [
        "dev",
        "develop",
        "development",
        "stage",
        "staging",
        "test",
        "testing",
        "local",
    ];
    if let Ok(address) = host.parse::<Ipv4Addr>() {
        return is_private_v4(address);
    }
    if let Ok(address) = host.parse::<Ipv6Addr>() {
        return is_private_v6(address);
    }
    let first_label = host.split('.').next().unwrap_or_default();
    let is_workshop = |label: &str| {
        label == first_label
            || first_label.strip_prefix(label).is_some_and(|rest| {
                rest.bytes()
                    .all(|byte| byte.is_ascii_digit() || byte == b'-')
            })
    };
    !host.contains('.')
        || ENDINGS.iter().any(|ending| host.ends_with(ending))
        || (host.matches('.').count() >= 2 && FIRST_LABELS.iter().any(|label| is_workshop(label)))
}

fn is_private_v4(address: Ipv4Addr) -> bool {
    let [first, second, ..] = address.octets();
    let is_shared = first == 100 && (64..128).contains(&second);
    address.is_private() || address.is_loopback() || address.is_link_local() || is_shared
}

fn is_private_v6(address: Ipv6Addr) -> bool {
    match address.to_ipv4_mapped() {
        Some(address) => is_private_v4(address),
        None => {
            address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_site_has_one_name_however_it_is_written() {
        for text in [
            "example.com",
            "https://www.Example.com/",
            "http://example.com:8080/administrator/index.php?x=1",
            " EXAMPLE.COM. ",
            "//user:password@example.com/path",
        ] {
            let text = text.trim_start_matches("//");
            assert_eq!(normalised(text).as_deref(), Some("example.com"), "{text}");
        }
        assert_eq!(
            normalised("https://[2001:db8::1]:443/").as_deref(),
            Some("2001:db8::1")
        );
        assert_eq!(
            normalised("https://shop.example.com").as_deref(),
            Some("shop.example.com")
        );
        assert_eq!(
            normalised("http://bücher.example").as_deref(),
            Some("bücher.example")
        );
        for text in ["", "https://", "a b", "exa\"mple.com", &"a".repeat(300)] {
            assert_eq!(normalised(text), None, "{text}");
        }
    }

    #[test]
    fn workshops_are_free_and_shops_are_not() {
        for host in [
            "localhost",
            "joomla",
            "site.local",
            "shop.test",
            "dev.shop.com",
            "staging2.shop.com",
            "test-3.shop.co.uk",
            "192.168.1.7",
            "10.0.0.1",
            "127.0.0.1",
            "::1",
            "fd00::1",
            "100.64.1.1",
            "shop.ddev.site",
        ] {
            assert!(is_staging(host), "{host}");
        }
        for host in [
            "shop.com",
            "developer.shop.com",
            "testify.com",
            "dev.com",
            "8.8.8.8",
            "2001:db8::1",
        ] {
            assert!(!is_staging(host), "{host}");
        }
    }
}
