//! How a key is sent: in the body, in the query, or in the header `Authorization: api_key KEY`.
//!
//! Where it is sent more than once the body wins over the query and the query over the header, as parameters
//! do. A key that is sent and empty is sent: it is unknown, not missing. `Bearer` is not a key.

/// The scheme of the header.
const SCHEME: &str = "api_key";

/// The key a request is judged by; none where it sends none.
pub fn presented<'a>(
    body: Option<&'a str>,
    query: Option<&'a str>,
    header: Option<&'a str>,
) -> Option<&'a str> {
    body.or(query).or(header)
}

/// The key in the value of an `Authorization` header; none where it is of another scheme.
pub fn key_of_authorization(value: &str) -> Option<&str> {
    let value = value.trim_start_matches([' ', '\t']);
    let (scheme, rest) = value.split_at_checked(SCHEME.len())?;
    if !scheme.eq_ignore_ascii_case(SCHEME) || !(rest.is_empty() || rest.starts_with([' ', '\t'])) {
        return None;
    }
    Some(rest.trim_matches([' ', '\t']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_body_wins_over_the_query_and_the_query_over_the_header() {
        assert_eq!(presented(Some("b"), Some("q"), Some("h")), Some("b"));
        assert_eq!(presented(None, Some("q"), Some("h")), Some("q"));
        assert_eq!(presented(None, None, Some("h")), Some("h"));
        assert_eq!(presented(Some(""), Some("q"), None), Some(""));
        assert_eq!(presented(None, None, None), None);
    }

    #[test]
    fn only_the_scheme_api_key_carries_a_key() {
        assert_eq!(key_of_authorization("api_key ABC"), Some("ABC"));
        assert_eq!(key_of_authorization("  API_KEY   ABC \t"), Some("ABC"));
        assert_eq!(key_of_authorization("api_key"), Some(""));
        assert_eq!(key_of_authorization("api_keyABC"), None);
        assert_eq!(key_of_authorization("Bearer ABC"), None);
        assert_eq!(key_of_authorization("ä"), None);
    }
}
