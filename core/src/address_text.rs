//! A client's address as text, which every request needs.

use std::net::{IpAddr, Ipv4Addr};

use compact_str::{CompactString, ToCompactString};

/// Writes an address; the common kind without the general formatter, which costs several times as much.
pub(crate) fn written(address: IpAddr) -> CompactString {
    match address {
        IpAddr::V4(address) => dotted(address),
        IpAddr::V6(address) => address.to_compact_string(),
    }
}

fn dotted(address: Ipv4Addr) -> CompactString {
    let (mut text, mut length) = ([b'.'; 16], 0);
    for octet in address.octets() {
        for unit in [100, 10, 1] {
            if octet >= unit || unit == 1 {
                text[length] = b'0' + octet / unit % 10;
                length += 1;
            }
        }
        // The dot that stands here already.
        length += 1;
    }
    CompactString::from_utf8_lossy(&text[..length - 1])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_written_as_the_standard_library_writes_them() {
        for text in [
            "0.0.0.0",
            "192.0.2.10",
            "255.100.9.99",
            "10.0.200.1",
            "2001:db8::1",
        ] {
            let address: IpAddr = text.parse().expect("an address");
            assert_eq!(written(address), text);
        }
    }
}
