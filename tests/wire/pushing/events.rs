//! Events as a receiver is told them: signed, in batches, at least once, and again until they are taken or given up.

use std::collections::BTreeSet;

use loggia_fakes::{Action, Answer as Scripted};
use loggia_tests::wait::until;
use serde_json::{Value, json};

use super::lab::{Lab, ios, token};
use super::receiver::Receiver;

/// Gives the application a webhook; its secret.
fn hook(lab: &Lab, receiver: &Receiver) -> String {
    let given = json!({ "app": "shop", "url": receiver.url() });
    let made = lab.done("PUT", "/put/push/webhooks", &given);
    made["secret"].as_str().expect("a secret").to_owned()
}

fn hello() -> Value {
    json!({ "app": "shop", "title": "Hello" })
}

#[test]
fn what_becomes_of_a_notification_is_told_signed_and_in_batches() {
    for lab in Lab::each("") {
        let receiver = Receiver::start();
        let secret = hook(&lab, &receiver);
        lab.script(&token(1), Scripted::refusal(410, "Unregistered"));
        lab.script(&token(2), Scripted::refusal(400, "PayloadEmpty"));
        let devices = lab.devices(&ios(1..=700));
        let off = json!({ "id": devices[2].0, "state": "inactive" });
        lab.done("PUT", "/put/push/devices", &off);
        let (id, public) = lab.notify(&hello());
        for kind in ["opened", "clicked"] {
            lab.settled(id, devices[3].0, "accepted");
            let given = json!({ "notification": public, "device": devices[3].1, "kind": kind });
            let answer = lab.open().post_json("/post/push/receipts", &given);
            assert_eq!(answer.status, 200, "{}", answer.text());
        }
        let late = json!({
            "app": "shop", "title": "late", "devices": [devices[4].0.to_string()], "content": { "expires_ms": 1 },
        });
        lab.notify(&late);
        until(|| receiver.taken().len() == 703);
        let counts = [
            "gone", "refused", "skipped", "accepted", "opened", "clicked", "expired",
        ];
        let counts = counts.map(|kind| receiver.count(kind));
        assert_eq!(counts, [1, 1, 1, 697, 1, 1, 1]);
        let told = receiver.told();
        assert!(told.len() < 100, "{} calls for 703 events", told.len());
        let mut ids = BTreeSet::new();
        for call in &told {
            assert!(call.is_signed(&secret), "{call:?}");
            assert_eq!(call.header("content-type"), "application/json");
            assert!(ids.insert(call.header("webhook-id").to_owned()));
            let body = call.json();
            assert_eq!(body["type"], "push.events");
            assert_eq!(body["data"]["application"], "shop");
            assert!(call.events().len() <= 500);
        }
        let gone = receiver.taken();
        let gone = gone.iter().find(|event| event["type"] == "gone");
        let gone = gone.expect("it was counted").clone();
        let whole = json!({
            "id": gone["id"], "type": "gone", "time": gone["time"], "notification": public, "notification_id": id,
            "device": devices[0].1, "device_id": devices[0].0, "platform": "ios", "reason": "Unregistered",
        });
        assert_eq!(gone, whole);
        // A call is booked before it is answered.
        until(|| {
            let left = lab.get("/get/push/webhooks?app=shop");
            (&left["waiting"], &left["given_up"]) == (&json!(0), &json!(0))
        });
    }
}

#[test]
fn a_receiver_that_fails_is_called_again_with_the_same_also_after_a_kill() {
    for mut lab in Lab::each("") {
        let receiver = Receiver::start();
        let secret = hook(&lab, &receiver);
        receiver.script(
            &[
                (500, ""),
                (503, "retry-after: 1\r\n"),
                (302, "location: /\r\n"),
            ],
            204,
        );
        lab.devices(&ios(1..=1));
        lab.notify(&hello());
        until(|| receiver.count("accepted") == 1);
        let told = receiver.told();
        let statuses: Vec<u16> = told.iter().map(|call| call.status).collect();
        assert_eq!(statuses, [500, 503, 302, 204]);
        for call in &told {
            assert_eq!(call.header("webhook-id"), told[0].header("webhook-id"));
            assert_eq!(call.events(), told[0].events());
            assert!(call.is_signed(&secret));
        }
        // It is told again who was killed meanwhile, and who failed before that.
        receiver.script(&[], 500);
        lab.notify(&hello());
        until(|| receiver.told().len() > 4);
        lab.kill();
        receiver.script(&[], 204);
        lab.start();
        until(|| receiver.count("accepted") == 2);
        let told = receiver.told();
        let last = told.last().expect("a call");
        assert_eq!(last.header("webhook-id"), told[4].header("webhook-id"));
        let shown = || lab.get("/get/push/webhooks?app=shop");
        until(|| shown()["waiting"] == 0);
        assert_eq!(shown()["failures"], 0);
    }
}

#[test]
fn what_nobody_takes_is_given_up_shown_and_told_again_by_hand() {
    for lab in Lab::each("webhook_patience_s = 1\n") {
        let receiver = Receiver::start();
        hook(&lab, &receiver);
        receiver.script(&[], 500);
        lab.devices(&ios(1..=1));
        lab.notify(&hello());
        let shown = || lab.get("/get/push/webhooks?app=shop");
        until(|| shown()["given_up"] == 1);
        assert_eq!(shown()["last_error"], "the receiver answered 500");
        let listed = lab.operate(&["push", "events", "shop", "--state", "given_up"]);
        let message = &listed["messages"][0];
        assert_eq!(
            (&message["state"], &message["next_attempt"]),
            (&json!("given_up"), &Value::Null)
        );
        assert_eq!(message["events"][0]["type"], "accepted");
        assert_eq!(message["reason"], "the receiver answered 500");
        receiver.script(&[], 204);
        let again = lab.done("POST", "/post/push/events", &json!({ "app": "shop" }));
        assert_eq!(again["messages"], 1);
        until(|| receiver.count("accepted") == 1);
        let told = receiver.told();
        assert_eq!(
            told.last().expect("a call").header("webhook-id"),
            message["id"]
        );
    }
}

#[test]
fn a_receiver_that_wants_nothing_any_more_is_told_nothing_until_it_is_set_again() {
    for lab in Lab::each("") {
        let receiver = Receiver::start();
        hook(&lab, &receiver);
        receiver.script(&[], 410);
        let device = lab.devices(&ios(1..=1))[0].0;
        lab.notify(&hello());
        let shown = || lab.get("/get/push/webhooks?app=shop");
        until(|| shown()["stopped"].is_string());
        receiver.script(&[], 204);
        let calls = receiver.told().len();
        let (second, _) = lab.notify(&hello());
        lab.settled(second, device, "accepted");
        assert_eq!(receiver.told().len(), calls);
        lab.done("PUT", "/put/push/webhooks", &json!({ "app": "shop" }));
        until(|| receiver.count("accepted") == 1);
        assert_eq!(shown()["stopped"], Value::Null);
    }
}

#[test]
fn an_alarm_and_its_end_are_told() {
    for lab in Lab::each("") {
        let receiver = Receiver::start();
        hook(&lab, &receiver);
        let wrong = Scripted {
            times: Some(1),
            ..Scripted::refusal(403, "InvalidProviderToken")
        };
        lab.script(&token(1), wrong);
        lab.devices(&ios(1..=1));
        lab.notify(&hello());
        until(|| receiver.count("alarm") == 1);
        let whole = json!({ "type": "alarm", "platform": "ios", "reason": "InvalidProviderToken" });
        assert_eq!(lone(&receiver, "alarm"), whole);
        lab.trust();
        until(|| receiver.count("alarm_ended") == 1 && receiver.count("accepted") == 1);
        let whole = json!({ "type": "alarm_ended", "platform": "ios" });
        assert_eq!(lone(&receiver, "alarm_ended"), whole);
    }
}

/// The one event of a type, without its id and its time, which every event has.
fn lone(receiver: &Receiver, kind: &str) -> Value {
    let taken = receiver.taken().into_iter();
    let mut found: Vec<Value> = taken.filter(|event| event["type"] == kind).collect();
    assert_eq!(found.len(), 1, "{found:?}");
    let mut event = found.remove(0);
    let members = event.as_object_mut().expect("an event");
    let id = members.remove("id").expect("an id");
    assert!(id.as_str().is_some_and(|id| id.len() > 32), "{id}");
    let time = members.remove("time").expect("a time");
    let time = time.as_str().expect("a text");
    assert!(time.len() == 24 && time.ends_with('Z'), "{time}");
    event
}

#[test]
fn what_nobody_knows_of_is_told_also_where_it_is_sent_again() {
    for policy in ["resend", "hold"] {
        for lab in Lab::each(&format!("unknown = \"{policy}\"\n")) {
            let receiver = Receiver::start();
            hook(&lab, &receiver);
            let cut = Scripted {
                action: Action::Cut,
                ..Scripted::default()
            };
            lab.script(&token(1), cut);
            let device = lab.devices(&ios(1..=1)).remove(0);
            let (id, public) = lab.notify(&hello());
            until(|| receiver.count("unknown") == 1);
            let unknown = lone(&receiver, "unknown");
            let reason = unknown["reason"].as_str().expect("a reason").to_owned();
            let about = json!({
                "type": "unknown", "notification": public, "notification_id": id, "device": device.1,
                "device_id": device.0, "platform": "ios", "reason": reason,
            });
            assert_eq!(unknown, about);
            if policy == "hold" {
                assert_eq!(lab.delivery(id, device.0)["state"], "unknown");
                let given = json!({ "notification": id.to_string(), "state": "unknown" });
                lab.done("POST", "/post/push/resend", &given);
            }
            until(|| receiver.count("accepted") == 1);
            let accepted = lone(&receiver, "accepted");
            assert_eq!(accepted["device_id"], unknown["device_id"]);
            assert_eq!(receiver.taken().len(), 2);
        }
    }
}

#[test]
fn an_answer_whose_body_breaks_off_has_taken_what_it_was_told() {
    for lab in Lab::each("") {
        let receiver = Receiver::start();
        hook(&lab, &receiver);
        receiver.script(&[], 200);
        receiver.break_off();
        lab.devices(&ios(1..=1));
        lab.notify(&hello());
        until(|| receiver.count("accepted") == 1);
        let shown = || lab.get("/get/push/webhooks?app=shop");
        until(|| shown()["waiting"] == 0);
        assert_eq!(
            (&shown()["failures"], &shown()["last_error"]),
            (&json!(0), &Value::Null)
        );
        assert_eq!(receiver.told().len(), 1);
    }
}
