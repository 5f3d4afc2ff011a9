//! What no client should send, and what becomes of it: named with its rule, and in nobody else's way.

use std::path::Path;

use diesel::prelude::*;
use loggia_fakes::Answer as Scripted;
use loggia_push::schema::push_notification;
use loggia_tests::product::{Ran, dist};
use loggia_tests::wait::until;
use serde_json::{Value, json};

use super::lab::{Lab, ios, token};

/// The code and the text of a refusal.
fn refusal(lab: &Lab, path: &str, body: &Value) -> (String, String) {
    let method = if path.starts_with("/put") {
        "PUT"
    } else {
        "POST"
    };
    let answer = lab.send(method, path, body).json();
    let text = |name: &str| answer[name].as_str().unwrap_or_default().to_owned();
    assert_eq!(answer["status"], "ko", "{method} {path} {body}: {answer}");
    (text("error_code"), text("error_description"))
}

#[test]
fn what_is_wrong_with_one_device_is_said_beside_it_and_the_others_are_registered() {
    for lab in Lab::each("") {
        let given = json!({ "app": "shop", "devices": [
            { "token": token(1), "platform": "ios", "topics": [" news "], "language": " " },
            { "token": "a", "platform": "android", "time_zone": "Mars/Phobos" },
            { "token": "a", "platform": "android", "user_id": -1 },
            7,
            { "token": "a9", "platform": "android", "time_zone": "Europe/Vienna" },
        ] });
        let made = lab.done("POST", "/post/push/devices", &given);
        assert_eq!(made["registered"], 2, "{made}");
        for (place, rule) in [
            (1, "time_zone: must be a zone such as Europe/Vienna"),
            (2, "user_id:"),
            (3, "must be an object with token and platform"),
        ] {
            let error = made["devices"][place]["error"].as_str().unwrap_or_default();
            assert!(error.starts_with(rule), "{place}: {made}");
        }
        let first = lab.get(&format!(
            "/get/push/devices?id={}",
            made["devices"][0]["id"]
        ));
        let first = &first["devices"][0];
        assert_eq!(
            (&first["topics"], &first["language"]),
            (&json!(["news"]), &Value::Null)
        );
    }
}

#[test]
fn lists_hold_as_many_as_is_said_and_a_number_is_as_good_as_its_text() {
    for lab in Lab::each("") {
        let device = lab.devices(&ios(1..=1))[0].0;
        let long = |length: usize| vec!["x"; length];
        for (path, body) in [
            (
                "/post/push/devices",
                json!({ "app": "shop", "devices": [] }),
            ),
            (
                "/post/push/unregister",
                json!({ "app": "shop", "tokens": long(1001) }),
            ),
            ("/post/push/abort", json!({ "ids": [] })),
            ("/post/push/abort", json!({ "ids": long(201) })),
            (
                "/post/push/subscribe",
                json!({ "device": device, "topics": [] }),
            ),
            (
                "/post/push/subscribe",
                json!({ "device": device, "topics": long(201) }),
            ),
            (
                "/post/push/subscribe",
                json!({ "device": device, "topics": ["a\0"] }),
            ),
            (
                "/put/push/preferences",
                json!({ "device": device, "opted_out": long(201) }),
            ),
            ("/put/push/devices", json!({ "id": device, "badge": -1 })),
            (
                "/put/push/devices",
                json!({ "id": device, "time_zone": "Mars/Phobos" }),
            ),
            ("/put/push/apps", json!({ "app": "shop", "code": " " })),
            (
                "/post/push/notifications",
                json!({ "app": "shop", "message": "a", "body": "b" }),
            ),
        ] {
            let (code, _) = refusal(&lab, path, &body);
            assert_eq!(code, "REQ_PNV", "{path} {body}");
        }
        let (code, _) = refusal(&lab, "/put/push/apps", &json!({ "app": " " }));
        assert_eq!(code, "PSH_ANS");
        let nobody = json!({ "app": "shop", "title": "x", "devices": [device, 4711] });
        let (code, text) = refusal(&lab, "/post/push/notifications", &nobody);
        assert_eq!(code, "PSH_DUN");
        assert!(text.contains("4711"), "{text}");
        let empty = json!({ "app": "shop", "title": "", "body": "" });
        let (code, _) = refusal(&lab, "/post/push/notifications", &empty);
        assert_eq!(code, "PSH_MNV", "nothing is said");
        let held = json!({ "app": "shop", "title": "x", "devices": [device], "paused": true });
        let (id, _) = lab.notify(&held);
        assert_eq!(
            lab.notification(id)["audience"],
            json!({ "devices": [device] })
        );
        lab.done("POST", "/post/push/schedule", &json!({ "ids": [id] }));
        lab.settled(id, device, "accepted");
    }
}

#[test]
fn a_notification_that_no_database_can_be_asked_for_is_refused_and_holds_no_other_up() {
    for lab in Lab::each("") {
        let devices = lab.devices(&ios(1..=1));
        let audiences = [
            json!({ "people": ["\0"] }),
            json!({ "topics": ["a", ""] }),
            json!({ "query": { "field": "user_ref", "operator": "eq", "value": "a\0" } }),
            json!({ "query": { "field": "details.a", "operator": "inq", "value": ["a\0"] } }),
            json!({ "query": { "field": "language", "operator": "like", "value": "a\\" } }),
        ];
        for audience in audiences {
            let mut given = json!({ "app": "shop", "title": "x" });
            let members = audience.as_object().expect("an object").clone();
            given.as_object_mut().expect("an object").extend(members);
            let (code, _) = refusal(&lab, "/post/push/notifications", &given);
            assert_eq!(code, "REQ_PNV", "{given}");
        }
        // One that came in before there was such a rule.
        let held = json!({ "app": "shop", "title": "x", "people": ["ada"], "paused": true });
        let (poison, _) = lab.notify(&held);
        diesel::update(push_notification::table.find(poison))
            .set(push_notification::audience.eq("{\"people\":[\"\\u0000\"]}"))
            .execute(
                &mut lab
                    .pool
                    .write(loggia::store::testing::patience())
                    .expect("a connection is free"),
            )
            .expect("it can be written");
        lab.done("POST", "/post/push/schedule", &json!({ "ids": [poison] }));
        let (id, _) = lab.notify(&json!({ "app": "shop", "title": "Hello" }));
        lab.settled(id, devices[0].0, "accepted");
        lab.done("POST", "/post/push/abort", &json!({ "ids": [poison] }));
    }
}

#[test]
fn credentials_for_one_vendor_leave_those_for_the_others_and_the_keys_of_browsers() {
    for lab in Lab::each("") {
        let set = |credentials: Value| {
            let given = json!({ "app": "later", "credentials": credentials });
            lab.done("PUT", "/put/push/credentials", &given)
        };
        lab.done("PUT", "/put/push/apps", &json!({ "app": "later" }));
        let all = lab.fakes.line()["credentials"].clone();
        let first = set(json!({ "web_push": { "subject": "mailto:a@example.org" } }));
        assert_eq!(first["platforms"], json!(["web"]));
        let second = set(json!({ "apns": all["apns"], "fcm": all["fcm"] }));
        assert_eq!(second["platforms"], json!(["ios", "android", "web"]));
        let third = set(json!({ "web_push": { "subject": "mailto:b@example.org" } }));
        for later in [second, third] {
            assert_eq!(
                later["web_push_public_key"], first["web_push_public_key"],
                "subscriptions are bound to it"
            );
        }
        let fourth = set(json!({ "apns": null }));
        assert_eq!(fourth["platforms"], json!(["android", "web"]));
        assert_eq!(set(json!({}))["platforms"], json!([]));
        let again = set(json!({ "web_push": { "subject": "mailto:a@example.org" } }));
        assert_ne!(again["web_push_public_key"], first["web_push_public_key"]);
    }
}

#[test]
fn a_device_says_what_became_of_a_delivery_by_what_it_was_sent() {
    for lab in Lab::each("") {
        let devices = lab.devices(&ios(1..=2));
        let given = json!({ "app": "shop", "title": "x", "content": { "id_member": "loggia" } });
        let (first, _) = lab.notify(&given);
        lab.settled(first, devices[0].0, "accepted");
        let (id, public) = lab.notify(&given);
        lab.settled(id, devices[0].0, "accepted");
        lab.settled(id, devices[1].0, "accepted");
        let seen = lab.fakes.apns_sandbox().book().seen();
        let last = seen.iter().rev().find(|one| one.target == token(1));
        let delivery = last.expect("it was sent").body["loggia"].clone();
        let say = |members: Value| {
            let answer = lab.open().post_json("/post/push/receipts", &members);
            (answer.status, answer.json())
        };
        let told = json!({ "delivery": delivery, "token": token(1), "kind": "opened" });
        let (status, counted) = say(told.clone());
        assert_eq!(
            (status, &counted["counted"]),
            (200, &json!(true)),
            "{counted}"
        );
        assert_eq!(say(told).1["counted"], false, "once");
        let of_page = json!({ "delivery": delivery, "device": devices[0].1, "kind": "clicked" });
        assert_eq!(say(of_page).1["counted"], true);
        let by_both = json!({ "notification": public, "token": token(2), "kind": "opened" });
        assert_eq!(say(by_both).1["counted"], true);
        let one = lab.notification(id);
        assert_eq!(
            (&one["deliveries"]["opened"], &one["deliveries"]["clicked"]),
            (&json!(2), &json!(1)),
            "of several notifications the one that was meant: {one}"
        );
        let known = delivery.as_str().expect("an id");
        let strange = format!("00000000{}", &known[8..]);
        for (members, code) in [
            (json!({ "delivery": delivery, "kind": "opened" }), "PSH_DUN"),
            (
                json!({ "delivery": delivery, "token": token(2), "kind": "opened" }),
                "PSH_DUN",
            ),
            (
                json!({ "delivery": strange, "token": token(1), "kind": "opened" }),
                "PSH_NUN",
            ),
            (
                json!({ "delivery": "x", "token": token(1), "kind": "opened" }),
                "PSH_NUN",
            ),
            (json!({ "token": token(1), "kind": "opened" }), "PSH_NUN"),
        ] {
            let (status, told) = say(members);
            assert_eq!(status, 404);
            assert_eq!(told["error_code"], code, "{told}");
        }
    }
}

#[test]
fn the_ledger_of_a_device_is_paged_by_state_and_names_no_time_that_nobody_knows() {
    for lab in Lab::each("") {
        let device = lab.devices(&ios(1..=1))[0].0;
        let refused = Scripted {
            times: Some(1),
            ..Scripted::refusal(400, "PayloadEmpty")
        };
        lab.script(&token(1), refused);
        let (old, _) = lab.notify(&json!({ "app": "shop", "title": "a" }));
        lab.settled(old, device, "refused");
        let (new, _) = lab.notify(&json!({ "app": "shop", "title": "b" }));
        lab.settled(new, device, "accepted");
        let page = lab.get(&format!(
            "/get/push/deliveries?device={device}&state=refused&limit=1"
        ));
        assert_eq!(page["deliveries"][0]["notification_id"], old, "{page}");
        let stopped = Scripted {
            times: Some(0),
            ..Scripted::refusal(403, "InvalidProviderToken")
        };
        lab.script(&token(1), stopped);
        let (held, _) = lab.notify(&json!({ "app": "shop", "title": "c" }));
        until(|| lab.get("/get/push/apps?app=shop")["apps"][0]["alarms"]["ios"].is_object());
        let row = lab.settled(held, device, "queued");
        assert_eq!(row["next_attempt"], Value::Null, "{row}");
    }
}

#[test]
fn a_file_is_taken_line_by_line_whatever_is_in_the_others() {
    for lab in Lab::each("") {
        let import = |name: &str, bytes: &[u8]| {
            let path = lab.file(name, "");
            std::fs::write(&path, bytes).expect("a file can be written");
            lab.operate(&["push", "import", &path, "--app", "shop"])
        };
        let csv = b"\xef\xbb\xbfToken,Platform\na1,android\n\xff\xfe,android\na\0b,android\na2,android,more\na3,android,\n";
        let taken = import("tokens.csv", csv);
        assert_eq!(
            (&taken["registered"], &taken["refused"]),
            (&json!(2), &json!(3))
        );
        for (place, line, rule) in [
            (0, 3, "must be UTF-8"),
            (1, 4, "token: must not hold a NUL character"),
            (2, 5, "has more cells than the first line has names"),
        ] {
            let error = &taken["errors"][place];
            assert_eq!(
                (&error["line"], &error["error"]),
                (&json!(line), &json!(rule)),
                "{taken}"
            );
        }
        let ndjson = b"\xef\xbb\xbf{\"token\":\"b1\",\"platform\":\"android\"}\n{\"token\":\"\xff\"}\nb2\n[1]\n";
        let taken = import("tokens.ndjson", ndjson);
        assert_eq!(
            (&taken["registered"], &taken["refused"]),
            (&json!(1), &json!(3)),
            "{taken}"
        );
        assert_eq!(taken["errors"][1]["error"], "must be a JSON object");
    }
}

#[test]
fn what_is_wrong_with_a_webhook_is_named_by_its_own_member() {
    for lab in Lab::each("") {
        let wrong = json!({ "app": "shop", "url": "http://example.org/push" });
        let (code, text) = refusal(&lab, "/put/push/webhooks", &wrong);
        assert_eq!(code, "PSH_WNV");
        assert!(
            !text.contains("credentials") && text.contains("url: "),
            "{text}"
        );
        let none = json!({ "app": "shop", "url": "https://127.0.0.1/push", "events": [] });
        assert_eq!(refusal(&lab, "/put/push/webhooks", &none).0, "REQ_PNV");
        let help = lab.command(&["push", "webhook-set", "--help"]).done();
        assert!(help.stdout.contains("alarm_ended"), "{}", help.stdout);
    }
}

#[test]
fn private_addresses_are_called_where_the_settings_of_push_say_so() {
    for lab in Lab::each("outgoing_allow = [\"10.1.0.0/16\", \"192.168.7.7\"]\n") {
        let set = |address: &str| {
            let given = json!({ "app": "shop", "url": format!("https://{address}/push") });
            lab.send("PUT", "/put/push/webhooks", &given).status
        };
        assert_eq!((set("10.1.2.3"), set("192.168.7.7")), (200, 200));
        assert_eq!((set("10.2.2.3"), set("192.168.7.8")), (400, 400));
    }
}

#[test]
fn what_the_settings_of_push_get_wrong_is_found_by_the_check() {
    let lab = Lab::each("").remove(0);
    let modules = dist().join("lib/loggia/modules");
    for (wrong, says) in [
        (
            "apns_url = \"nowhere\"",
            "`apns_url` is not an address such as https://example.org",
        ),
        (
            "root_certificates = \"none.pem\"",
            "`root_certificates` is not a readable PEM file",
        ),
        (
            "outgoing_allow = [\"localhost\"]",
            "`outgoing_allow` is not a list of addresses",
        ),
    ] {
        let text = format!(
            "[database]\nurl = \"sqlite:other.db\"\n\n[modules]\nfolders = [\"{}\"]\n\n[module.push]\n{wrong}\n",
            modules.display()
        );
        let path = lab.file("other.toml", &text);
        let checked = Ran::on_site(Path::new(&path), &["check"]);
        assert_ne!(checked.status, 0, "{wrong}");
        assert!(checked.stderr.contains(says), "{}", checked.stderr);
    }
}
