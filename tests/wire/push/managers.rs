//! What jBackend's managers show, to whom a notification goes, and what its clients are sent.

use loggia_tests::wait::soon;
use serde_json::{Value, json};

use super::{done, enter, get, prove, register, shown};
use crate::fixture;
use crate::loopback::lab::{Lab, targets, token};

#[test]
fn the_payload_comes_to_each_platform_as_jbackends_clients_expect_it() {
    for lab in Lab::each("") {
        prove(&lab);
        register(&lab, &token(1), "ios");
        register(&lab, "a1", "android");
        let id = enter(&lab, &json!({ "payload": { "page": 3, "deep": ["x"] } }));
        soon(|| {
            shown(&lab, id)["state"] == "completed"
                && shown(&lab, id)["deliveries"]["accepted"] == 2
        });
        assert_eq!(
            lab.apple(1).body,
            json!({
                "aps": { "alert": { "title": "Hello", "body": "World" }, "sound": "default" },
                "data": { "page": 3, "deep": ["x"] },
            })
        );
        let message = lab.google(1).body["message"].clone();
        assert_eq!(
            message["data"],
            json!({ "title": "Hello", "message": "World", "icon": "icon", "data": "{\"page\":3,\"deep\":[\"x\"]}" })
        );
        assert_eq!(message["notification"], Value::Null);
    }
}

#[test]
fn a_device_that_wants_no_sound_or_number_gets_none() {
    for lab in Lab::each("") {
        let app = prove(&lab);
        let given = json!({
            "token": token(1), "appcode": app.to_uppercase(), "platform": "ios",
            "ios_alert": 1, "ios_badge": 0, "ios_sound": "0",
        });
        let made = lab
            .node
            .endpoint("free")
            .post_json("/put/push/register", &given)
            .json();
        assert_eq!(
            (
                &made["appcode"],
                &made["ios_alert"],
                &made["ios_badge"],
                &made["ios_sound"]
            ),
            (&json!(app), &json!(1), &json!(0), &json!(0))
        );
        enter(&lab, &json!({ "content": { "badge": 4 } }));
        assert_eq!(
            lab.apple(1).body["aps"],
            json!({ "alert": { "title": "Hello", "body": "World" } })
        );
    }
}

#[test]
fn targets_are_everybody_or_the_users_groups_and_devices_that_were_selected() {
    for lab in Lab::each("") {
        prove(&lab);
        let (member, outsider) = (
            fixture::account(&lab.node, "member"),
            fixture::account(&lab.node, "outsider"),
        );
        let registered =
            |token: &str, user: &str| register(&lab, token, &format!("ios&user_id={user}"));
        let own = registered(&token(1), &member);
        registered(&token(2), &outsider);
        let third = register(&lab, &token(3), "ios");
        let customers = fixture::operate(&lab.site, &["user", "groups"]);
        let groups = customers["groups"]
            .as_array()
            .or(customers.as_array())
            .expect("groups")
            .clone();
        let customers = groups.iter().find(|one| {
            one["title"]
                .as_str()
                .is_some_and(|title| title.contains("ustomer"))
        });
        let customers = customers.expect("the demo's customers")["id"].clone();
        for (target, tokens) in [
            (json!({}), vec![1, 2, 3]),
            (
                json!({ "target": "users", "users": [outsider.parse::<i64>().expect("a number")] }),
                vec![2],
            ),
            (
                json!({ "target": "groups", "groups": [customers] }),
                vec![1],
            ),
            (
                json!({ "target": "devices", "devices": [own.to_string(), third.to_string()] }),
                vec![1, 3],
            ),
            (json!({ "platform": "android" }), vec![]),
        ] {
            lab.fakes.apns_sandbox().book().forget();
            let id = enter(&lab, &target);
            soon(|| shown(&lab, id)["state"] == "completed");
            soon(|| lab.sandbox().len() >= tokens.len());
            let wanted: Vec<String> = tokens.into_iter().map(token).collect();
            assert_eq!(targets(&lab.sandbox()), wanted, "{target}");
        }
    }
}

#[test]
fn the_managers_tables_show_applications_devices_and_notifications() {
    for lab in Lab::each("") {
        let code = "Big-Shop";
        done(
            &lab,
            "put",
            "apps",
            &json!({ "app": code, "name": "Shop", "description": "Our shop" }),
        );
        let credentials = lab.fakes.line()["credentials"].clone();
        done(
            &lab,
            "put",
            "credentials",
            &json!({ "app": code, "credentials": credentials }),
        );
        let app = get(&lab, "apps", &format!("app={code}"))["apps"][0].clone();
        assert_eq!(
            (&app["code"], &app["description"], &app["platforms"]),
            (
                &json!("big-shop"),
                &json!("Our shop"),
                &json!(["ios", "android"])
            ),
            "{app}"
        );
        assert!(!app.to_string().contains("PRIVATE KEY"));
        let path = format!(
            "/put/push/register?token={}&appcode=BIG-SHOP&platform=ios&ios_badge=0",
            token(1)
        );
        for hits in 1..=2 {
            assert_eq!(lab.node.endpoint("free").get(&path).json()["status"], "ok");
            let device = get(&lab, "devices", &format!("app={code}"))["devices"][0].clone();
            assert_eq!(
                (
                    &device["token"],
                    &device["app"],
                    &device["platform"],
                    &device["hits"]
                ),
                (
                    &json!(token(1)),
                    &json!("big-shop"),
                    &json!("ios"),
                    &json!(hits)
                )
            );
            assert_eq!(
                (&device["ios_alert"], &device["ios_badge"]),
                (&json!(true), &json!(false))
            );
            assert!(device["last_request"].is_string());
            assert_eq!(
                (&device["push_hits"], &device["last_push"]),
                (&json!(0), &Value::Null)
            );
        }
        let id = enter(
            &lab,
            &json!({ "app": code, "context": "spring", "payload": { "a": 1 } }),
        );
        soon(|| shown(&lab, id)["deliveries"]["accepted"] == 1);
        let device = get(&lab, "devices", &format!("app={code}"))["devices"][0].clone();
        assert_eq!(device["push_hits"], 1, "{device}");
        assert!(device["last_push"].is_string());
        let one = shown(&lab, id);
        assert_eq!(
            (
                &one["app"],
                &one["context"],
                &one["audience"],
                &one["platform"]
            ),
            (
                &json!("big-shop"),
                &json!("spring"),
                &json!("all"),
                &Value::Null
            )
        );
        assert_eq!(one["message"]["title"], "Hello");
        for member in ["scheduled", "last_run", "last_device_id"] {
            assert!(!one[member].is_null(), "{member}: {one}");
        }
        // The managers are the operator's, and those of a key that may.
        let plain = lab.node.endpoint("key").with_key(&lab.plain_key());
        for resource in ["apps", "devices", "notifications"] {
            let refused = plain.get(&format!("/get/push/{resource}")).json();
            assert_eq!(refused["error_code"], "REQ_AKN", "{resource}: {refused}");
        }
    }
}

#[test]
fn the_statistics_are_asked_for_in_every_form() {
    for lab in Lab::each("") {
        let free = lab.node.endpoint("free");
        let form = [("action", "get"), ("module", "push"), ("resource", "stats")];
        let selected = json!({ "action": "get", "module": "push", "resource": "stats" });
        let answers = [
            free.get("/get/push/stats"),
            free.get("?action=get&module=push&resource=stats"),
            free.get("/?module=push&resource=stats&action=get"),
            free.post_form("", &form),
            free.post_json("", &selected),
            free.post_form("/get/push/stats", &[]),
            lab.node.endpoint("semantic").get("/push/stats"),
            lab.node.endpoint("semantic").get("/get/push/stats"),
        ];
        for (number, answer) in answers.iter().enumerate() {
            let told = answer.json();
            assert_eq!(
                (&told["status"], &told["stats"]),
                (&json!("ok"), &json!("yes")),
                "form {number}: {told}"
            );
            assert_eq!(told["apps"], 3, "the demo has one an interface: {told}");
        }
    }
}
