//! Devices: those of everybody for who keeps them, his own for each.

use serde_json::json;

use crate::shop::{Shop, tokens};

#[test]
fn an_account_sees_and_changes_its_own_devices_and_no_others() {
    for shop in Shop::each() {
        let own = shop.device("a", shop.ada);
        let other = shop.device("b", shop.bob);
        let get = || shop.host.call("get", "devices").as_user(shop.ada);
        assert_eq!(tokens(&get().json()), ["a"]);
        assert_eq!(tokens(&get().with("user_id", shop.bob).json()), ["a"]);
        assert_eq!(tokens(&get().with("token", "b").json()), [] as [&str; 0]);
        assert_eq!(get().with("id", other.to_string()).fault(), "PSH_DUN");
        let put = |id: i64| {
            shop.host
                .call("put", "devices")
                .as_user(shop.ada)
                .with("id", id.to_string())
        };
        assert_eq!(put(other).with("language", "de").fault(), "PSH_DUN");
        assert_eq!(
            put(own).with("language", "de").json()["device"]["language"],
            "de"
        );
        let delete = |id: i64| {
            shop.host
                .call("delete", "devices")
                .as_user(shop.ada)
                .with("id", id.to_string())
        };
        assert_eq!(delete(other).fault(), "PSH_DUN");
        assert_eq!(delete(own).json()["id"], own);
        assert_eq!(tokens(&shop.get("devices").json()), ["b"]);
        assert_eq!(shop.host.call("get", "devices").fault(), "REQ_AUR");
    }
}

#[test]
fn devices_are_found_by_what_they_are() {
    for shop in Shop::each() {
        let first = shop.device("a", shop.ada);
        shop.device("b", shop.bob);
        shop.register("c").with("platform", "android").json();
        let found = |name: &str, value: &str| tokens(&shop.get("devices").with(name, value).json());
        assert_eq!(found("platform", "android"), ["c"]);
        assert_eq!(found("user", &shop.ada.to_string()), ["a"]);
        assert_eq!(found("app", "shop"), ["a", "b", "c"]);
        let retired = shop
            .put("devices")
            .with("id", first.to_string())
            .with("state", "retired")
            .with("reason", "lost");
        let retired = retired.json();
        assert_eq!(retired["device"]["retired_reason"], "lost", "{retired}");
        assert_eq!(found("state", "retired"), ["a"]);
        assert_eq!(found("state", "active"), ["b", "c"]);
        shop.register("a").json();
        assert_eq!(
            found("state", "retired"),
            [] as [&str; 0],
            "who registers again lives again"
        );
        let page = shop.get("devices").with("limit", 2).json();
        assert_eq!(tokens(&page), ["a", "b"]);
        let next = shop
            .get("devices")
            .with("limit", 2)
            .with("after", page["next"].clone())
            .json();
        assert_eq!(tokens(&next), ["c"]);
    }
}

#[test]
fn many_devices_are_registered_and_unregistered_with_one_call() {
    for shop in Shop::each() {
        let given = json!([
            { "token": "a", "platform": "ios", "topics": ["news"], "user": "ada" },
            { "token": "b", "platform": "symbian" },
            { "token": "", "platform": "ios" },
            { "token": "c", "platform": "ANDROID", "colour": "red" },
            { "token": "d", "platform": "android" },
        ]);
        let answer = shop
            .post("devices")
            .with("app", "shop")
            .with("devices", given)
            .json();
        assert_eq!(answer["registered"], 2, "{answer}");
        let error = |place: usize| {
            answer["devices"][place]["error"]
                .as_str()
                .unwrap_or_default()
                .to_owned()
        };
        assert!(error(1).contains("platform"), "{answer}");
        assert!(error(2).contains("token"), "{answer}");
        assert!(error(3).contains("colour"), "{answer}");
        assert_eq!(
            tokens(&shop.get("devices").with("topic", "news").json()),
            ["a"]
        );
        let gone = shop
            .post("unregister")
            .with("app", "shop")
            .with("tokens", json!(["a", "x", "d", "d"]));
        assert_eq!(gone.json()["unregistered"], 2);
        assert_eq!(tokens(&shop.get("devices").json()), [] as [&str; 0]);
    }
}

#[test]
fn topics_are_subscribed_to_and_left() {
    for shop in Shop::each() {
        let id = shop.device("a", shop.ada).to_string();
        let change = |resource: &str, topics: &[&str]| {
            let call = shop
                .host
                .call("post", resource)
                .as_user(shop.ada)
                .with("device", id.clone());
            call.with("topics", json!(topics)).json()
        };
        assert_eq!(
            change("subscribe", &["news", "sport"])["topics"],
            json!(["news", "sport"])
        );
        assert_eq!(
            change("subscribe", &["news"])["topics"],
            json!(["news", "sport"])
        );
        assert_eq!(
            change("unsubscribe", &["news", "none"])["topics"],
            json!(["sport"])
        );
        assert_eq!(change("subscribe", &[""])["error_code"], "REQ_PNV");
        let topics = shop.get("topics").with("app", "shop").json();
        assert_eq!(
            topics["topics"],
            json!([{ "topic": "sport", "devices": 1 }])
        );
        let foreign = shop
            .host
            .call("post", "subscribe")
            .as_user(shop.bob)
            .with("device", id.clone());
        assert_eq!(foreign.with("topics", json!(["news"])).fault(), "PSH_DUN");
    }
}

#[test]
fn a_person_says_what_he_wants_to_be_spared() {
    for shop in Shop::each() {
        shop.device("a", shop.ada);
        let put = || {
            shop.host
                .call("put", "preferences")
                .as_user(shop.ada)
                .with("app", "shop")
        };
        let set = put()
            .with("quiet_from", "22:00")
            .with("quiet_to", "07:00")
            .with("opted_out", json!(["ads"]))
            .json();
        assert_eq!(
            (&set["quiet_from"], &set["opted_out"]),
            (&json!("22:00"), &json!(["ads"]))
        );
        let later = put().with("quiet_to", "08:00").json();
        assert_eq!(
            (&later["quiet_from"], &later["quiet_to"]),
            (&json!("22:00"), &json!("08:00"))
        );
        assert_eq!(put().with("quiet_from", "25:00").fault(), "REQ_PNV");
        assert_eq!(put().with("user", shop.bob.to_string()).fault(), "REQ_PNV");
        let muted = put()
            .with("muted_until", "2030-01-01 00:00:00")
            .with("quiet_from", json!(null))
            .json();
        assert_eq!(
            (&muted["quiet_from"], &muted["muted_until"]),
            (&json!(null), &json!("2030-01-01 00:00:00"))
        );
        let shown = shop
            .get("preferences")
            .with("app", "shop")
            .with("user", shop.ada.to_string())
            .json();
        assert_eq!(shown["opted_out"], json!(["ads"]), "{shown}");
    }
}

#[test]
fn what_is_kept_of_a_person_is_exported_and_erased() {
    for shop in Shop::each() {
        shop.device("a", shop.ada);
        shop.device("b", shop.bob);
        let export = || shop.get("person").with("user", shop.ada).json();
        assert_eq!(tokens(&export()), ["a"]);
        let erase = || {
            shop.host
                .call("delete", "person")
                .as_operator()
                .with("user", shop.ada)
                .json()
        };
        assert_eq!(erase()["devices"], 1);
        assert_eq!(erase()["devices"], 0);
        assert_eq!(tokens(&export()), [] as [&str; 0]);
        assert_eq!(tokens(&shop.get("devices").json()), ["b"]);
    }
}
