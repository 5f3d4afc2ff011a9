//! Applications.

use serde_json::json;

use crate::shop::Shop;

#[test]
fn an_application_is_added_changed_and_found_by_code_and_id() {
    for shop in Shop::each() {
        let made = shop
            .put("apps")
            .with("app", "News")
            .with("name", "The news")
            .json();
        let made = &made["app"];
        assert_eq!(
            (&made["code"], &made["status"]),
            (&json!("news"), &json!("sandbox"))
        );
        let changed = shop
            .put("apps")
            .with("app", "NEWS")
            .with("state", "production")
            .json();
        let changed = &changed["app"];
        assert_eq!(changed["id"], made["id"]);
        assert_eq!(changed["version"], 2);
        let by_id = shop
            .get("apps")
            .with("app", made["public_id"].clone())
            .json();
        assert_eq!(by_id["apps"][0]["name"], "The news");
        let all = shop.get("apps").json();
        assert_eq!(all["apps"].as_array().map(Vec::len), Some(2));
        let first = shop.get("apps").with("limit", 1).json();
        assert_eq!(first["next"], first["apps"][0]["id"]);
    }
}

#[test]
fn a_change_of_an_older_version_is_refused() {
    for shop in Shop::each() {
        let tag = shop
            .put("apps")
            .with("app", "shop")
            .answer_header("etag")
            .expect("a tag");
        shop.put("apps")
            .with("app", "shop")
            .with("name", "Other")
            .json();
        let late = shop
            .put("apps")
            .with("app", "shop")
            .header("if-match", &tag);
        assert_eq!(late.fault(), "REQ_PCF");
        shop.put("apps").with("app", "other").json();
        let taken = shop.put("apps").with("app", "other").with("code", "shop");
        assert_eq!(taken.fault(), "PSH_AAX");
    }
}

#[test]
fn an_application_with_devices_is_deleted_only_with_them() {
    for shop in Shop::each() {
        shop.register("a").json();
        shop.held(&json!({ "title": "Hello" }));
        let delete = || {
            shop.host
                .call("delete", "apps")
                .as_operator()
                .with("app", "shop")
        };
        assert_eq!(delete().fault(), "PSH_ANE");
        assert_eq!(delete().with("with_devices", true).json()["devices"], 1);
        assert_eq!(delete().fault(), "PSH_AUN");
        assert_eq!(shop.get("notifications").json()["notifications"], json!([]));
    }
}

#[test]
fn only_keys_for_it_keep_applications() {
    for shop in Shop::each() {
        let get = || shop.host.call("get", "apps");
        assert_eq!(get().fault(), "REQ_AKR");
        assert_eq!(get().as_user(shop.ada).fault(), "REQ_AKR");
        assert_eq!(get().with_key(1, &["push.send"]).fault(), "REQ_AKN");
        assert_eq!(get().with_key(1, &["push.manage"]).json()["status"], "ok");
    }
}
