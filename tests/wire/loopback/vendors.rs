//! What passes between the server and the vendors: proofs, retries, devices that are gone, and what of it is told.

use loggia_fakes::{Action, Answer as Scripted};
use loggia_tests::wait::soon;
use serde_json::{Value, json};

use super::lab::{Lab, header, token};

#[test]
fn one_signed_token_serves_a_hundred_pushes_and_is_renewed_when_apple_calls_it_old() {
    for lab in Lab::each("") {
        lab.configure(false);
        let tokens: Vec<String> = (0..100).map(token).collect();
        let given = json!({
            "appId": lab.app(), "deviceType": "ios", "deviceTokens": tokens, "notification": { "alert": "x" },
        });
        assert_eq!(lab.done("POST", "/notify", &given), json!({ "count": 100 }));
        let apple = lab.fakes.apns_sandbox();
        soon(|| apple.book().counts().accepted == 100);
        // The fake has checked the signature, the key's id, the team and the time.
        assert_eq!(apple.book().counts().proofs, 1);
        let first = header(&lab.apple(100), "authorization");
        apple.expire_tokens();
        lab.install(&token(500), "ios", "u9");
        lab.tell("u9", &json!({ "alert": "x" }));
        soon(|| apple.book().counts().accepted == 101);
        assert_eq!(apple.book().counts().proofs, 2);
        let second = lab.sandbox().pop().expect("a request");
        assert_ne!(header(&second, "authorization"), first);
        assert_eq!(second.target, token(500));
    }
}

#[test]
fn a_certificate_proves_an_application_as_well() {
    for lab in Lab::each("") {
        let own = lab.fakes.line()["apns_certificate"].clone();
        lab.set(&json!({ "apns": {
            "bundle": own["bundle"], "certData": own["certificate"], "keyData": own["key"],
        } }));
        let id = lab.install(&token(1), "ios", "u1");
        lab.send("POST", &format!("/notify/{id}"), &json!({ "alert": "x" }));
        soon(|| lab.fakes.apns_sandbox().book().counts().accepted == 1);
        let seen = lab.apple(1);
        assert_eq!(
            (seen.status, header(&seen, "authorization").as_str()),
            (200, "")
        );
        // One whose key has a password, as node-apn takes it.
        let own = lab.fakes.line()["apns_protected"].clone();
        let options = json!({
            "cert": own["certificate"], "key": own["key"], "passphrase": own["password"],
        });
        lab.set(&json!({ "apns": { "bundle": own["bundle"], "pushOptions": options } }));
        let kept = lab.done("GET", &format!("/applications/{}", lab.app()), &Value::Null);
        let password = own["password"].as_str().expect("a password");
        assert!(!kept.to_string().contains(password), "{kept}");
        lab.send("POST", &format!("/notify/{id}"), &json!({ "alert": "y" }));
        soon(|| lab.fakes.apns_sandbox().book().counts().accepted == 2);
    }
}

#[test]
fn what_a_vendor_complains_of_is_in_the_log_and_in_the_ledger_without_a_secret() {
    for lab in Lab::each("") {
        lab.configure(false);
        let google = lab.fakes.fcm().book();
        google.script("busy", vec![Scripted::refusal(500, "INTERNAL")]);
        google.script(
            "broken",
            vec![Scripted {
                action: Action::Cut,
                ..Scripted::default()
            }],
        );
        google.script("wrong", vec![Scripted::refusal(403, "SENDER_ID_MISMATCH")]);
        for name in ["busy", "broken", "wrong"] {
            lab.install(name, "android", "u1");
        }
        lab.tell("u1", &json!({ "alert": "x" }));
        soon(|| lab.count("accepted") == 2 && lab.count("refused") == 1);
        let refused = lab
            .ledger()
            .into_iter()
            .find(|row| row["state"] == "refused");
        let refused = refused.expect("a row")["reason"].clone();
        assert!(
            refused
                .as_str()
                .is_some_and(|text| text.contains("SENDER_ID_MISMATCH")),
            "{refused}"
        );
        lab.fakes.apns_sandbox().book().script(
            "*",
            vec![Scripted {
                times: Some(0),
                ..Scripted::refusal(403, "InvalidProviderToken")
            }],
        );
        lab.install(&token(1), "ios", "u2");
        lab.tell("u2", &json!({ "alert": "x" }));
        let alarm = || {
            let app = lab.operate("get", "apps", &format!("app={}", lab.app()));
            app["apps"][0]["alarms"]["ios"]["reason"].clone()
        };
        soon(|| !alarm().is_null());
        soon(|| lab.site.log().contains("InvalidProviderToken"));
        let log = lab.site.log();
        for (platform, told) in [
            ("android", "INTERNAL"),
            ("android", "SENDER_ID_MISMATCH"),
            ("android", "connection"),
            ("ios", "InvalidProviderToken"),
        ] {
            let mut lines = log.lines();
            let has = |line: &str| {
                line.contains(told) && line.contains(platform) && line.contains("application")
            };
            assert!(
                lines.any(has),
                "{told} of {platform} is not in the log:\n{log}"
            );
        }
        let credentials = &lab.fakes.line()["credentials"];
        let key = credentials["apns"]["token"]["key"].as_str().expect("a key");
        let line = key.lines().nth(1).expect("its text");
        for secret in [
            line,
            "PRIVATE KEY",
            "Bearer ",
            "bearer ",
            &token(1),
            "fake-access",
        ] {
            assert!(!log.contains(secret), "{secret} is in the log");
        }
    }
}

#[test]
fn only_the_android_device_that_google_does_not_know_goes_and_only_of_its_application() {
    for lab in Lab::each("") {
        lab.configure(false);
        let settings = json!({ "fcm": { "serviceAccount": lab.fakes.line()["credentials"]["fcm"]["service_account"] } });
        lab.done(
            "POST",
            "/applications",
            &json!({ "id": "other", "name": "Other", "pushSettings": settings }),
        );
        let google = lab.fakes.fcm().book();
        google.script("gone", vec![Scripted::refusal(404, "UNREGISTERED")]);
        google.script(
            "mismatch",
            vec![Scripted::refusal(403, "SENDER_ID_MISMATCH")],
        );
        google.script(
            "invalid",
            vec![Scripted {
                status: 400,
                body: Some(
                    json!({ "error": { "code": 400, "status": "INVALID_ARGUMENT", "details": [
                { "@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": [] },
            ] } }),
                ),
                ..Scripted::default()
            }],
        );
        google.script(
            "slow",
            vec![Scripted {
                retry_after: Some("1".to_owned()),
                ..Scripted::refusal(429, "QUOTA_EXCEEDED")
            }],
        );
        google.script("busy", vec![Scripted::refusal(500, "INTERNAL")]);
        google.script(
            "broken",
            vec![Scripted {
                action: Action::Cut,
                ..Scripted::default()
            }],
        );
        let names = ["gone", "mismatch", "invalid", "slow", "busy", "broken"];
        let ids = names.map(|name| lab.install(name, "android", "u1"));
        let other = json!({ "appId": "other", "deviceToken": "gone", "deviceType": "android", "userId": "u2" });
        let other = lab.done("POST", "/installations", &other);
        lab.tell("u1", &json!({ "alert": "x" }));
        soon(|| lab.count("gone") == 1 && lab.count("refused") == 2 && lab.count("accepted") == 3);
        let is_there = |id: &str| {
            lab.done("GET", &format!("/installations/{id}/exists"), &Value::Null)["exists"] == true
        };
        soon(|| !is_there(&ids[0]));
        for (name, id) in names.iter().zip(&ids).skip(1) {
            assert!(is_there(id), "{name} is gone");
        }
        assert!(
            is_there(other["id"].as_str().expect("an id")),
            "it is another application's"
        );
    }
}

#[test]
fn pauses_between_tries_grow_and_retry_after_is_kept_and_what_is_wrong_is_not_tried_again() {
    for lab in Lab::each("") {
        lab.configure(false);
        let google = lab.fakes.fcm().book();
        let times = |number| Some(number);
        google.script(
            "growing",
            vec![Scripted {
                times: times(2),
                ..Scripted::refusal(503, "UNAVAILABLE")
            }],
        );
        google.script(
            "wrong",
            vec![Scripted {
                times: times(0),
                ..Scripted::refusal(400, "INVALID_ARGUMENT")
            }],
        );
        let at = |name: &str| -> Vec<u64> {
            let seen = google.seen().into_iter().filter(|one| one.target == name);
            seen.map(|one| one.at_ms).collect()
        };
        for name in ["growing", "wrong"] {
            lab.install(name, "android", "u1");
        }
        lab.tell("u1", &json!({ "alert": "x" }));
        soon(|| at("growing").len() == 3);
        let tries = at("growing");
        assert!(
            tries[1] - tries[0] >= 990 && tries[2] - tries[1] >= 1_990,
            "{tries:?}"
        );
        assert_eq!(at("wrong").len(), 1);
        google.script(
            "told",
            vec![Scripted {
                retry_after: Some("2".to_owned()),
                ..Scripted::refusal(503, "UNAVAILABLE")
            }],
        );
        lab.install("told", "android", "u2");
        lab.tell("u2", &json!({ "alert": "x" }));
        soon(|| at("told").len() == 2);
        let tries = at("told");
        assert!(tries[1] - tries[0] >= 1_990, "{tries:?}");
        soon(|| lab.count("accepted") == 1);
        assert_eq!(google.counts().accepted, 2, "each is delivered once");
    }
}
