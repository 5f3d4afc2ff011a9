//! Credentials are in no log: neither in what a node writes, nor in the access log, whatever way they were sent.

use loggia_tests::evidence;
use loggia_tests::site::Node;

use crate::fixture::{self, key, licence_key, log_in};

const PASSWORD: &str = "canary-Password-7f3a9c";
const TOKEN: &str = "canary-Token-51d0e2";
const WRONG_KEY: &str = "canary-Key-90bb41";

#[test]
fn no_credential_is_in_any_log() {
    for site in fixture::each("\n[log]\nlevel = \"debug\"\n") {
        let node = site.node();
        let api_key = key(&site, &["--comment", "canary"]);
        let licence = licence_key(&node);
        let session = log_in(&node, "member").json()["session_id"]
            .as_str()
            .expect("a session")
            .to_owned();
        send_everywhere(&node, &api_key, &licence, &session);
        node.stop();
        let rows = site
            .operator(&["log", "export", "--format", "ndjson"])
            .done()
            .stdout;
        assert!(rows.lines().count() > 10, "{rows}");
        let secrets = [PASSWORD, TOKEN, WRONG_KEY, &api_key, &licence, &session];
        secrets.into_iter().for_each(evidence::credential);
        for secret in secrets {
            assert!(!rows.contains(secret), "the access log has {secret}");
        }
        let log = site.log();
        for secret in secrets {
            assert!(!log.contains(secret), "the node's log has {secret}");
        }
    }
}

/// Every way a secret can come, on good and on bad requests.
fn send_everywhere(node: &Node, api_key: &str, licence: &str, session: &str) {
    let group = node.fact("/release/group");
    let package = node.fact("/release/package");
    for name in ["free", "key", "semantic", "user"] {
        let client = node.endpoint(name);
        for key in [api_key, WRONG_KEY] {
            client.with_key(key).get("/get/user/status");
            client.get(&format!(
                "/get/user/status?api_key={key}&session_id={session}"
            ));
            client.post_form(
                "/get/user/nothing",
                &[("api_key", key), ("session_id", session)],
            );
            client.get(&format!("?api_key={key}"));
        }
        let form = [
            ("username", "member"),
            ("password", PASSWORD),
            ("token", TOKEN),
        ];
        client.post_form("/post/user/login", &form);
        client.post_form("/post/user/confirm", &form);
        client.post_form("/post/user/activate", &form);
        client.post_form(&format!("/post/release/keybyauth/{group}"), &form);
        client.get(&format!(
            "/post/release/validate/{group}?email=a@example.org&key={licence}"
        ));
        client.get(&format!(
            "/post/release/validate/{group}?email=a@example.org&key={WRONG_KEY}"
        ));
        client.send(
            "POST",
            "/post/user/login",
            Some("application/json"),
            format!("{{\"password\":\"{PASSWORD}").as_bytes(),
        );
        client
            .with("Cookie", &format!("loggia_session={session}"))
            .get("/get/user/profile");
        client.with("X-CSRF-Token", TOKEN).get("/get/user/profile");
    }
    for query in [
        format!("dlid={licence}"),
        format!("key={WRONG_KEY}"),
        format!("amp;key={licence}"),
    ] {
        node.server().get(&format!(
            "/updates/download/{package}/{package}.zip?{query}"
        ));
        node.server().get(&format!("/updates/nothing?{query}"));
    }
}
