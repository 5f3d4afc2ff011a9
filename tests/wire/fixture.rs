//! The demo site with some endpoints more: a path below `/index.php`, and what the demo has only once in
//! both kinds of statuses.

use std::fs;

use loggia_tests::product::Ran;
use loggia_tests::site::{Node, Site};
use serde_json::Value;

const ENDPOINTS: &str = r#"

[[endpoint]]
name = "index"
path = "/index.php/api"
access = "free"

[[endpoint]]
name = "index-key"
path = "/index.php/key"
access = "key"

[[endpoint]]
name = "semantic-user"
path = "/api/semantic-user"
access = "user"
status = "semantic"
trace = true

[[endpoint]]
name = "semantic-key"
path = "/api/semantic-key"
access = "key"
status = "semantic"
trace = true
"#;

/// A site on each database, with the endpoints above and `more` at the end of its settings.
pub(crate) fn each(more: &str) -> Vec<Site> {
    let sites = Site::each();
    for site in &sites {
        // The first start makes the site.
        site.node().stop();
        append(site, ENDPOINTS);
        append(site, more);
    }
    sites
}

/// Writes something at the end of a site's settings.
pub(crate) fn append(site: &Site, text: &str) {
    let settings = fs::read_to_string(site.configuration()).expect("the settings can be read");
    fs::write(site.configuration(), settings + text).expect("the settings can be written");
}

/// Replaces a piece of a site's settings that must be there.
pub(crate) fn replace(site: &Site, old: &str, new: &str) {
    let settings = fs::read_to_string(site.configuration()).expect("the settings can be read");
    assert!(settings.contains(old), "{old} is not in the settings");
    let settings = settings.replace(old, new);
    fs::write(site.configuration(), settings).expect("the settings can be written");
}

/// Runs a command of the operator that prints one object.
pub(crate) fn operate(site: &Site, words: &[&str]) -> Value {
    let words = [words, &["--json"]].concat();
    site.operator(&words).done().json()
}

/// A new key, made by the operator with these options.
pub(crate) fn key(site: &Site, options: &[&str]) -> String {
    let made = operate(site, &[&["key", "create"], options].concat());
    made["key"].as_str().expect("the whole key").to_owned()
}

/// A new session of one of the demo's accounts.
pub(crate) fn session(node: &Node, user: &str) -> String {
    let answer = log_in(node, user).json();
    answer["session_id"]
        .as_str()
        .unwrap_or_else(|| panic!("{user} cannot log in: {answer}"))
        .to_owned()
}

/// Logs one of the demo's accounts in.
pub(crate) fn log_in(node: &Node, user: &str) -> loggia_tests::client::Answer {
    let username = node.fact(&format!("/users/{user}/username"));
    let password = node.fact(&format!("/users/{user}/password"));
    let form = [
        ("username", username.as_str()),
        ("password", password.as_str()),
    ];
    node.endpoint("free").post_form("/post/user/login", &form)
}

/// The id of one of the demo's accounts.
pub(crate) fn account(node: &Node, user: &str) -> String {
    let answer = log_in(node, user).json();
    answer["userid"].to_string()
}

/// The licence key of the demo's member.
pub(crate) fn licence_key(node: &Node) -> String {
    let username = node.fact("/users/member/username");
    let password = node.fact("/users/member/password");
    let form = [
        ("username", username.as_str()),
        ("password", password.as_str()),
    ];
    let path = format!("/post/release/keybyauth/{}", node.fact("/release/group"));
    let answer = node.endpoint("free").post_form(&path, &form).json();
    answer["key"]
        .as_str()
        .unwrap_or_else(|| panic!("the member has no key: {answer}"))
        .to_owned()
}

/// A command that must be refused or fail.
pub(crate) fn refused(ran: Ran) -> Ran {
    assert_ne!(ran.status, 0, "{}{}", ran.stdout, ran.stderr);
    ran
}

/// Whether several nodes may serve the site.
pub(crate) fn is_shared(site: &Site) -> bool {
    site.database().address().starts_with("postgres")
}
