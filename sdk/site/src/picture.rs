//! The addresses of images: relative ones start from the site's own.

use std::sync::LazyLock;

use loggia_sdk::Call;
use regex::{Captures, Regex};
use url::Url;

/// The address of an image inside a text, behind whatever stands before it in its tag.
static SOURCE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"(?i)(<img\b[^>]*?\ssrc\s*=\s*)(?:"([^"]*)"|'([^']*)')"#).ok());

/// Where relative addresses start from: the operator's setting, else, where that is empty, the root of the server
/// that was asked.
pub fn root(setting: &str, call: &Call<'_>) -> Option<Url> {
    match setting {
        "" => Url::parse(call.base_url()).ok()?.join("/").ok(),
        url => Url::parse(&format!("{}/", url.trim_end_matches('/'))).ok(),
    }
}

/// An address as an absolute one; what is absolute, empty or none at all stays as it is.
pub fn absolute(root: Option<&Url>, address: &str) -> String {
    let is_relative = !address.is_empty()
        && !address.starts_with("//")
        && Url::parse(address) == Err(url::ParseError::RelativeUrlWithoutBase);
    match root.filter(|_| is_relative) {
        Some(root) => root
            .join(address)
            .map_or_else(|_| address.to_owned(), String::from),
        None => address.to_owned(),
    }
}

/// A text with absolute addresses in its images.
pub fn absolute_inside(root: Option<&Url>, text: &str) -> String {
    let Some(source) = SOURCE.as_ref() else {
        return text.to_owned();
    };
    let written = |found: &Captures<'_>| {
        let (quote, address) = match (found.get(2), found.get(3)) {
            (Some(address), _) => ('"', address.as_str()),
            (None, Some(address)) => ('\'', address.as_str()),
            (None, None) => ('"', ""),
        };
        format!("{}{quote}{}{quote}", &found[1], absolute(root, address))
    };
    source.replace_all(text, written).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_relative_addresses_become_absolute() {
        let root = Url::parse("https://a.org/").ok();
        let text = concat!(
            r#"<p><img alt="a" src="images/a.png"><IMG SRC='/b.png'>"#,
            r#"<img data-src="x.png" src="https://c.org/c.png"><img src="data:image/png;base64,AA=="></p>"#
        );
        let wanted = concat!(
            r#"<p><img alt="a" src="https://a.org/images/a.png"><IMG SRC='https://a.org/b.png'>"#,
            r#"<img data-src="x.png" src="https://c.org/c.png"><img src="data:image/png;base64,AA=="></p>"#
        );
        assert_eq!(absolute_inside(root.as_ref(), text), wanted);
        assert_eq!(absolute(root.as_ref(), ""), "");
        assert_eq!(
            absolute(root.as_ref(), "//cdn.org/x.png"),
            "//cdn.org/x.png"
        );
    }
}
