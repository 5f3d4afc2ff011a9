//! Logging in and out on the wire, and what a session may do.

use loggia_tests::client::{Answer, Client};
use loggia_tests::site::{Node, Site};
use loggia_tests::wait::soon;

use crate::fixture::{self, is_shared, log_in, session};

/// The cookie of a log-in, as a browser sends it back.
fn cookie_of(answer: &Answer) -> String {
    let header = answer.header("set-cookie").expect("a cookie");
    header.split(';').next().unwrap_or_default().to_owned()
}

fn user_of(client: &Client) -> i64 {
    client.get("/get/user/status").json()["user_id"]
        .as_i64()
        .expect("a number")
}

#[test]
fn a_cookie_is_a_session_until_its_owner_logs_out() {
    for site in Site::each() {
        let node = site.node();
        let answer = log_in(&node, "member");
        let set = answer.header("set-cookie").expect("a cookie").to_owned();
        for attribute in ["HttpOnly", "SameSite=Lax", "Path=/"] {
            assert!(set.contains(attribute), "{set} lacks {attribute}");
        }
        let browser = node.endpoint("user").with("Cookie", &cookie_of(&answer));
        assert_eq!(Some(user_of(&browser)), answer.json()["userid"].as_i64());
        let profile = browser.get("/get/user/profile").json();
        assert_eq!(profile["email"], node.fact("/users/member/email"));
        assert_eq!(
            browser
                .get("/post/user/login?username=a&password=b")
                .error_code(),
            "USR_ALI"
        );
        assert_eq!(browser.get("/get/user/logout").json()["status"], "ok");
        assert_eq!(browser.get("/get/user/status").error_code(), "REQ_AUR");
        let guest = node.endpoint("free").with("Cookie", &cookie_of(&answer));
        assert_eq!(guest.get("/get/user/logout").error_code(), "USR_LOF");
        assert_eq!(user_of(&guest), 0);
    }
}

#[test]
fn a_session_id_works_without_cookies_and_on_every_node() {
    for site in Site::each() {
        let node = site.node();
        let id = session(&node, "member");
        let other = is_shared(&site).then(|| site.node());
        let asked = other.as_ref().unwrap_or(&node);
        let status = |node: &Node| {
            let path = format!("/get/user/status?session_id={id}");
            node.endpoint("free").get(&path).json()["user_id"].as_i64()
        };
        assert!(status(asked).is_some_and(|user| user > 0));
        assert_eq!(status(asked), status(&node));
        let path = format!("/get/user/logout?session_id={id}");
        assert_eq!(node.endpoint("free").get(&path).json()["status"], "ok");
        assert_eq!(
            status(&node),
            Some(0),
            "where he logged out it is so at once"
        );
        soon(|| status(asked) == Some(0));
        assert_eq!(node.endpoint("free").get(&path).error_code(), "USR_LOF");
    }
}

#[test]
fn a_log_in_is_answered_on_a_user_endpoint_without_a_session_and_nothing_else_is() {
    for site in fixture::each("") {
        let node = site.node();
        let user = node.endpoint("user");
        let password = node.fact("/users/member/password");
        let form = [("username", "member"), ("password", password.as_str())];
        assert_eq!(
            user.post_form("/post/user/login", &form).json()["status"],
            "ok"
        );
        for path in [
            "/get/user/status",
            "/get/user/logout",
            "/get/user/nothing",
            "/post/release/validate/demo",
        ] {
            assert_eq!(user.get(path).error_code(), "REQ_AUR", "{path}");
        }
        let semantic = node.server().below("/api/semantic-user");
        assert_eq!(semantic.get("/user/status").status, 401);
    }
}

#[test]
fn a_write_outside_the_contract_by_cookie_needs_a_proof() {
    for site in Site::each() {
        let node = site.node();
        let answer = log_in(&node, "member");
        let cookie = cookie_of(&answer);
        let browser = node.endpoint("semantic").with("Cookie", &cookie);
        let rename = |client: &Client| {
            let body = serde_json::json!({ "name": "Another Name" }).to_string();
            client.send(
                "PUT",
                "/user/profile",
                Some("application/json"),
                body.as_bytes(),
            )
        };
        let refused = rename(&browser);
        assert_eq!(
            (refused.status, refused.error_code().as_str()),
            (401, "REQ_AUR")
        );
        let foreign = rename(&browser.with("Origin", "https://evil.example"));
        assert_eq!(foreign.status, 401, "{}", foreign.text());
        let fetched = rename(&browser.with("Sec-Fetch-Site", "cross-site"));
        assert_eq!(fetched.status, 401, "{}", fetched.text());
        let own = rename(&browser.with("Origin", &node.fact("/url")));
        assert_eq!(own.status, 200, "{}", own.text());
        // Whoever sends the session by hand is no browser.
        let id = answer.json()["session_id"]
            .as_str()
            .expect("a session")
            .to_owned();
        let by_hand = node.endpoint("semantic");
        let body = serde_json::json!({ "name": "By Hand", "session_id": id }).to_string();
        let by_hand = by_hand.send(
            "PUT",
            "/user/profile",
            Some("application/json"),
            body.as_bytes(),
        );
        assert_eq!(by_hand.status, 200, "{}", by_hand.text());
    }
}

#[test]
fn patch_changes_only_what_is_given() {
    for site in Site::each() {
        let node = site.node();
        let id = session(&node, "member");
        let semantic = node.endpoint("semantic");
        let before = semantic
            .get(&format!("/user/profile?session_id={id}"))
            .json();
        let body = serde_json::json!({ "name": "New Name", "session_id": id }).to_string();
        let patched = semantic.send(
            "PATCH",
            "/user/profile",
            Some("application/json"),
            body.as_bytes(),
        );
        assert_eq!(patched.status, 200, "{}", patched.text());
        let after = semantic
            .get(&format!("/user/profile?session_id={id}"))
            .json();
        assert_eq!(after["name"], "New Name");
        assert_eq!(
            (&after["email"], &after["username"]),
            (&before["email"], &before["username"])
        );
    }
}

#[test]
fn a_blocked_account_loses_its_sessions() {
    for site in Site::each() {
        let node = site.node();
        let id = session(&node, "member");
        let path = format!("/get/user/status?session_id={id}");
        assert_ne!(node.endpoint("free").get(&path).json()["user_id"], 0);
        site.operator(&["user", "block", "member"]).done();
        soon(|| node.endpoint("free").get(&path).json()["user_id"] == 0);
        assert_eq!(log_in(&node, "member").error_code(), "USR_UNE");
    }
}
