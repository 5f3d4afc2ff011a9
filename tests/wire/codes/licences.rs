//! The codes of licences and packages.

use loggia_tests::site::{Node, Site};
use loggia_tests::wait::soon;

use super::{Seen, get, post};
use crate::fixture::{licence_key, operate};

/// Produces them; gives the key of a licence.
pub(super) fn produce(site: &Site, node: &Node, seen: &mut Seen) -> String {
    let (group, package) = (node.fact("/release/group"), node.fact("/release/package"));
    let (email, password) = (
        node.fact("/users/member/email"),
        node.fact("/users/member/password"),
    );
    let licence = licence_key(node);
    let validate = |email: &str, key: &str, site: &str| {
        let form = [("email", email), ("key", key), ("site", site)];
        post(node, &format!("/post/release/validate/{group}"), &form)
    };
    seen.note(
        "REL_GNS",
        post(
            node,
            "/post/release/validate",
            &[("email", &email), ("key", &licence)],
        ),
    );
    seen.note(
        "REL_PNS",
        post(
            node,
            "/post/release/verify",
            &[("email", &email), ("key", &licence)],
        ),
    );
    seen.note("REL_EMR", validate("", &licence, ""));
    seen.note("REL_KYR", validate(&email, "", ""));
    let by_auth = format!("/post/release/keybyauth/{group}");
    seen.note("REL_UNR", post(node, &by_auth, &[("password", &password)]));
    seen.note("REL_PWR", post(node, &by_auth, &[("username", "member")]));
    seen.note(
        "REL_LIF",
        post(
            node,
            &by_auth,
            &[("username", "member"), ("password", "wrong")],
        ),
    );
    seen.note(
        "REL_GNF",
        get(
            node,
            "free",
            "/post/release/keybyemail/nothing?email=a@example.org",
        ),
    );
    seen.note(
        "REL_PNF",
        get(node, "free", "/post/release/download/nothing"),
    );
    seen.note("REL_KYI", validate(&email, "LG-nonsense", ""));
    seen.note("REL_KYI", validate("nobody@example.org", &licence, ""));

    let issue = |more: &[&str]| {
        let words = ["licence", "issue", "--group", &group, "--user", "member"];
        let made = operate(site, &[&words, more].concat());
        let id = made["licence"].as_i64().or(made["id"].as_i64());
        let key = made["key"].as_str().map(str::to_owned);
        (id.expect("an id").to_string(), key.expect("a key"))
    };
    let (limited_id, limited) = issue(&["--sites", "1"]);
    assert_eq!(
        validate(&email, &limited, "one.example.com")[0].error_code(),
        ""
    );
    seen.note("REL_ALR", validate(&email, &limited, "two.example.com"));
    site.operator(&["licence", "renew", &limited_id, "--expires", "2020-01-01"])
        .done();
    // A node knows what the operator has done within a second.
    soon(|| validate(&email, &limited, "")[0].error_code() == "REL_KYE");
    seen.note("REL_KYE", validate(&email, &limited, ""));
    site.operator(&["licence", "revoke", &limited_id, "--reason", "paid back"])
        .done();
    soon(|| validate(&email, &limited, "")[0].error_code() == "REL_KYV");
    seen.note("REL_KYV", validate(&email, &limited, ""));

    let download = format!("/post/release/download/{package}?email={email}&key={licence}");
    site.operator(&[
        "release",
        "yank",
        &package,
        "--reason",
        "It breaks the search.",
    ])
    .done();
    soon(|| {
        get(node, "free", &download)[0].status != 200
            || get(node, "free", &download)[0].body.first() == Some(&b'{')
    });
    seen.note("REL_YNK", get(node, "free", &download));
    remove_files(&site.folder().join("files"));
    let free = format!(
        "/post/release/download/{}",
        node.fact("/release/free_package")
    );
    seen.note("REL_FNA", get(node, "free", &free));

    site.operator(&["user", "groups", "member", "--remove", "Demo customers"])
        .done();
    soon(|| validate(&email, &licence, "")[0].error_code() != "");
    seen.note("REL_ANA", validate(&email, &licence, ""));
    licence
}

/// Removes the package files, as a careless hand would.
fn remove_files(folder: &std::path::Path) {
    for entry in std::fs::read_dir(folder).expect("the file store").flatten() {
        let path = entry.path();
        if path.is_dir() {
            remove_files(&path);
        } else {
            std::fs::remove_file(&path).expect("a file can be removed");
        }
    }
}
