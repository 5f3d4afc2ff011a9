//! LoopBack's interface on the built server, with the vendors' fakes: what a device is sent, and what becomes of it.

use loggia::service::clock::now_ms;
use loggia_fakes::{Action, Answer as Scripted};
use loggia_tests::wait::soon;
use serde_json::{Value, json};

use super::lab::{Lab, targets, token};

#[test]
fn the_key_is_sent_in_four_ways_and_an_unkeyed_request_is_refused() {
    for lab in Lab::each("") {
        let key = lab.node.fact("/keys/unlimited");
        let open = lab.node.server().below(&lab.node.fact("/loopback/base"));
        assert_eq!(open.get("/installations").status, 401);
        assert_eq!(
            open.get(&format!("/installations?api_key={key}")).status,
            200
        );
        assert_eq!(open.with_key(&key).get("/installations").status, 200);
        let member = json!({ "appId": lab.app(), "deviceToken": token(1), "deviceType": "ios", "api_key": key });
        let made = open.post_json("/installations", &member);
        assert_eq!((made.status, &made.json()["api_key"]), (200, &Value::Null));
        let app = lab.app();
        let form = [
            ("appId", app.as_str()),
            ("deviceToken", "t"),
            ("deviceType", "android"),
            ("api_key", key.as_str()),
        ];
        assert_eq!(open.post_form("/installations", &form).status, 200);
    }
}

#[test]
fn the_sample_of_the_read_me_arrives_as_it_is_written_there() {
    // The demo's settings have it.
    for lab in Lab::each("") {
        lab.configure(false);
        let id = lab.install(&token(1), "ios", "u1");
        for times in 1..=2 {
            let answer = lab.send("POST", &format!("/notify/{id}"), &Value::Null);
            assert_eq!((answer.status, answer.text().as_str()), (200, "OK"));
            soon(|| lab.sandbox().len() == times);
            let seen = lab.sandbox().pop().expect("a request");
            assert_eq!(
                seen.body,
                json!({ "messageFrom": "Ray", "aps": {
                    "badge": times, "sound": "ping.aiff",
                    "alert": { "body": "\u{1f4e7} \u{2709} Hello", "title": "Ray" },
                } })
            );
            let header = |name: &str| seen.headers[name].as_str().unwrap_or_default().to_owned();
            assert_eq!(header("apns-push-type"), "alert");
            let expires: u64 = header("apns-expiration").parse().expect("seconds");
            assert!(
                (expires * 1000).abs_diff(seen.at_ms + 3_600_000) < 5000,
                "{expires}"
            );
        }
    }
}

#[test]
fn an_android_device_gets_the_same_by_googles_rules() {
    for lab in Lab::each("") {
        lab.configure(false);
        let id = lab.install("t1", "android", "u1");
        let given = json!({ "expirationInterval": 3600, "badge": 1, "sound": "ping.aiff", "alert": "Hello", "messageFrom": "Ray" });
        assert_eq!(
            lab.send("POST", &format!("/notify/{id}"), &given).status,
            200
        );
        soon(|| lab.fakes.fcm().book().seen().len() == 1);
        let seen = lab.fakes.fcm().book().seen().pop().expect("a request");
        let message = &seen.body["message"];
        assert_eq!(message["token"], "t1");
        assert_eq!(
            message["notification"],
            json!({ "title": "Ray", "body": "Hello" })
        );
        assert_eq!(
            message["data"],
            json!({ "messageFrom": "Ray", "alert": "Hello", "badge": "1" })
        );
        assert_eq!(
            message["android"]["notification"],
            json!({ "sound": "ping.aiff", "notification_count": 1 })
        );
        assert!(
            matches!(
                message["android"]["ttl"].as_str(),
                Some("3600s" | "3599s" | "3598s")
            ),
            "{message}"
        );
        let (status, error) = (
            lab.send(
                "POST",
                &format!("/notify/{id}"),
                &json!({ "alert": "x", "from": "y" }),
            ),
            "from",
        );
        assert_eq!(status.status, 422);
        assert!(status.text().contains(error), "{}", status.text());
    }
}

#[test]
fn a_query_reaches_exactly_the_devices_of_a_user_on_every_platform() {
    for lab in Lab::each("") {
        lab.configure(false);
        lab.install(&token(1), "ios", "u1");
        lab.install("a1", "android", "u1");
        lab.install(&token(2), "ios", "u2");
        let query = "%7B%22userId%22%3A%7B%22inq%22%3A%5B%22u1%22%2C%22u3%22%5D%7D%7D";
        let answer = lab.done(
            "POST",
            &format!("/push?deviceQuery={query}"),
            &json!({ "alert": "Hello" }),
        );
        assert_eq!(answer, json!({}));
        soon(|| {
            lab.ledger()
                .iter()
                .filter(|row| row["state"] == "accepted")
                .count()
                == 2
        });
        assert_eq!(targets(&lab.sandbox()), [token(1)]);
        assert_eq!(targets(&lab.fakes.fcm().book().seen()), ["a1"]);
        assert_eq!(
            lab.send("POST", "/notify/nobody", &json!({ "alert": "x" }))
                .status,
            404
        );
        assert_eq!(lab.sandbox().len(), 1);
    }
}

#[test]
fn a_changed_setting_is_used_by_the_next_push() {
    for lab in Lab::each("") {
        lab.configure(false);
        let id = lab.install(&token(1), "ios", "u1");
        let notify = || {
            assert_eq!(
                lab.send("POST", &format!("/notify/{id}"), &json!({ "alert": "x" }))
                    .status,
                200
            );
        };
        notify();
        soon(|| lab.sandbox().len() == 1);
        lab.configure(true);
        notify();
        soon(|| lab.fakes.apns().book().seen().len() == 1);
        assert_eq!(lab.sandbox().len(), 1);
        assert_eq!(lab.fakes.apns().book().counts().accepted, 1);
    }
}

#[test]
fn each_of_many_tokens_gets_it_once_and_the_answer_counts() {
    for lab in Lab::each("") {
        lab.configure(false);
        let mut tokens: Vec<String> = (0..2500).map(token).collect();
        tokens.push(token(7));
        let given = json!({
            "appId": lab.app(), "deviceType": "ios", "deviceTokens": tokens, "notification": { "alert": "Hello" },
        });
        assert_eq!(
            lab.done("POST", "/notify", &given),
            json!({ "count": 2500 })
        );
        soon(|| lab.fakes.apns_sandbox().book().counts().accepted >= 2500);
        let counts = lab.fakes.apns_sandbox().book().counts();
        assert_eq!(
            (counts.accepted, counts.distinct, counts.doubled),
            (2500, 2500, 0)
        );
    }
}

#[test]
fn only_the_device_that_is_gone_goes() {
    for lab in Lab::each("") {
        lab.configure(false);
        let book = lab.fakes.apns_sandbox().book();
        let script = |number: u32, status: u16, reason: &str| {
            book.script(&token(number), vec![Scripted::refusal(status, reason)]);
        };
        script(1, 410, "Unregistered");
        script(2, 400, "PayloadEmpty");
        let ids: Vec<String> = (1..=3)
            .map(|number| lab.install(&token(number), "ios", "u1"))
            .collect();
        lab.done(
            "POST",
            "/push?deviceQuery=%7B%22userId%22%3A%22u1%22%7D",
            &json!({ "alert": "Hello" }),
        );
        let settled = || {
            lab.ledger()
                .iter()
                .filter(|row| row["state"] != "queued" && row["state"] != "sent")
                .count()
        };
        soon(|| settled() == 3);
        let mut states: Vec<String> = lab
            .ledger()
            .iter()
            .map(|row| row["state"].as_str().unwrap_or_default().to_owned())
            .collect();
        states.sort();
        assert_eq!(states, ["accepted", "gone", "refused"]);
        let is_there = |id: &str| {
            lab.done("GET", &format!("/installations/{id}/exists"), &Value::Null)["exists"].clone()
        };
        soon(|| is_there(&ids[0]) == false);
        assert_eq!(
            (is_there(&ids[1]), is_there(&ids[2])),
            (json!(true), json!(true))
        );
        let again = lab.install(&token(1), "ios", "u1");
        assert_eq!(is_there(&again), true, "who registers again lives again");
    }
}

#[test]
fn a_failure_that_passes_is_tried_again_and_the_caller_has_his_answer() {
    for lab in Lab::each("") {
        lab.configure(false);
        let down = Scripted {
            status: 503,
            times: Some(2),
            ..Scripted::default()
        };
        lab.fakes.fcm().book().script("t1", vec![down]);
        let cut = Scripted {
            action: Action::Refuse,
            times: Some(1),
            ..Scripted::default()
        };
        lab.fakes.apns_sandbox().book().script(&token(1), vec![cut]);
        lab.install("t1", "android", "u1");
        lab.install(&token(1), "ios", "u1");
        let query = "/push?deviceQuery=%7B%22userId%22%3A%22u1%22%7D";
        assert_eq!(
            lab.done("POST", query, &json!({ "alert": "Hello" })),
            json!({})
        );
        soon(|| {
            lab.ledger()
                .iter()
                .filter(|row| row["state"] == "accepted")
                .count()
                == 2
        });
        assert_eq!(lab.fakes.fcm().book().counts().seen, 3);
        assert_eq!(lab.fakes.fcm().book().counts().accepted, 1);
        assert_eq!(lab.fakes.apns_sandbox().book().counts().accepted, 1);
    }
}

#[test]
fn a_wrong_key_stops_the_application_and_never_its_devices() {
    for lab in Lab::each("") {
        lab.configure(false);
        let answer = Scripted {
            times: Some(0),
            ..Scripted::refusal(403, "InvalidProviderToken")
        };
        lab.fakes.apns_sandbox().book().script("*", vec![answer]);
        let id = lab.install(&token(1), "ios", "u1");
        assert_eq!(
            lab.send("POST", &format!("/notify/{id}"), &json!({ "alert": "x" }))
                .status,
            200
        );
        let app = || {
            lab.operate("get", "apps", &format!("app={}", lab.app()))["apps"][0]["alarms"]["ios"]
                .clone()
        };
        soon(|| !app().is_null());
        assert!(
            app()["reason"]
                .as_str()
                .is_some_and(|reason| reason.contains("InvalidProviderToken")),
            "{}",
            app()
        );
        let exists = lab.done("GET", &format!("/installations/{id}/exists"), &Value::Null);
        assert_eq!(exists["exists"], true);
    }
}

#[test]
fn a_silent_message_shows_nothing() {
    for lab in Lab::each("") {
        lab.configure(false);
        lab.install(&token(1), "ios", "u1");
        lab.install("t1", "android", "u1");
        let silent = json!({ "contentAvailable": true, "dataOnly": true, "score": 3 });
        lab.done(
            "POST",
            "/push?deviceQuery=%7B%22userId%22%3A%22u1%22%7D",
            &silent,
        );
        soon(|| lab.sandbox().len() == 1 && lab.fakes.fcm().book().seen().len() == 1);
        let apns = lab.sandbox().pop().expect("a request");
        assert_eq!(apns.body["aps"], json!({ "content-available": 1 }));
        assert_eq!(
            (
                &apns.headers["apns-push-type"],
                &apns.headers["apns-priority"]
            ),
            (&json!("background"), &json!("5"))
        );
        let fcm = lab.fakes.fcm().book().seen().pop().expect("a request");
        assert_eq!(
            fcm.body["message"]["notification"],
            Value::Null,
            "{}",
            fcm.body
        );
        assert_eq!(fcm.body["message"]["data"]["score"], "3");
    }
}

#[test]
fn a_scheduled_notification_is_sent_once_also_after_a_restart_and_a_past_one_never() {
    for lab in Lab::each("") {
        lab.configure(false);
        let id = lab.install(&token(1), "ios", "u1");
        let past = json!({ "alert": "late", "expirationTime": "2001-01-01T00:00:00Z" });
        assert_eq!(
            lab.send("POST", &format!("/notify/{id}"), &past).status,
            200
        );
        soon(|| {
            lab.ledger()
                .first()
                .is_some_and(|row| row["state"] == "expired")
        });
        let soon_ms = u64::try_from(now_ms() + 4000).expect("it is after 1970");
        let given = json!({ "alert": "soon", "scheduledTime": soon_ms });
        assert_eq!(
            lab.send("POST", &format!("/notify/{id}"), &given).status,
            200
        );
        let Lab { fakes, site, node } = lab;
        node.stop();
        assert_eq!(fakes.apns_sandbox().book().counts().seen, 0);
        let node = site.node();
        soon(|| fakes.apns_sandbox().book().counts().accepted == 1);
        let seen = fakes.apns_sandbox().book().seen().pop().expect("a request");
        assert!(seen.at_ms >= soon_ms, "not before its time");
        let lab = Lab { fakes, site, node };
        soon(|| {
            lab.ledger()
                .first()
                .is_some_and(|row| row["state"] == "accepted")
        });
        assert_eq!(lab.fakes.apns_sandbox().book().counts().seen, 1);
    }
}
