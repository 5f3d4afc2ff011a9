//! The credentials in a download's query.
//!
//! Joomla has one field for a download key and joins it to the URL unencoded, behind a literal `&amp;`
//! where the URL has a query already. So the key may come as `dlid` or `key`, and either as `amp;key`.

/// What a query says of who downloads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Credentials {
    /// The address of the account, where the pair of address and key is used.
    pub email: Option<String>,
    /// The key.
    pub key: Option<String>,
    /// The site that asks.
    pub site: Option<String>,
}

impl Credentials {
    /// Reads a raw query string; the first value of a name that is not empty counts.
    pub fn of_query(query: &str) -> Credentials {
        let mut credentials = Credentials::default();
        for pair in query.split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name = decoded(name);
            let name = name.strip_prefix("amp;").unwrap_or(&name);
            let place = match name {
                "dlid" | "key" => &mut credentials.key,
                "email" => &mut credentials.email,
                "site" => &mut credentials.site,
                _ => continue,
            };
            let value = decoded(value);
            if place.is_none() && !value.trim().is_empty() {
                *place = Some(value.trim().to_owned());
            }
        }
        credentials
    }

    /// Fills what is missing from another source.
    #[must_use]
    pub fn or(self, other: Credentials) -> Credentials {
        Credentials {
            email: self.email.or(other.email),
            key: self.key.or(other.key),
            site: self.site.or(other.site),
        }
    }
}

/// The address as an account may have it: a `+` that came unencoded has been read as a blank.
pub fn address(text: &str) -> String {
    text.trim().replace(' ', "+")
}

/// Decodes `%xx` and `+`; what is not UTF-8 becomes a replacement character and matches nothing.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let escaped = after
            .get(..2)
            .filter(|_| *first == b'%')
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        let (byte, taken) = match (escaped, *first) {
            (Some(byte), _) => (byte, 2),
            (None, b'+') => (b' ', 0),
            (None, other) => (other, 0),
        };
        bytes.push(byte);
        rest = &after[taken..];
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_found_under_every_name_it_is_sent_by() {
        for query in [
            "dlid=LG-1",
            "key=LG-1",
            "amp;dlid=LG-1",
            "x=1&amp;key=LG-1",
            "x=1&amp%3Bkey=LG%2D1",
            "key=&dlid=LG-1",
            "dlid=+LG-1+",
        ] {
            let credentials = Credentials::of_query(query);
            assert_eq!(credentials.key.as_deref(), Some("LG-1"), "{query}");
        }
        assert_eq!(
            Credentials::of_query("key&=x&%zz=%"),
            Credentials::default()
        );
    }

    #[test]
    fn address_and_site_are_read_beside_it() {
        let credentials =
            Credentials::of_query("email=a+b%40example.com&amp;key=K&site=https://example.com/");
        assert_eq!(
            credentials.email.as_deref().map(address).as_deref(),
            Some("a+b@example.com")
        );
        assert_eq!(credentials.site.as_deref(), Some("https://example.com/"));
    }
}
