//! The files of the module `media`, as other modules keep them in the place of an address: `media:12`. What a file is
//! and who may have it is that module's affair alone.

const SCHEME: &str = "media:";
/// Where a file is sent from, behind the address of an endpoint.
const PATH: &str = "/get/media/files/";

/// The rule that such an address obeys.
const RULE: &str = "must be media: and the id of a file, such as media:12, or another address";

/// Where a file is sent from at the endpoint that was asked.
pub fn url(base_url: &str, id: i64) -> String {
    format!("{base_url}{PATH}{id}")
}

/// The id of the file that an address names; none where it is another address.
pub fn id_of(address: &str) -> Option<i64> {
    plain_id(address.strip_prefix(SCHEME)?)
}

/// Whether an address is meant to name a file, rightly or wrongly.
fn is_meant(address: &str) -> bool {
    let scheme = address.trim_start().get(..SCHEME.len());
    scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case(SCHEME))
}

/// Whether an address names a file; `Err` is the rule that one breaks which is meant to and does not.
pub fn names_file(address: &str) -> Result<bool, &'static str> {
    match id_of(address) {
        Some(_) => Ok(true),
        None if is_meant(address) => Err(RULE),
        None => Ok(false),
    }
}

/// An address as answers show it: of a file, where it is sent from; any other as it is.
pub fn shown(base_url: &str, address: String) -> String {
    match id_of(&address) {
        Some(id) => url(base_url, id),
        None => address,
    }
}

/// An address that a client gives, as it is kept; `Err` is the rule that it breaks. What answers of the same endpoint
/// show of a file can be given back and is the file again.
pub fn kept(base_url: &str, address: String) -> Result<String, &'static str> {
    let id = address.strip_prefix(base_url);
    let id = id.and_then(|rest| plain_id(rest.strip_prefix(PATH)?));
    if let Some(id) = id.filter(|_| !base_url.is_empty()) {
        return Ok(format!("{SCHEME}{id}"));
    }
    names_file(&address)?;
    Ok(address)
}

/// An id as it is written: digits, the first of which is no 0.
fn plain_id(text: &str) -> Option<i64> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
    text.parse().ok().filter(|_| is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: &str = "https://a.org/api/v1";

    #[test]
    fn a_file_is_shown_by_the_address_of_the_endpoint_and_comes_back_as_the_file() {
        let url = shown(BASE, "media:12".to_owned());
        assert_eq!(url, "https://a.org/api/v1/get/media/files/12");
        assert_eq!(kept(BASE, url).unwrap(), "media:12");
        assert_eq!(kept(BASE, "media:12".to_owned()).unwrap(), "media:12");
    }

    #[test]
    fn other_addresses_stay_as_they_are() {
        for address in [
            "",
            "images/media:1.png",
            "https://b.org/get/media/files/12",
            "https://a.org/api/v1/get/media/files/12?width=50",
            "/get/media/files/12",
            "median",
        ] {
            assert_eq!(shown(BASE, address.to_owned()), address);
            assert_eq!(kept(BASE, address.to_owned()).unwrap(), address);
        }
        let path = "/get/media/files/12";
        assert_eq!(kept("", path.to_owned()).unwrap(), path);
    }

    #[test]
    fn what_is_meant_for_a_file_and_names_none_is_refused() {
        for address in [
            "media:",
            "media:0",
            "media:012",
            "media:-1",
            "media:+1",
            "media:1a",
            "Media:1",
            " media:1",
            "media:1/../2",
            "media:9223372036854775808",
        ] {
            assert_eq!(kept(BASE, address.to_owned()), Err(RULE), "{address}");
            assert_eq!(shown(BASE, address.to_owned()), address);
        }
    }
}
