//! Licences: issued, renewed, revoked, and the sites they are used on.

use std::thread;

use loggia_testkit::TestCall;
use serde_json::{Value, json};

use crate::shop::{CUSTOMERS, PASSWORD, Shop};

fn issue<'s>(shop: &'s Shop, reference: &str) -> TestCall<'s> {
    shop.operator("post", "licences")
        .with("group", "redj")
        .with("user", "member")
        .with("reference", reference)
}

fn key(answer: &Value) -> String {
    answer["key"]
        .as_str()
        .unwrap_or_else(|| panic!("{answer}"))
        .to_owned()
}

#[test]
fn one_sale_is_one_licence_however_often_the_shop_repeats_it() {
    for shop in Shop::each() {
        let first = issue(&shop, "order-1")
            .with("expires", "2999-12-31")
            .with("note", "first")
            .json();
        assert_eq!(first["new"], true, "{first}");
        assert_eq!(first["expires"], "3000-01-01T00:00:00Z");
        let again = issue(&shop, "order-1").json();
        assert_eq!(again["new"], false);
        assert_eq!(
            (key(&again), &again["licence"]),
            (key(&first), &first["licence"])
        );
        let second = issue(&shop, "order-2").json();
        assert_ne!(key(&second), key(&first));
        assert_eq!(
            shop.claim("validate", "redj", &key(&first)).json()["status"],
            "ok"
        );
        assert_eq!(shop.key(), key(&second), "the newest valid one is given");
        let stolen = shop
            .operator("post", "licences")
            .with("group", "redj")
            .with("reference", "order-1");
        assert_eq!(stolen.with("user", "outsider").fault(), "REL_RAU");
        let list = shop
            .operator("get", "licences")
            .with("user", "member@example.org")
            .json();
        assert_eq!(list["total"], 2);
        assert!(
            !list.to_string().contains(&key(&first)),
            "a list shows no key"
        );
    }
}

#[test]
fn many_sales_at_once_are_as_many_licences() {
    for shop in Shop::each() {
        let keys: Vec<String> = thread::scope(|scope| {
            let sales: Vec<_> = (0..16)
                .map(|number| {
                    let shop = &shop;
                    // Every sale is told twice, by two threads.
                    scope.spawn(move || key(&issue(shop, &format!("order-{}", number / 2)).json()))
                })
                .collect();
            sales.into_iter().map(|sale| sale.join().unwrap()).collect()
        });
        let mut distinct = keys.clone();
        distinct.sort();
        distinct.dedup();
        assert_eq!(distinct.len(), 8, "{keys:?}");
        assert_eq!(shop.operator("get", "licences").json()["total"], 8);
    }
}

#[test]
fn a_licence_ends_is_renewed_and_is_taken_back() {
    for shop in Shop::each() {
        let licence = issue(&shop, "order-1").with("expires", "2001-01-01").json();
        let key = key(&licence);
        assert_eq!(licence["state"], "expired");
        let validate = || shop.claim("validate", "redj", &key);
        assert_eq!(validate().fault(), "REL_KYE");
        let by_auth = shop
            .call("post", "keybyauth")
            .with("id", "redj")
            .with("username", "member");
        assert_eq!(by_auth.with("password", PASSWORD).fault(), "REL_KYE");

        let renew = || shop.operator("put", "licences").with("id", "order-1");
        assert_eq!(
            renew().with("expires", "2999-01-01T00:00:00Z").json()["state"],
            "valid"
        );
        assert_eq!(validate().json()["status"], "ok");
        let noted = renew().with("note", "kept").json();
        assert_eq!(
            noted["expires"], "2999-01-01T00:00:00Z",
            "what is not given stays"
        );
        assert_eq!(
            renew().with("expires", json!(null)).json()["expires"],
            json!(null)
        );
        assert_eq!(renew().with("expires", "soon").fault(), "REQ_PNV");

        for _ in 0..2 {
            let revoke = shop.operator("delete", "licences").with("id", key.as_str());
            let revoked = revoke.with("reason", "Paid back.").json();
            assert_eq!(
                (&revoked["state"], &revoked["revoke_reason"]),
                (&json!("revoked"), &json!("Paid back."))
            );
        }
        assert_eq!(validate().fault(), "REL_KYV");
        assert_eq!(renew().with("note", "x").fault(), "REL_KYV");
        let by_auth = shop
            .call("post", "keybyauth")
            .with("id", "redj")
            .with("username", "member");
        assert_eq!(by_auth.with("password", PASSWORD).fault(), "REL_KYV");
        assert_eq!(
            shop.operator("put", "licences")
                .with("id", "999999")
                .fault(),
            "REL_LNF"
        );
    }
}

#[test]
fn a_limit_of_sites_counts_shops_once_and_workshops_never() {
    for shop in Shop::each() {
        let key = key(&issue(&shop, "order-1").with("sites", 2).json());
        let at = |site: &str| shop.claim("validate", "redj", &key).with("site", site);
        for site in [
            "https://www.one.com/",
            "one.com",
            "ONE.com:443",
            "localhost",
            "dev.three.com",
            "10.0.0.7",
            "x.test",
            "https://two.com/administrator",
            "",
        ] {
            assert_eq!(at(site).json()["status"], "ok", "{site}");
        }
        assert_eq!(at("three.com").fault(), "REL_ALR");
        assert_eq!(at("not a host").fault(), "REQ_PNV");
        assert_eq!(at("two.com").json()["status"], "ok");
        let sites = shop.operator("get", "sites").with("id", "order-1").json();
        let names: Vec<&str> = sites["sites"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["site"].as_str().unwrap())
            .collect();
        assert_eq!(names, ["one.com", "two.com"]);

        let free = || {
            shop.operator("delete", "sites")
                .with("id", "order-1")
                .with("site", "one.com")
        };
        assert_eq!(free().json()["sites"].as_array().unwrap().len(), 1);
        assert_eq!(free().fault(), "REL_LNF");
        assert_eq!(at("three.com").json()["status"], "ok");
        assert_eq!(at("one.com").fault(), "REL_ALR");
    }
}

#[test]
fn a_limit_of_sites_holds_against_many_at_once() {
    for shop in Shop::each() {
        let key = key(&issue(&shop, "order-1").with("sites", 3).json());
        let admitted: usize = thread::scope(|scope| {
            let calls: Vec<_> = (0..12)
                .map(|number| {
                    let (shop, key) = (&shop, &key);
                    scope.spawn(move || {
                        let site = format!("shop{number}.com");
                        let answer = shop
                            .claim("validate", "redj", key)
                            .with("site", site)
                            .json();
                        usize::from(answer["status"] == "ok")
                    })
                })
                .collect();
            calls.into_iter().map(|call| call.join().unwrap()).sum()
        });
        assert_eq!(admitted, 3);
    }
}

#[test]
fn a_group_without_user_groups_asks_for_the_licence_alone() {
    for shop in Shop::each() {
        let group = shop.operator("put", "group").with("id", "open").json();
        assert_eq!(group["user_groups"], json!([]));
        let by_auth = || {
            shop.call("post", "keybyauth")
                .with("id", "open")
                .with("username", "outsider")
                .with("password", PASSWORD)
        };
        assert_eq!(by_auth().fault(), "REL_ANA");
        let user = shop.outsider.to_string();
        let issue = shop
            .operator("post", "licences")
            .with("group", "open")
            .with("user", user);
        let issued = key(&issue.json());
        assert_eq!(by_auth().json()["key"], json!(issued));
    }
}

#[test]
fn only_the_operator_and_keys_with_the_scope_issue_licences() {
    for shop in Shop::each() {
        let call = || {
            shop.call("post", "licences")
                .with("group", "redj")
                .with("user", "member")
        };
        assert!(call().fault().starts_with("REQ_"));
        assert!(call().as_user(shop.member).fault().starts_with("REQ_"));
        assert!(
            call()
                .with_key(1, &["release.manage"])
                .fault()
                .starts_with("REQ_")
        );
        assert_eq!(call().with_key(1, &["licence.manage"]).json()["new"], true);
        assert_eq!(
            call().with("user", "nobody").as_operator().fault(),
            "REL_UNF"
        );
    }
}

#[test]
fn the_seed_of_a_group_is_set_once() {
    for shop in Shop::each() {
        let group = |seed: &str| {
            shop.operator("put", "group")
                .with("id", "seeded")
                .with("user_groups", json!([CUSTOMERS]))
                .with("seed", seed)
        };
        assert_eq!(group("short").fault(), "REQ_PNV");
        assert_eq!(group(&"ab".repeat(32)).json()["status"], "ok");
        assert_eq!(group(&"cd".repeat(32)).fault(), "REQ_PNV");
        let answer = shop.operator("get", "packages").json();
        assert!(
            !answer.to_string().contains(&"ab".repeat(32)),
            "the seed is not shown"
        );
    }
}
