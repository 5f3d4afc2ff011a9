//! Sending over LoopBack's routes: who may, what is refused before anything is sent, and what is entered.

use loggia_testkit::TestRoute;
use serde_json::{Value, json};

use crate::console::{Console, answer, error, escaped, with_body};

fn push<'h>(
    console: &'h Console,
    scopes: &[&str],
    condition: &Value,
    body: &Value,
) -> TestRoute<'h> {
    let path = format!("/push?deviceQuery={}", escaped(condition));
    with_body(console.request(scopes, "POST", &path), body)
}

#[test]
fn only_keys_for_it_send_and_only_keys_that_may_tell_everybody() {
    for console in Console::each() {
        let hello = json!({ "alert": "Hello" });
        let one = json!({ "userId": "u1" });
        assert_eq!(answer(push(&console, &[], &one, &hello)).0, 403);
        assert_eq!(
            answer(push(&console, &["push.send"], &one, &hello)),
            (200, json!({})),
            "nobody is meant"
        );
        for everybody in [
            json!({}),
            json!({ "userId": { "neq": "x" } }),
            json!({ "or": [{ "userId": "u1" }, {}] }),
        ] {
            let (status, body) = answer(push(&console, &["push.send"], &everybody, &hello));
            assert_eq!(
                (status, error(&body, "code")),
                (403, &json!("ACCESS_DENIED")),
                "{everybody}"
            );
            let both = ["push.send", "push.broadcast"];
            assert_eq!(
                answer(push(&console, &both, &everybody, &hello)),
                (200, json!({})),
                "{everybody}"
            );
        }
        let without = with_body(console.request(&["push.send"], "POST", "/push"), &hello);
        assert_eq!(answer(without).0, 403);
    }
}

#[test]
fn what_cannot_be_understood_or_says_nothing_is_refused() {
    for console in Console::each() {
        let one = json!({ "userId": "u1" });
        assert_eq!(
            console
                .ask("POST", "/push?deviceQuery=%7B", &json!({ "alert": "x" }))
                .0,
            400
        );
        let (status, body) = answer(push(&console, &["*"], &one, &json!({})));
        assert_eq!(
            (status, error(&body, "name")),
            (422, &json!("ValidationError"))
        );
        let (status, body) = answer(push(
            &console,
            &["*"],
            &one,
            &json!({ "alert": "x", "expirationInterval": "soon" }),
        ));
        assert_eq!(
            (status, &error(&body, "details")["codes"]),
            (422, &json!({ "expirationInterval": ["numericality"] }))
        );
    }
}

#[test]
fn each_mistake_of_the_configuration_has_its_own_error() {
    for console in Console::each() {
        console.application("bare");
        let settings =
            |apns: Value| json!({ "id": "half", "name": "Half", "pushSettings": { "apns": apns } });
        console.done("PUT", "/applications", &settings(json!({ "bundle": "b" })));
        let hello = json!({ "alert": "Hello" });
        let id = |app: &str, kind: &str| {
            let token = format!("{app}{kind}");
            console.installation(&json!({ "appId": app, "deviceToken": token, "deviceType": kind }))
        };
        let said = |id: &str| {
            let (status, body) = console.ask("POST", &format!("/notify/{id}"), &hello);
            (
                status,
                error(&body, "message")
                    .as_str()
                    .unwrap_or_default()
                    .to_owned(),
                body,
            )
        };
        let (status, message, body) = said("nobody");
        assert_eq!(
            (status, message.as_str()),
            (404, "Installation id nobody not found")
        );
        assert_eq!(
            error(&body, "details"),
            &json!({ "installationId": "nobody" })
        );
        let (status, message, body) = said(&id("bare", "ios"));
        assert_eq!(
            (status, message.as_str()),
            (
                422,
                "No push settings configured for application \"bare\" (id: \"bare\")"
            )
        );
        assert_eq!(
            error(&body, "details"),
            &json!({ "application": { "id": "bare", "name": "bare" } })
        );
        let (status, message, body) = said(&id("bare", "generic"));
        assert_eq!(
            (status, message.as_str()),
            (
                422,
                "There is no provider registered for deviceType generic"
            )
        );
        assert_eq!(error(&body, "details"), &json!({ "deviceType": "generic" }));
        let half = id("half", "ios");
        for (apns, missing) in [
            (json!({ "bundle": "b" }), "apns.token is"),
            (json!({ "token": {} }), "apns.bundle is"),
            (json!({ "token": {}, "bundle": "b" }), "apns.token.keyId is"),
            (
                json!({ "token": { "keyId": "k" }, "bundle": "b" }),
                "apns.token.key is",
            ),
            (
                json!({ "token": { "keyId": "k", "key": "x" }, "bundle": "b" }),
                "apns.token.teamId is",
            ),
        ] {
            console.done("PATCH", "/applications/half", &settings(apns));
            let (status, message, _) = said(&half);
            assert_eq!(status, 422);
            assert!(message.contains(missing), "{missing}: {message}");
        }
        console.done(
            "PATCH",
            "/applications/half",
            &json!({ "status": "disabled" }),
        );
        assert!(said(&half).1.contains("disabled"));
    }
}

#[test]
fn tokens_are_a_list_and_their_application_is_known() {
    for console in Console::each() {
        console.application("demo");
        let send = |app: &str, tokens: Value| {
            console.ask("POST", "/notify", &json!({
                "appId": app, "deviceType": "ios", "deviceTokens": tokens, "notification": { "alert": "x" },
            }))
        };
        for wrong in [json!("t"), json!([]), json!([1])] {
            let (status, body) = send("demo", wrong);
            assert_eq!(
                (status, error(&body, "message")),
                (400, &json!("deviceTokens must be an array"))
            );
        }
        assert_eq!(send("other", json!(["t"])).0, 404);
        let (status, body) = send("demo", json!(["t"]));
        assert_eq!(status, 422, "it has no push settings: {body}");
        assert_eq!(
            console.done("GET", "/installations/count", &Value::Null),
            json!({ "count": 0 }),
            "nothing was registered"
        );
    }
}
