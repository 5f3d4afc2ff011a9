//! Refusals, whoever words them: LoopBack's error object.

use loggia_tests::client::Answer;
use loggia_tests::client::escaped;
use serde_json::{Value, json};

use super::lab::{Lab, token};
use crate::fixture;

/// The object `error` of a refusal, which clients of LoopBack read.
fn error(answer: &Answer, status: u16) -> Value {
    assert_eq!(answer.status, status, "{}", answer.text());
    let media = answer.header("content-type").unwrap_or_default();
    assert!(media.starts_with("application/json"), "{media}");
    let error = answer.json()["error"].clone();
    assert_eq!(error["statusCode"], status, "{error}");
    for member in ["name", "message"] {
        assert!(
            error[member].as_str().is_some_and(|text| !text.is_empty()),
            "{member}: {error}"
        );
    }
    error
}

#[test]
fn what_the_server_itself_refuses_has_loopbacks_error_object() {
    for lab in Lab::each("") {
        let open = lab.node.server().below(&lab.node.fact("/loopback/base"));
        let with = |fact: &str| open.with_key(&lab.node.fact(fact));
        assert_eq!(error(&open.get("/installations"), 401)["code"], "REQ_AKR");
        let wrong = open.with_key("lg_nobody_nothing").get("/installations");
        assert_eq!(error(&wrong, 401)["code"], "REQ_AKI");
        let expired = with("/keys/expired").get("/installations");
        assert_eq!(error(&expired, 403)["code"], "REQ_AKE");
        let elsewhere = with("/keys/other_endpoint").get("/installations");
        assert_eq!(error(&elsewhere, 403)["code"], "REQ_AKN");
        let five = with("/keys/five_daily");
        for _ in 0..5 {
            assert_eq!(
                error(&five.get("/installations"), 403)["code"],
                "ACCESS_DENIED"
            );
        }
        let used_up = five.get("/installations");
        assert_eq!(error(&used_up, 429)["code"], "REQ_AKL");
        assert!(used_up.header("retry-after").is_some());
        let unknown = lab.send("GET", "/nothing/here", &Value::Null);
        let told = error(&unknown, 404)["message"].clone();
        assert!(
            told.as_str()
                .is_some_and(|text| text.contains("GET /nothing/here")),
            "{told}"
        );
        let method = lab.send("DELETE", "/installations", &Value::Null);
        error(&method, 405);
        assert!(
            method
                .header("allow")
                .is_some_and(|allow| allow.contains("POST"))
        );
        let broken = lab.api().send(
            "POST",
            "/installations",
            Some("application/json"),
            b"{\"appId\":",
        );
        error(&broken, 400);
        let long = lab.send(
            "GET",
            &format!("/installations?x={}", "y".repeat(20_000)),
            &Value::Null,
        );
        error(&long, 400);
    }
}

#[test]
fn a_body_that_is_too_large_has_loopbacks_error_object_too() {
    for site in fixture::each("[server.limits]\nmax_body_bytes = 2000\n") {
        let node = site.node();
        let api = node.server().below(&node.fact("/loopback/base"));
        let api = api.with_key(&node.fact("/keys/unlimited"));
        let body = json!({ "alert": "x".repeat(4000) });
        assert_eq!(
            error(&api.post_json("/notifications", &body), 413)["code"],
            "REQ_BTL"
        );
    }
}

#[test]
fn each_mistake_of_the_sender_has_its_own_error_and_nothing_is_sent() {
    for lab in Lab::each("") {
        let told = |path: &str, body: &Value, status| {
            let error = error(&lab.send("POST", path, body), status);
            let message = error["message"].as_str().unwrap_or_default().to_owned();
            (message, error["details"].clone())
        };
        let hello = json!({ "alert": "Hello" });
        let id = lab.install(&token(1), "ios", "u1");
        let other = lab.install("x", "generic", "u1");
        let (message, details) = told("/notify/nobody", &hello, 404);
        assert_eq!(message, "Installation id nobody not found");
        assert_eq!(details, json!({ "installationId": "nobody" }));
        let many = json!({ "appId": "nobody", "deviceType": "ios", "deviceTokens": ["a"], "notification": hello });
        let (message, details) = told("/notify", &many, 404);
        assert_eq!(
            message,
            "Cannot configure push notifications - unknown application id \"nobody\""
        );
        assert_eq!(details, json!({ "appId": "nobody" }));
        let (message, details) = told(&format!("/notify/{id}"), &hello, 422);
        assert!(
            message.starts_with("No push settings configured for application"),
            "{message}"
        );
        assert_eq!(details["application"]["id"], json!(lab.app()));
        let (message, details) = told(&format!("/notify/{other}"), &hello, 422);
        assert_eq!(
            message,
            "There is no provider registered for deviceType generic"
        );
        assert_eq!(details, json!({ "deviceType": "generic" }));
        lab.set(&json!({ "apns": { "token": { "keyId": "k" } } }));
        let (message, _) = told(&format!("/notify/{id}"), &hello, 422);
        assert!(
            message.starts_with("pushSettings.apns.bundle is missing"),
            "{message}"
        );
        let settings =
            json!({ "id": lab.app(), "name": "Demo", "pushSettings": { "apns": "token" } });
        error(&lab.send("PATCH", "/applications", &settings), 422);
        let list = json!([hello]);
        told(&format!("/notify/{id}"), &list, 400);
        told(&format!("/notify/{id}"), &json!({ "sound": "ping" }), 422);
        told("/push?deviceQuery=%7Bx", &hello, 400);
        let query = escaped(&json!({ "userId": { "almost": "u1" } }).to_string());
        told(&format!("/push?deviceQuery={query}"), &hello, 400);
        assert_eq!(lab.sandbox().len(), 0);
        assert_eq!(lab.fakes.fcm().book().counts().seen, 0);
    }
}

#[test]
fn a_record_that_breaks_rules_is_refused_in_loopbacks_words() {
    for lab in Lab::each("") {
        let members = json!({ "appId": lab.app(), "deviceToken": "t", "deviceType": "ios" });
        for missing in ["appId", "deviceToken", "deviceType"] {
            let mut given = members.clone();
            given.as_object_mut().expect("an object").remove(missing);
            let error = error(&lab.send("POST", "/installations", &given), 422);
            assert_eq!(error["name"], "ValidationError");
            assert_eq!(
                error["message"],
                format!(
                    "The `Installation` instance is not valid. Details: `{missing}` can't be blank (value: undefined)."
                )
            );
            let mut codes = json!({});
            codes[missing] = json!(["presence"]);
            assert_eq!(error["details"]["codes"], codes);
            assert_eq!(error["details"]["context"], "Installation");
        }
        // Whoever registered the page of a user would be told what the user is told.
        let mut page = members.clone();
        page["deviceType"] = json!("page");
        let page = error(&lab.send("POST", "/installations", &page), 422);
        assert_eq!(
            page["details"]["codes"],
            json!({ "deviceType": ["inclusion"] })
        );
        let nameless = error(&lab.send("POST", "/applications", &json!({})), 422);
        assert_eq!(
            nameless["details"]["messages"],
            json!({ "name": ["can't be blank"] })
        );
        let unknown = error(&lab.send("GET", "/installations/nobody", &Value::Null), 404);
        assert_eq!(unknown["code"], "MODEL_NOT_FOUND");
        assert_eq!(
            unknown["message"],
            "Unknown \"installation\" id \"nobody\"."
        );
    }
}

#[test]
fn a_nul_character_is_refused_where_it_would_be_kept_or_looked_for() {
    for lab in Lab::each("") {
        let nul = "a\u{0}b";
        let app = lab.node.fact("/loopback/app_id");
        let new = json!({ "appId": app, "deviceToken": nul, "deviceType": "ios" });
        for (method, path, body) in [
            ("POST", "/installations", new),
            ("GET", "/installations/a%00b", Value::Null),
        ] {
            let refused = error(&lab.send(method, path, &body), 400);
            assert_eq!(refused["code"], "REQ_PNV", "{method} {path}");
        }
        let filter = escaped(&json!({ "where": { "userId": nul } }).to_string());
        let path = format!("/installations?filter={filter}");
        let refused = error(&lab.send("GET", &path, &Value::Null), 400);
        let message = refused["message"].as_str().unwrap_or_default();
        assert!(
            message.starts_with("`userId` cannot be compared"),
            "{refused}"
        );
    }
}
