//! Changes of records, as they happen.

use loggia_tests::events::Events;
use serde_json::{Value, json};

use super::lab::{Lab, token};

/// Listens to a model.
fn listen(lab: &Lab, method: &str, path: &str, key: &str) -> Result<Events, String> {
    let path = lab.node.fact("/loopback/base") + path;
    let key = format!("api_key {key}");
    Events::open(
        &lab.node.fact("/url"),
        (method, &path),
        &[("Authorization", &key)],
    )
}

/// The next change, which must be of the type that LoopBack's clients listen to.
fn change(events: &mut Events) -> Value {
    let event = events.event();
    assert_eq!(event.kind, "data");
    serde_json::from_str(&event.data).expect("it is JSON")
}

#[test]
fn who_listens_to_a_model_is_told_what_is_made_changed_and_deleted() {
    for lab in Lab::each("") {
        let key = lab.node.fact("/keys/unlimited");
        // Nobody is told of this one, for nobody listens yet.
        lab.install(&token(1), "ios", "u1");
        let mut listening = ["GET", "POST"].map(|method| {
            listen(&lab, method, "/installations/change-stream", &key).expect("a stream")
        });
        let id = lab.install(&token(2), "ios", "u1");
        lab.install(&token(2), "ios", "u2");
        lab.done(
            "PATCH",
            &format!("/installations/{id}"),
            &json!({ "badge": 4 }),
        );
        lab.done("DELETE", &format!("/installations/{id}"), &Value::Null);
        for events in &mut listening {
            let made = change(events);
            assert_eq!(
                (&made["type"], &made["target"]),
                (&json!("create"), &json!(id))
            );
            assert_eq!(made["data"]["deviceToken"], token(2));
            for (member, value) in [("userId", json!("u2")), ("badge", json!(4))] {
                let changed = change(events);
                assert_eq!(
                    (&changed["type"], &changed["target"]),
                    (&json!("update"), &json!(id))
                );
                assert_eq!(changed["data"][member], value, "{changed}");
            }
            let gone = change(events);
            assert_eq!(
                (&gone["type"], &gone["where"]),
                (&json!("remove"), &json!({ "id": id }))
            );
        }
    }
}

#[test]
fn installations_that_sending_makes_and_that_another_takes_the_place_of_are_told_too() {
    for lab in Lab::each("") {
        lab.configure(false);
        let key = lab.node.fact("/keys/unlimited");
        let kept = lab.install(&token(1), "ios", "u1");
        let given_up = lab.install(&token(2), "ios", "u1");
        let mut events =
            listen(&lab, "GET", "/installations/change-stream", &key).expect("a stream");
        let given = json!({
            "appId": lab.app(), "deviceType": "ios", "deviceTokens": [token(1), token(3), token(3)],
            "notification": { "alert": "x" },
        });
        assert_eq!(lab.done("POST", "/notify", &given)["count"], 2);
        let made = change(&mut events);
        let whole = json!({ "appId": lab.app(), "deviceToken": token(3), "deviceType": "ios" });
        assert_eq!(made["type"], "create");
        for (name, value) in whole.as_object().expect("an object") {
            assert_eq!(&made["data"][name], value, "{made}");
        }
        // The vendor has given the device the token that another one had.
        let renamed = json!({ "deviceToken": token(2) });
        lab.done("PATCH", &format!("/installations/{kept}"), &renamed);
        let gone = change(&mut events);
        let whole = json!({ "type": "remove", "target": given_up, "where": { "id": given_up } });
        assert_eq!(gone, whole);
        let changed = change(&mut events);
        assert_eq!(
            (&changed["type"], &changed["target"]),
            (&json!("update"), &json!(kept))
        );
        assert_eq!(changed["data"]["deviceToken"], token(2));
    }
}

#[test]
fn the_keys_of_an_application_are_told_to_nobody_who_listens() {
    for lab in Lab::each("") {
        let key = lab.node.fact("/keys/unlimited");
        let mut events =
            listen(&lab, "GET", "/applications/change-stream", &key).expect("a stream");
        let made = lab.done("POST", "/applications", &json!({ "name": "Other" }));
        let id = made["id"].as_str().expect("an id");
        let reset = lab.done("POST", &format!("/applications/{id}/resetKeys"), &json!({}));
        for answered in [&made, &reset] {
            let told = change(&mut events);
            assert_eq!(told["data"]["name"], "Other");
            for name in [
                "clientKey",
                "javaScriptKey",
                "restApiKey",
                "windowsKey",
                "masterKey",
            ] {
                let secret = answered[name].as_str().expect("the answer has it");
                assert_eq!(secret.len(), 40);
                assert!(!told.to_string().contains(secret), "{name}: {told}");
                assert_eq!(told["data"].get(name), None);
            }
        }
    }
}

#[test]
fn applications_and_notifications_are_listened_to_by_who_may_see_them() {
    for lab in Lab::each("") {
        let key = lab.node.fact("/keys/unlimited");
        let plain = lab.plain_key();
        for (path, given) in [
            ("/applications", json!({ "name": "Other" })),
            (
                "/notifications",
                json!({ "deviceType": "ios", "deviceToken": "t", "alert": "x" }),
            ),
        ] {
            let stream = format!("{path}/change-stream");
            let refused = listen(&lab, "GET", &stream, &plain).err();
            assert!(
                refused.is_some_and(|status| status.contains(" 403 ")),
                "{path}"
            );
            let mut events = listen(&lab, "GET", &stream, &key).expect("a stream");
            let made = lab.done("POST", path, &given);
            assert_eq!(change(&mut events)["data"]["id"], made["id"]);
        }
    }
}
