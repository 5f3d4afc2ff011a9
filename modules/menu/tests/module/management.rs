//! Adding and changing.

use serde_json::{Value, json};

use crate::site::{Site, titles, with};

#[test]
fn only_the_operator_and_keys_with_the_scope_may_write() {
    for site in Site::each() {
        site.menu("main");
        for (resource, members) in [
            ("menus", json!({ "menutype": "side" })),
            ("items", json!({ "menutype": "main", "title": "Home" })),
        ] {
            let put = || with(site.host.call("put", resource), &members);
            assert_eq!(put().fault(), "REQ_AKR", "{resource}");
            assert_eq!(put().as_user(site.editor).fault(), "REQ_AKR", "{resource}");
            let other = put().with_key(1, &["content.manage"]);
            assert_eq!(other.fault(), "REQ_AKN", "{resource}");
            let right = put().with_key(1, &["menu.manage"]).json();
            assert_eq!(right["added"], true, "{right}");
            let again = put().with_key(1, &["menu.manage"]).json();
            assert_eq!(
                (&again["added"], &again["id"]),
                (&json!(false), &right["id"])
            );
        }
    }
}

#[test]
fn what_cannot_be_saved_is_refused_with_its_reason_and_changes_nothing() {
    for site in Site::each() {
        site.menu("main");
        site.menu("other");
        let home = site.item("Home", 0, &json!({}));
        let news = site.item("News", 0, &json!({}));
        let code = |resource: &str, members: Value| {
            site.put(resource, &members)["error_code"]
                .as_str()
                .unwrap_or("")
                .to_owned()
        };
        assert_eq!(code("menus", json!({ "menutype": "Main menu" })), "REQ_PNV");
        assert_eq!(code("menus", json!({ "title": "x" })), "REQ_PNV");
        assert_eq!(
            code("menus", json!({ "id": 99999, "title": "x" })),
            "MNU_MNF"
        );
        assert_eq!(
            code("menus", json!({ "id": 1, "menutype": "other" })),
            "MNU_AAX"
        );
        assert_eq!(code("items", json!({ "title": "x" })), "MNU_MNS");
        let nowhere = json!({ "menutype": "nowhere", "title": "x" });
        assert_eq!(code("items", nowhere), "MNU_MNF");
        assert_eq!(code("items", json!({ "id": 99999 })), "MNU_INF");
        let below_other = json!({ "menutype": "other", "title": "x", "parent": home });
        assert_eq!(code("items", below_other), "MNU_INF");
        assert_eq!(
            code("items", json!({ "menutype": "main", "alias": "x" })),
            "REQ_PNV"
        );
        assert_eq!(
            code("items", json!({ "id": news, "parent": home })),
            "REQ_PNV"
        );
        assert_eq!(
            code("items", json!({ "id": news, "alias": "Home" })),
            "MNU_AAX"
        );
        assert_eq!(
            code("items", json!({ "id": news, "publish_up": "soon" })),
            "REQ_PNV"
        );
        assert_eq!(code("items", json!({ "id": news, "state": 7 })), "REQ_PNV");
        assert_eq!(titles(&site.items().json()), ("Home News".to_owned(), 2));
    }
}

#[test]
fn a_change_keeps_what_is_not_given_and_moves_what_lies_below() {
    for site in Site::each() {
        site.menu("main");
        let home = site.item("Home", 0, &json!({ "params": { "icon": "house" } }));
        let news = site.item("News", home, &json!({}));
        site.put(
            "items",
            &json!({ "id": home, "alias": "start", "title": "Start" }),
        );
        let one = site.get("items").with("id", news).json();
        assert_eq!(
            (&one["path"], &one["level"]),
            (&json!("start/news"), &json!("2"))
        );
        let one = site.get("items").with("id", home).json();
        assert_eq!(
            (&one["title"], &one["params"]["icon"]),
            (&json!("Start"), &json!("house"))
        );
    }
}
