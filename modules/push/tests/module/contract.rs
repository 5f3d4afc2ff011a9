//! jBackend's operations.

use serde_json::json;

use crate::shop::{Shop, checked};

#[test]
fn a_registration_answers_by_the_contract_and_a_second_one_is_the_same_device() {
    for shop in Shop::each() {
        let first = checked(
            "put/push/register",
            shop.register("abc").with("ios_alert", "true").json(),
        );
        assert_eq!(first["appcode"], "shop");
        assert_eq!(
            (&first["platform"], &first["platform_code"]),
            (&json!("ios"), &json!(2))
        );
        let second = shop
            .register("abc")
            .with("platform", "android")
            .with("ios_badge", "0");
        let second = checked("put/push/register", second.json());
        assert_eq!(
            second["device_id"], first["device_id"],
            "the token is unique"
        );
        assert_eq!(second["platform_code"], 1);
        assert_eq!(
            (&second["ios_alert"], &second["ios_badge"]),
            (&json!(1), &json!(0))
        );
        let listed = shop.get("devices").with("token", "abc").json();
        assert_eq!(listed["devices"][0]["hits"], 2, "{listed}");
        assert_eq!(listed["devices"].as_array().map(Vec::len), Some(1));
    }
}

#[test]
fn each_platform_has_its_code() {
    for shop in Shop::each() {
        for (platform, code) in [("generic", 0), ("Android", 1), ("IOS", 2), ("web", 3)] {
            let answer = shop.register(platform).with("platform", platform).json();
            assert_eq!(answer["platform_code"], code, "{answer}");
        }
    }
}

#[test]
fn what_is_missing_or_unknown_has_jbackends_code() {
    for shop in Shop::each() {
        let call = || shop.host.call("put", "register");
        assert_eq!(call().fault(), "PSH_TNS");
        assert_eq!(call().with("token", "a").fault(), "PSH_ANS");
        assert_eq!(
            call().with("token", "a").with("appcode", "shop").fault(),
            "PSH_PNS"
        );
        assert_eq!(
            shop.register("a").with("platform", "symbian").fault(),
            "PSH_PUN"
        );
        assert_eq!(
            shop.register("a").with("appcode", "other").fault(),
            "PSH_AUN"
        );
    }
}

#[test]
fn an_unknown_code_makes_an_application_where_the_site_wants_that() {
    for shop in Shop::each_with(&json!({ "auto_appcode": true })) {
        let made = checked(
            "put/push/register",
            shop.register("a").with("appcode", "Other").json(),
        );
        let listed = shop.get("apps").with("app", "OTHER").json();
        assert_eq!(listed["apps"][0]["id"], made["app_id"]);
    }
}

#[test]
fn a_user_is_named_with_his_address_where_the_site_wants_that() {
    for shop in Shop::each_with(&json!({ "require_user_email": true })) {
        let named = |email: &str| {
            shop.register("a")
                .with("user_id", shop.ada)
                .with("user_email", email)
        };
        assert_eq!(named("ADA@example.org").json()["status"], "ok");
        assert_eq!(named("bob@example.org").fault(), "PSH_UEW");
        assert_eq!(shop.register("a").with("user_id", 9999).fault(), "PSH_UEW");
        assert_eq!(
            shop.register("a")
                .with("user_id", shop.bob)
                .as_user(shop.bob)
                .json()["status"],
            "ok"
        );
    }
}

#[test]
fn a_switched_off_json_registration_takes_the_query() {
    for shop in Shop::each_with(&json!({ "json_register": false })) {
        let json = shop
            .register("a")
            .header("content-type", "application/json");
        assert_eq!(json.fault(), "PSH_TNS");
        assert_eq!(
            shop.register("a").json()["status"],
            "ok",
            "a form is one of the request's variables"
        );
    }
}

#[test]
fn the_statistics_answer_by_the_contract() {
    for shop in Shop::each() {
        shop.register("a").json();
        let stats = checked("get/push/stats", shop.host.call("get", "stats").json());
        assert_eq!((&stats["apps"], &stats["devices"]), (&json!(1), &json!(1)));
    }
}
