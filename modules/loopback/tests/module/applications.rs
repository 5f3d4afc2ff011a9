//! Applications over LoopBack's routes.

use serde_json::{Value, json};

use crate::console::{Console, answer, error, with_body};

/// A key that no vendor knows.
const KEY: &str = include_str!("key.p8");

#[test]
fn an_application_is_made_with_keys_a_status_and_dates() {
    for console in Console::each() {
        let made = console.done(
            "POST",
            "/applications",
            &json!({ "name": "Demo", "owner": "u1", "icon": "/i.png" }),
        );
        let id = made["id"].as_str().expect("an id");
        assert_eq!(id.len(), 32, "{made}");
        for key in [
            "clientKey",
            "javaScriptKey",
            "restApiKey",
            "windowsKey",
            "masterKey",
        ] {
            assert_eq!(made[key].as_str().map(str::len), Some(40), "{key}: {made}");
        }
        assert_eq!(
            (&made["status"], &made["owner"]),
            (&json!("sandbox"), &json!("u1"))
        );
        assert!(
            made["created"]
                .as_str()
                .is_some_and(|time| time.ends_with('Z')),
            "{made}"
        );
        let read = console.done("GET", &format!("/applications/{id}"), &Value::Null);
        assert_eq!(read, made);
    }
}

#[test]
fn secrets_of_push_settings_are_in_no_answer() {
    for console in Console::each() {
        let settings = json!({
            "apns": { "production": false, "bundle": "org.example", "keyData": "SECRET1",
                      "token": { "keyId": "ABC123DEFG", "teamId": "DEF123GHIJ", "key": KEY } },
            "gcm": { "serverApiKey": "SECRET2" },
        });
        let given = json!({ "id": "app", "name": "Demo", "pushSettings": settings });
        let made = console.done("POST", "/applications", &given);
        let read = console.done("GET", "/applications/app", &Value::Null);
        let changed = console.done("PATCH", "/applications/app", &json!({ "description": "x" }));
        for shown in [&made, &read, &changed] {
            let text = shown.to_string();
            assert!(
                !text.contains("SECRET") && !text.contains("PRIVATE KEY"),
                "{shown}"
            );
            assert_eq!(shown["pushSettings"]["apns"]["bundle"], "org.example");
            assert_eq!(
                shown["pushSettings"]["apns"]["token"]["keyId"],
                "ABC123DEFG"
            );
            assert_eq!(shown["sealedSettings"], Value::Null);
        }
    }
}

#[test]
fn a_second_registration_with_the_same_id_changes_the_first() {
    for console in Console::each() {
        let first = console.done(
            "PUT",
            "/applications",
            &json!({ "id": "demo", "name": "One" }),
        );
        let second = console.done(
            "PUT",
            "/applications",
            &json!({ "id": "demo", "name": "Two", "pushSettings": { "gcm": {} } }),
        );
        assert_eq!(
            (&second["name"], &second["id"]),
            (&json!("Two"), &json!("demo"))
        );
        assert_eq!(
            second["clientKey"], first["clientKey"],
            "keys are made once"
        );
        assert_eq!(
            console.done("GET", "/applications/count", &Value::Null),
            json!({ "count": 1 })
        );
        let patched = console.done(
            "PATCH",
            "/applications",
            &json!({ "id": "demo", "description": "d" }),
        );
        assert_eq!(
            (&patched["name"], &patched["description"]),
            (&json!("Two"), &json!("d"))
        );
    }
}

#[test]
fn an_application_without_a_name_is_refused_as_loopback_does() {
    for console in Console::each() {
        let (status, body) = console.ask("POST", "/applications", &json!({ "description": "x" }));
        assert_eq!(status, 422);
        assert_eq!(error(&body, "name"), "ValidationError");
        assert_eq!(
            error(&body, "message"),
            "The `Application` instance is not valid. Details: `name` can't be blank (value: undefined)."
        );
        assert_eq!(
            error(&body, "details")["codes"],
            json!({ "name": ["presence"] })
        );
        let (status, body) = console.ask(
            "POST",
            "/applications",
            &json!({ "name": "x", "pushSettings": [] }),
        );
        assert_eq!(
            (status, error(&body, "name")),
            (422, &json!("ValidationError"))
        );
        let (status, body) = console.ask(
            "POST",
            "/applications",
            &json!({ "name": "x", "status": "odd" }),
        );
        assert_eq!(
            (status, error(&body, "name")),
            (422, &json!("ValidationError"))
        );
    }
}

#[test]
fn only_keys_that_manage_see_applications() {
    for console in Console::each() {
        console.application("demo");
        for (method, path) in [
            ("GET", "/applications"),
            ("GET", "/applications/demo"),
            ("DELETE", "/applications/demo"),
        ] {
            let (status, body) = answer(console.host.route(method, path));
            assert_eq!(
                (status, error(&body, "code")),
                (401, &json!("AUTHORIZATION_REQUIRED")),
                "{path}"
            );
            let (status, body) = answer(console.request(&["push.send"], method, path));
            assert_eq!(
                (status, error(&body, "code")),
                (403, &json!("ACCESS_DENIED")),
                "{path}"
            );
        }
        let post = console.request(&["push.manage"], "POST", "/applications");
        let (status, _) = answer(with_body(post, &json!({ "name": "x", "api_key": "K" })));
        assert_eq!(status, 200);
        let all = console.done("GET", "/applications", &Value::Null);
        assert!(!all.to_string().contains("api_key"), "{all}");
    }
}

#[test]
fn an_application_goes_when_it_has_no_installations() {
    for console in Console::each() {
        console.application("demo");
        let id = console
            .installation(&json!({ "appId": "demo", "deviceToken": "t", "deviceType": "ios" }));
        assert_eq!(
            console.ask("DELETE", "/applications/demo", &Value::Null).0,
            422
        );
        console.done("DELETE", &format!("/installations/{id}"), &Value::Null);
        assert_eq!(
            console.done("DELETE", "/applications/demo", &Value::Null),
            json!({ "count": 1 })
        );
        assert_eq!(
            console.done("DELETE", "/applications/demo", &Value::Null),
            json!({ "count": 0 })
        );
    }
}
