//! Profiles on the wire: where they are answered at all, and who changes whom.

use loggia_tests::client::{Answer, Client};
use loggia_tests::site::Node;
use loggia_tests::wait::soon;
use serde_json::{Value, json};

use crate::fixture::{self, account, key, session};

const PRIVATE: &str = r#"
[[endpoint]]
name = "staff"
path = "/api/staff"
access = "user"
private = true
"#;

fn unlimited(node: &Node) -> String {
    node.fact("/keys/unlimited")
}

/// The endpoint with keys, compatible and semantic.
fn keyed(node: &Node, key: &str) -> [Client; 2] {
    ["/api/key", "/api/semantic-key"].map(|path| node.server().below(path).with_key(key))
}

#[test]
fn where_no_key_is_asked_for_there_is_no_such_module_and_the_start_says_so() {
    for site in fixture::each(PRIVATE) {
        let node = site.node();
        let key = unlimited(&node);
        let member = session(&node, "member");
        for name in ["free", "user", "semantic"] {
            let endpoint = node.endpoint(name).with_key(&key);
            for module in ["profiles", "comprofiler"] {
                for path in [
                    "get/MODULE/users",
                    "get/MODULE/profile/1",
                    "get/MODULE/nothing",
                ] {
                    let path = path.replace("MODULE", module);
                    let answer = endpoint.get(&format!("/{path}?session_id={member}"));
                    assert_eq!(answer.error_code(), "REQ_MNF", "{name} {path}");
                }
            }
            let document = endpoint.get("/openapi.json").text();
            assert!(
                !document.contains("/profiles/"),
                "{name} publishes profiles"
            );
        }
        let staff = node.server().below("/api/staff");
        let users = staff.get(&format!("/get/comprofiler/users?session_id={member}"));
        assert_eq!(users.json()["status"], "ok", "{}", users.text());
        let others = users.text().replace("\"member@example.org\"", "");
        assert!(!others.contains("example.org"), "{others}");
        let document = node.endpoint("key").with_key(&key).get("/openapi.json");
        assert!(document.text().contains("/profiles/"));
        let log = site.log();
        let told = "module profiles serves only endpoints that ask for a key or are private";
        assert!(log.contains(told), "{log}");
        let checked = fixture::operate(&site, &["check"]);
        let endpoint = |name: &str| {
            let all = checked["endpoints"].as_array().expect("a list");
            let found = all.iter().find(|one| one["name"] == name);
            found.unwrap_or_else(|| panic!("no {name}")).clone()
        };
        assert_eq!(endpoint("free")["withheld"], json!(["profiles"]));
        assert_eq!(endpoint("key")["withheld"], json!([]));
        assert_eq!(endpoint("staff")["withheld"], json!([]));
    }
}

/// Both kinds of endpoint answer with the code, the second with its status.
fn refused([compatible, semantic]: [Answer; 2], code: &str, status: u16) {
    for (answer, status) in [(compatible, 200), (semantic, status)] {
        assert_eq!(answer.error_code(), code, "{}", answer.text());
        assert_eq!(answer.status, status, "{}", answer.text());
    }
}

#[test]
fn a_profile_is_put_as_json_by_who_may_and_refused_by_the_codes() {
    for site in fixture::each("") {
        let node = site.node();
        let (member, admin) = (account(&node, "member"), account(&node, "admin"));
        let outsider = account(&node, "outsider");
        let key = |options: &[&str]| {
            let key = key(&site, options);
            let api = node.endpoint("key").with_key(&key);
            soon(|| api.get("/get/user/status").error_code().is_empty());
            key
        };
        let writer = key(&["--scope", "profiles.write"]);
        let reader = key(&[]);
        let bound = key(&["--scope", "profiles.write", "--user", "member"]);
        let profile = json!({
            "id": member, "username": "member", "email": "member@example.org", "name": "Demo member",
        });
        let put = |key: &str, more: Value| {
            let mut body = profile.clone();
            for (name, value) in more.as_object().expect("an object") {
                body[name] = value.clone();
            }
            keyed(&node, key).map(|api| api.post_json("/put/comprofiler/profile", &body))
        };
        for answer in put(
            &writer,
            json!({ "cb_city": "Köln", "cb_interests": ["Sports"] }),
        ) {
            assert_eq!(
                answer.json(),
                json!({ "status": "ok" }),
                "{}",
                answer.text()
            );
        }
        let [api, _] = keyed(&node, &reader);
        let shown = api
            .get(&format!("/get/comprofiler/profile/{member}"))
            .json();
        assert_eq!(
            (&shown["cb_city"], &shown["cb_interests"], &shown["email"]),
            (
                &json!("Köln"),
                &json!(["Sports"]),
                &json!("member@example.org")
            )
        );
        refused(put(&reader, json!({})), "REQ_AKN", 403);
        refused(put(&writer, json!({ "cb_rank": "King" })), "CBP_FNA", 400);
        refused(put(&writer, json!({ "is_admin": true })), "CBP_FNA", 400);
        refused(put(&writer, json!({ "id": 99999 })), "CBP_UNF", 404);
        refused(put(&writer, json!({ "id": null })), "CBP_UNS", 400);
        refused(put(&writer, json!({ "username": "" })), "CBP_UNR", 400);
        refused(put(&writer, json!({ "email": "" })), "CBP_EMR", 400);
        refused(put(&writer, json!({ "name": "" })), "CBP_NMR", 400);
        refused(
            put(&writer, json!({ "username": "OUTSIDER" })),
            "CBP_UAX",
            409,
        );
        let taken = json!({ "email": "Outsider@example.org" });
        refused(put(&writer, taken), "CBP_EAX", 409);
        refused(put(&writer, json!({ "id": admin })), "CBP_ANA", 403);
        refused(put(&bound, json!({ "id": outsider })), "CBP_ANA", 403);
        for answer in put(&bound, json!({ "cb_city": "Ulm" })) {
            assert_eq!(
                answer.json(),
                json!({ "status": "ok" }),
                "{}",
                answer.text()
            );
        }
        let broken = keyed(&node, &writer).map(|api| {
            api.send(
                "POST",
                "/put/comprofiler/profile",
                Some("application/json"),
                b"{",
            )
        });
        refused(broken, "REQ_BNV", 400);
    }
}
