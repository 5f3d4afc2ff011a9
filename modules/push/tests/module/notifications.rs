//! Notifications, their states, and what became of them.

use serde_json::json;

use crate::shop::Shop;

#[test]
fn a_notification_is_kept_with_its_message_audience_and_time() {
    for shop in Shop::each() {
        let id = shop.held(&json!({
            "title": "Hello", "body": "World", "data": { "page": 3 }, "content": { "badge": 2 },
            "platform": "ios", "topics": ["news"], "scheduled": "2030-01-01 10:00:00", "context": "spring",
        }));
        let shown = shop.get("notifications").with("id", id.to_string()).json();
        let one = &shown["notifications"][0];
        assert_eq!(
            one["message"],
            json!({ "title": "Hello", "body": "World", "data": { "page": 3 }, "badge": 2 })
        );
        assert_eq!(one["audience"], json!({ "topics": ["news"] }));
        assert_eq!(
            (&one["app"], &one["platform"]),
            (&json!("shop"), &json!("ios"))
        );
        assert_eq!(
            (&one["scheduled"], &one["context"]),
            (&json!("2030-01-01 10:00:00"), &json!("spring"))
        );
        assert_eq!(
            (&one["status"], &one["state"]),
            (&json!(-1), &json!("paused"))
        );
    }
}

#[test]
fn a_message_of_jbackend_has_the_members_that_its_clients_look_for() {
    for shop in Shop::each() {
        let id =
            shop.held(&json!({ "title": "Hello", "message": "World", "payload": { "page": 3 } }));
        let shown = shop.get("notifications").with("id", id.to_string()).json();
        let message = &shown["notifications"][0]["message"];
        assert_eq!(
            (&message["title"], &message["body"]),
            (&json!("Hello"), &json!("World"))
        );
        assert_eq!(
            (&message["sound"], &message["data"]),
            (&json!("default"), &json!({ "data": { "page": 3 } }))
        );
        assert_eq!(
            message["platforms"]["android"]["data"],
            json!({ "title": "Hello", "message": "World", "icon": "icon", "data": { "page": 3 } })
        );
    }
}

#[test]
fn every_target_is_kept_as_it_was_meant_and_two_are_refused() {
    for shop in Shop::each() {
        let device = shop.device("a", shop.ada);
        let audience = |members: serde_json::Value| {
            let mut all = json!({ "title": "x" });
            let given = members.as_object().expect("an object").clone();
            all.as_object_mut().expect("an object").extend(given);
            let id = shop.held(&all);
            let shown = shop.get("notifications").with("id", id.to_string()).json();
            shown["notifications"][0]["audience"].clone()
        };
        assert_eq!(audience(json!({})), "all");
        assert_eq!(
            audience(json!({ "target": "users", "users": [3, 4] })),
            json!({ "users": [3, 4] })
        );
        assert_eq!(audience(json!({ "groups": [8] })), json!({ "groups": [8] }));
        assert_eq!(
            audience(json!({ "people": ["ada"] })),
            json!({ "people": ["ada"] })
        );
        assert_eq!(
            audience(json!({ "devices": [device.to_string()] })),
            json!({ "devices": [device] })
        );
        let query = json!({ "field": "language", "operator": "eq", "value": "de" });
        assert_eq!(
            audience(json!({ "query": query })),
            json!({ "query": query })
        );
        let post = || {
            shop.post("notifications")
                .with("app", "shop")
                .with("title", "x")
                .with("paused", true)
        };
        assert_eq!(
            post()
                .with("users", json!([1]))
                .with("topics", json!(["a"]))
                .fault(),
            "REQ_PNV"
        );
        assert_eq!(post().with("target", "users").fault(), "REQ_PNV");
        assert_eq!(post().with("devices", json!(["nobody"])).fault(), "PSH_DUN");
        assert_eq!(
            post()
                .with(
                    "query",
                    json!({ "field": "token_digest", "operator": "eq", "value": "x" })
                )
                .fault(),
            "REQ_PNV"
        );
    }
}

#[test]
fn what_cannot_be_said_is_refused_with_the_member() {
    for shop in Shop::each() {
        let post = || {
            shop.post("notifications")
                .with("app", "shop")
                .with("paused", true)
        };
        assert_eq!(post().fault(), "PSH_MNV");
        for (content, says) in [
            (json!({ "tittle": "y" }), "unknown field `tittle`"),
            (
                json!({ "localised": { "fr": { "titel": "y" } } }),
                "`localised.fr`: `message`: unknown field `titel`",
            ),
            (
                json!({ "localised": { "fr": { "title": null } } }),
                "`localised.fr`: for ios it must have a title",
            ),
            (
                json!({ "localised": ["fr"] }),
                "`localised` is not an object",
            ),
            (
                json!({ "platforms": { "iso": {} } }),
                "`platforms.iso`: there is no such platform",
            ),
            (
                json!({ "platforms": { "ios": "y" } }),
                "`platforms.ios` is not an object",
            ),
            (
                json!({ "badge": "+1" }),
                "`badge` is a whole number, or `{\"increase\":1}`",
            ),
        ] {
            let answer = post().with("title", "x").with("content", content).json();
            let told = answer["error_description"].as_str();
            assert!(told.is_some_and(|text| text.contains(says)), "{answer}");
        }
        assert_eq!(
            post()
                .with("title", "x")
                .with("expires", "2001-01-01 00:00:00")
                .fault(),
            "REQ_PNV"
        );
        assert_eq!(
            post().with("title", "x").with("app", "none").fault(),
            "PSH_AUN"
        );
    }
}

#[test]
fn a_request_that_comes_twice_enters_one_notification() {
    for shop in Shop::each() {
        let post = || {
            let call = shop
                .post("notifications")
                .with("app", "shop")
                .with("title", "x")
                .with("paused", true);
            call.header("idempotency-key", "k1").json()
        };
        assert_eq!(post()["notification"]["id"], post()["notification"]["id"]);
        let all = shop.get("notifications").json();
        assert_eq!(all["notifications"].as_array().map(Vec::len), Some(1));
    }
}

#[test]
fn the_buttons_change_the_state_of_those_that_were_chosen() {
    for shop in Shop::each() {
        let later = json!({ "title": "x", "scheduled": "2030-01-01 10:00:00" });
        let (one, two) = (shop.held(&later), shop.held(&later));
        let press = |button: &str| {
            let answer = shop
                .post(button)
                .with("ids", json!([one.to_string()]))
                .json();
            answer["notifications"][0]["state"].clone()
        };
        assert_eq!(press("schedule"), "scheduled");
        assert_eq!(press("pause"), "paused");
        assert_eq!(press("unlock"), "paused");
        assert_eq!(press("abort"), "aborted");
        let listed = shop.get("notifications").json();
        assert_eq!(
            listed["notifications"][0]["id"], two,
            "an aborted one is not shown"
        );
        assert_eq!(listed["notifications"].as_array().map(Vec::len), Some(1));
        let aborted = shop.get("notifications").with("state", "aborted").json();
        assert_eq!(aborted["notifications"][0]["id"], one);
        assert_eq!(
            shop.post("pause").with("ids", json!(["99"])).fault(),
            "PSH_NUN"
        );
    }
}

#[test]
fn why_a_device_got_nothing_is_told() {
    for shop in Shop::each() {
        let device = shop.device("a", shop.ada);
        let to_others = shop.held(&json!({ "title": "x", "users": [shop.bob] }));
        let why = shop.get("why").with("device", "a").json();
        assert_eq!(why["device"]["id"], device);
        assert!(
            why["always"][0]
                .as_str()
                .is_some_and(|text| text.contains("credentials")),
            "{why}"
        );
        let verdict = &why["notifications"][0];
        assert_eq!(
            (&verdict["notification_id"], &verdict["state"]),
            (&json!(to_others), &json!("none"))
        );
        assert!(
            verdict["because"]
                .as_str()
                .is_some_and(|text| text.contains("audience")),
            "{why}"
        );
        shop.put("apps")
            .with("app", "shop")
            .with("state", "disabled")
            .json();
        shop.put("devices")
            .with("id", device.to_string())
            .with("state", "inactive")
            .json();
        let why = shop.get("why").with("device", device.to_string()).json();
        let always = why["always"].as_array().expect("sentences");
        assert!(always.len() >= 3, "{why}");
        assert_eq!(shop.get("why").with("device", "nobody").fault(), "PSH_DUN");
    }
}

#[test]
fn a_receipt_of_what_was_never_sent_is_not_counted() {
    for shop in Shop::each() {
        let device = shop.device("a", shop.ada).to_string();
        let device =
            shop.get("devices").with("id", device).json()["devices"][0]["public_id"].clone();
        let id = shop.held(&json!({ "title": "x" })).to_string();
        let notification = shop.get("notifications").with("id", id).json();
        let notification = notification["notifications"][0]["public_id"].clone();
        let receipt = |device: serde_json::Value| {
            let call = shop.host.call("post", "receipts").with("kind", "opened");
            call.with("notification", notification.clone())
                .with("device", device)
                .json()
        };
        assert_eq!(receipt(device)["counted"], false);
        assert_eq!(receipt(json!("nobody"))["error_code"], "PSH_DUN");
    }
}

#[test]
fn the_ledger_is_shown_to_who_may_see_it() {
    for shop in Shop::each() {
        let device = shop.device("a", shop.ada).to_string();
        let id = shop.held(&json!({ "title": "x" })).to_string();
        assert_eq!(
            shop.get("deliveries")
                .with("notification", id.clone())
                .json()["deliveries"],
            json!([])
        );
        let of = |user: i64| {
            let call = shop.host.call("get", "deliveries").as_user(user);
            call.with("device", device.clone()).json()
        };
        assert_eq!(of(shop.ada)["deliveries"], json!([]));
        assert_eq!(of(shop.bob)["error_code"], "PSH_DUN");
        let all = shop
            .host
            .call("get", "deliveries")
            .as_user(shop.ada)
            .with("notification", id.clone());
        assert_eq!(all.fault(), "REQ_PNV");
        let resent = shop
            .post("resend")
            .with("notification", id)
            .with("state", "unknown")
            .json();
        assert_eq!(resent["queued"], 0);
    }
}
