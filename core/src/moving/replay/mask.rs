//! Takes secrets out of what is printed.

/// What stands where a secret stood.
pub(super) const MASK: &str = "***";

/// Parts of the names of parameters and members that hold secrets.
const SECRETS: [&str; 9] = [
    "key", "password", "passwd", "token", "session", "secret", "dlid", "email", "username",
];

/// Whether what has this name is a secret, or a person's own.
pub(super) fn is_secret(name: &str) -> bool {
    let name = name.to_lowercase();
    name != "metakey" && SECRETS.iter().any(|secret| name.contains(secret))
}

/// A path and query as it may be shown.
pub(super) fn masked(target: &str) -> String {
    let Some((path, query)) = target.split_once('?') else {
        return target.to_owned();
    };
    let pairs = query.split('&').map(|pair| match pair.split_once('=') {
        Some((name, value)) if is_secret(name) && !value.is_empty() => format!("{name}={MASK}"),
        _ => pair.to_owned(),
    });
    format!("{path}?{}", pairs.collect::<Vec<_>>().join("&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_in_a_query_are_masked_and_the_rest_stays() {
        let target = "/api/get/content/articles?api_key=ABCD&catid=2&Session_ID=x&metakey=a";
        assert_eq!(
            masked(target),
            "/api/get/content/articles?api_key=***&catid=2&Session_ID=***&metakey=a"
        );
        assert_eq!(masked("/plain"), "/plain");
    }
}
