//! The five operations of the jBackend contract.

use std::path::Path;

use serde_json::{Value, json};

use crate::shop::{CUSTOMERS, PASSWORD, STRANGERS, Shop, within_a_second};

fn contract() -> Value {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/contract.json");
    let text = std::fs::read_to_string(file).expect("the contract can be read");
    serde_json::from_str(&text).expect("the contract is JSON")
}

/// The members an answer may have, by the contract.
fn members(resource: &str) -> Vec<String> {
    let contract = contract();
    let operations = contract["operations"]
        .as_array()
        .expect("operations")
        .clone();
    let operation = operations
        .iter()
        .find(|operation| operation["resource"] == resource)
        .expect("the operation is in the contract");
    let properties = operation["response"]["properties"]
        .as_object()
        .expect("properties");
    properties.keys().cloned().collect()
}

fn assert_members(resource: &str, answer: &Value) {
    let mut wanted = members(resource);
    let mut given: Vec<String> = answer
        .as_object()
        .expect("an object")
        .keys()
        .cloned()
        .collect();
    wanted.sort();
    given.sort();
    assert_eq!(given, wanted, "{resource}");
}

#[test]
fn a_member_gets_his_key_and_it_is_good_for_group_and_package() {
    for shop in Shop::each() {
        shop.publish("1.0.0", "4.0-6.*");
        let answer = shop
            .call("post", "keybyauth")
            .with("id", "redj")
            .with("username", "member")
            .with("password", PASSWORD)
            .json();
        assert_members("keybyauth", &answer);
        assert_eq!(answer["email"], "member@example.org");
        let key = answer["key"].as_str().unwrap();
        assert_eq!(key, shop.key(), "asked twice, the key is the same");
        for (resource, id) in [
            ("validate", "redj"),
            ("verify", "com_redj_1_0_0"),
            ("verify", "com_redj"),
        ] {
            let answer = shop.claim(resource, id, key).json();
            assert_eq!(answer, json!({ "status": "ok" }), "{resource} {id}");
            assert_members(resource, &answer);
        }
        let typed = key.to_lowercase().replace('-', " ");
        assert_eq!(
            shop.claim("validate", "redj", &typed).json()["status"],
            "ok"
        );
    }
}

#[test]
fn the_key_is_mailed_to_members_and_nobody_learns_who_is_one() {
    for shop in Shop::each() {
        for email in [
            "member@example.org",
            "MEMBER@example.org",
            "outsider@example.org",
            "nobody@example.org",
            "x",
        ] {
            let answer = shop
                .call("post", "keybyemail")
                .with("id", "redj")
                .with("email", email)
                .json();
            assert_eq!(answer, json!({ "status": "ok" }), "{email}");
            assert_members("keybyemail", &answer);
        }
        let mails = shop.host.queued_mail();
        assert_eq!(mails.len(), 2, "{mails:?}");
        for (to, subject, text) in &mails {
            assert_eq!(to, "member@example.org");
            assert!(subject.contains("reDJ"), "{subject}");
            assert!(text.contains(&shop.key()), "{text}");
        }
    }
}

#[test]
fn mails_to_one_mailbox_are_bounded() {
    let shop = Shop::with(json!({ "mails_per_hour": 3 }));
    for _ in 0..8 {
        let call = shop.call("post", "keybyemail").with("id", "redj");
        assert_eq!(
            call.with("email", "member@example.org").json()["status"],
            "ok"
        );
    }
    assert_eq!(shop.host.queued_mail().len(), 3);
}

#[test]
fn what_is_missing_is_named_by_its_code() {
    for shop in Shop::each() {
        for (resource, given, code) in [
            ("keybyemail", &[][..], "REL_GNS"),
            ("keybyemail", &[("id", "redj")], "REL_EMR"),
            ("keybyemail", &[("id", "redj"), ("email", "")], "REL_EMR"),
            (
                "keybyemail",
                &[("id", "other"), ("email", "x@example.org")],
                "REL_GNF",
            ),
            ("keybyauth", &[], "REL_GNS"),
            ("keybyauth", &[("id", "redj")], "REL_UNR"),
            (
                "keybyauth",
                &[("id", "redj"), ("username", "member")],
                "REL_PWR",
            ),
            (
                "keybyauth",
                &[("id", "other"), ("username", "member"), ("password", "x")],
                "REL_GNF",
            ),
            ("validate", &[], "REL_GNS"),
            ("validate", &[("id", "redj")], "REL_EMR"),
            (
                "validate",
                &[("id", "redj"), ("email", "member@example.org")],
                "REL_KYR",
            ),
            (
                "validate",
                &[("id", "other"), ("email", "a@b.c"), ("key", "x")],
                "REL_GNF",
            ),
            ("verify", &[], "REL_PNS"),
            ("verify", &[("id", "redj"), ("email", "a@b.c")], "REL_KYR"),
            (
                "verify",
                &[("id", "none"), ("email", "a@b.c"), ("key", "x")],
                "REL_PNF",
            ),
            ("download", &[], "REL_PNS"),
            ("download", &[("id", "none")], "REL_PNF"),
        ] {
            let mut call = shop.call("post", resource);
            for (name, value) in given {
                call = call.with(name, *value);
            }
            assert_eq!(call.fault(), code, "{resource} {given:?}");
        }
    }
}

#[test]
fn whoever_has_no_right_is_told_which_one_he_lacks() {
    for shop in Shop::each() {
        shop.publish("1.0.0", "4.0-6.*");
        let key = shop.key();
        let by_auth = |username: &str, password: &str| {
            shop.call("post", "keybyauth")
                .with("id", "redj")
                .with("username", username)
                .with("password", password)
                .fault()
        };
        assert_eq!(by_auth("member", "wrong"), "REL_LIF");
        assert_eq!(by_auth("nobody", PASSWORD), "REL_LIF");
        assert_eq!(by_auth("outsider", PASSWORD), "REL_ANA");
        assert_eq!(
            shop.claim("validate", "redj", "LG-WRONG").fault(),
            "REL_KYI"
        );
        let strangers = shop
            .call("post", "validate")
            .with("id", "redj")
            .with("key", key.as_str());
        assert_eq!(
            strangers.with("email", "outsider@example.org").fault(),
            "REL_KYI"
        );
        let unknown = shop
            .call("post", "validate")
            .with("id", "redj")
            .with("key", key.as_str());
        assert_eq!(
            unknown.with("email", "nobody@example.org").fault(),
            "REL_KYI"
        );
        assert_eq!(
            shop.claim("download", "com_redj", "LG-WRONG").fault(),
            "REL_KYI"
        );
        assert_eq!(
            shop.call("post", "download").with("id", "com_redj").fault(),
            "REL_KYR"
        );

        shop.regroup(shop.member, CUSTOMERS, STRANGERS);
        within_a_second("the lost right is seen", || {
            let answer = shop.claim("validate", "redj", &key).json();
            answer["error_code"] == "REL_ANA"
        });
        for (resource, id) in [
            ("validate", "redj"),
            ("verify", "com_redj"),
            ("download", "com_redj"),
        ] {
            assert_eq!(
                shop.claim(resource, id, &key).fault(),
                "REL_ANA",
                "{resource}"
            );
        }
        shop.regroup(shop.member, STRANGERS, CUSTOMERS);
        within_a_second("the right is seen again", || {
            shop.claim("validate", "redj", &key).json()["status"] == "ok"
        });
    }
}

#[test]
fn a_key_of_one_group_opens_no_other() {
    for shop in Shop::each() {
        let other = shop.operator("put", "group").with("id", "other");
        assert_eq!(
            other.with("user_groups", json!([CUSTOMERS])).json()["status"],
            "ok"
        );
        let key = shop.key();
        assert_eq!(shop.claim("validate", "other", &key).fault(), "REL_KYI");
    }
}

#[test]
fn without_keys_on_demand_a_member_without_a_licence_gets_none() {
    let shop = Shop::with(json!({ "issue_on_demand": false }));
    let asked = shop
        .call("post", "keybyauth")
        .with("id", "redj")
        .with("username", "member");
    assert_eq!(asked.with("password", PASSWORD).fault(), "REL_ANA");
}
