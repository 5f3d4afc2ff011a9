//! Devices, topics, preferences, notifications and the ledger, asked as a client asks for them.

use diesel::prelude::*;
use loggia::service::clock::now_ms;
use loggia_fakes::{Action, Answer as Scripted};
use loggia_push::schema::{push_delivery, push_notification};
use loggia_tests::wait::until;
use serde_json::{Value, json};

use super::lab::{Lab, ios, token};

/// A notification to the shop's devices.
fn hello(more: Value) -> Value {
    let mut given = json!({ "app": "shop", "title": "Hello" });
    if let (Value::Object(members), Value::Object(more)) = (&mut given, more) {
        members.extend(more);
    }
    given
}

#[test]
fn many_devices_are_registered_and_unregistered_with_one_call_each() {
    for lab in Lab::each("") {
        let given = json!({ "app": "shop", "devices": [
            { "token": token(1), "platform": "ios", "user": "ada", "language": "fr", "topics": ["news"] },
            { "token": "a1", "platform": "android" },
            { "token": "", "platform": "ios" },
            { "token": "x", "platform": "toaster" },
        ] });
        let made = lab.done("POST", "/post/push/devices", &given);
        assert_eq!(made["registered"], 2);
        let error = |place: usize| made["devices"][place]["error"].as_str().unwrap_or_default();
        assert!(
            error(2).contains("token:") && error(3).contains("platform:"),
            "{made}"
        );
        // The same token is the same device.
        let again = lab.done("POST", "/post/push/devices", &given);
        assert_eq!(again["devices"][0]["id"], made["devices"][0]["id"]);
        let listed = lab.get("/get/push/devices?app=shop");
        assert_eq!(listed["devices"].as_array().map(Vec::len), Some(2));
        let gone = json!({ "app": "shop", "tokens": [token(1), "a1", "unknown"] });
        let gone = lab.done("POST", "/post/push/unregister", &gone);
        assert_eq!(gone["unregistered"], 2);
        let listed = lab.get("/get/push/devices?app=shop");
        assert_eq!(listed["devices"], json!([]));
        let free = lab.open().post_json("/post/push/devices", &given);
        assert!(free.status >= 400, "{}", free.text());
    }
}

#[test]
fn tokens_come_out_of_csv_and_ndjson_and_bad_lines_are_named() {
    for lab in Lab::each("") {
        let text = format!(
            "token,platform,user,topics\n{},ios,ada,news sales\n,ios,,\nb2,toaster,,\nb3,android,bob,\n",
            token(1)
        );
        let csv = lab.file("tokens.csv", &text);
        let taken = lab.operate(&["push", "import", &csv, "--app", "shop"]);
        assert_eq!(
            (&taken["registered"], &taken["refused"]),
            (&json!(2), &json!(2))
        );
        let lines: Vec<&Value> = taken["errors"].as_array().expect("errors").iter().collect();
        assert_eq!(
            (&lines[0]["line"], &lines[1]["line"]),
            (&json!(3), &json!(4))
        );
        let lines = format!(
            "{{\"token\":\"{}\"}}\n\nnothing\n{{\"token\":\"{}\"}}\n",
            token(1),
            token(2)
        );
        let ndjson = lab.file("tokens.ndjson", &lines);
        let words = [
            "push",
            "import",
            &ndjson,
            "--app",
            "shop",
            "--platform",
            "ios",
        ];
        let taken = lab.operate(&words);
        assert_eq!(
            (&taken["registered"], &taken["refused"]),
            (&json!(2), &json!(1))
        );
        assert_eq!(taken["errors"][0]["line"], 3);
        let listed = lab.get("/get/push/devices?app=shop");
        assert_eq!(listed["devices"].as_array().map(Vec::len), Some(3));
        let topics = lab.get("/get/push/topics?app=shop");
        assert!(topics.to_string().contains("sales"), "{topics}");
    }
}

#[test]
fn topics_reach_who_is_subscribed_and_spare_who_opted_out() {
    for lab in Lab::each("") {
        let devices = lab.devices(&ios(1..=3));
        let subscribe = |device: i64| {
            let given = json!({ "device": device.to_string(), "topics": ["news"] });
            lab.done("POST", "/post/push/subscribe", &given);
        };
        subscribe(devices[0].0);
        subscribe(devices[1].0);
        let given = json!({ "device": devices[1].0.to_string(), "opted_out": ["news"] });
        lab.done("PUT", "/put/push/preferences", &given);
        let kept = lab.get(&format!("/get/push/preferences?device={}", devices[1].0));
        assert_eq!(kept["opted_out"], json!(["news"]));
        let (id, _) = lab.notify(&hello(json!({ "topics": ["news"], "topic": "news" })));
        lab.settled(id, devices[0].0, "accepted");
        let spared = lab.settled(id, devices[1].0, "skipped");
        assert_eq!(
            spared["reason"],
            "its owner wants to hear nothing of this topic"
        );
        assert_eq!(lab.delivery(id, devices[2].0), Value::Null);
        let why = lab.get(&format!("/get/push/why?device={}", devices[1].0));
        assert_eq!(
            why["always"],
            json!(["Its owner wants to hear nothing of news."])
        );
        let why = lab.get(&format!(
            "/get/push/why?device={}&notification={id}",
            devices[2].0
        ));
        assert_eq!(
            why["notifications"][0]["because"],
            "the device is not in the notification's audience"
        );
        let given = json!({ "device": devices[0].0.to_string(), "topics": ["news"] });
        lab.done("POST", "/post/push/unsubscribe", &given);
        let (second, _) = lab.notify(&hello(json!({ "topics": ["news"] })));
        lab.settled(second, devices[1].0, "accepted");
        assert_eq!(lab.delivery(second, devices[0].0), Value::Null);
    }
}

#[test]
fn quiet_hours_hold_back_what_is_not_urgent_for_a_device_and_for_a_person() {
    for lab in Lab::each("") {
        let devices = lab.devices(&json!([
            { "token": token(1), "platform": "ios", "user": "ada", "time_zone": "Europe/Vienna" },
            { "token": token(2), "platform": "ios", "user": "bob" },
        ]));
        // Nearly the whole day: the missing hour lies half a day away.
        let hour = (now_ms() / 3_600_000 + 12) % 24;
        let quiet = json!({
            "quiet_from": format!("{:02}:00", (hour + 1) % 24), "quiet_to": format!("{hour:02}:00"),
        });
        let mut person = quiet.clone();
        person["app"] = json!("shop");
        person["user"] = json!("bob");
        lab.done("PUT", "/put/push/preferences", &person);
        let mut device = quiet;
        device["device"] = json!(devices[0].0.to_string());
        lab.done("PUT", "/put/push/preferences", &device);
        let (id, _) = lab.notify(&hello(json!({})));
        for (device, _) in &devices {
            let row = lab.settled(id, *device, "queued");
            assert_eq!(row["reason"], "its owner wants quiet at this time");
            assert!(row["next_attempt"].is_string(), "{row}");
        }
        let (urgent, _) = lab.notify(&hello(json!({ "urgent": true })));
        for (device, _) in &devices {
            lab.settled(urgent, *device, "accepted");
        }
        let wanted = lab.get("/get/push/preferences?app=shop&user=bob");
        assert_eq!(wanted["quiet_to"], json!(format!("{hour:02}:00")));
    }
}

#[test]
fn why_a_device_got_nothing_is_told_by_one_operation_and_one_command() {
    for lab in Lab::each("") {
        let devices = lab.devices(&ios(1..=1));
        let device = devices[0].0.to_string();
        lab.script(&token(1), Scripted::refusal(410, "Unregistered"));
        let (id, _) = lab.notify(&hello(json!({})));
        lab.settled(id, devices[0].0, "gone");
        let (later, _) = lab.notify(&hello(json!({})));
        lab.settled(later, devices[0].0, "skipped");
        let asked = lab.get(&format!("/get/push/why?device={device}"));
        let told = lab.operate(&["push", "why", &device]);
        assert_eq!(asked["notifications"], told["notifications"]);
        assert!(told["always"].to_string().contains("retired"), "{told}");
        let because = |place: usize| told["notifications"][place]["because"].clone();
        assert_eq!(because(0), "it was not to be sent: the device is retired");
        assert_eq!(
            because(1),
            "its vendor says that the device is no more: Unregistered"
        );
        let text = lab.command(&["push", "why", &token(1)]).done();
        assert!(text.stdout.contains("Unregistered"), "{}", text.stdout);
    }
}

#[test]
fn receipts_are_counted_once_for_each_device_that_got_something() {
    for lab in Lab::each("") {
        let devices = lab.devices(&ios(1..=2));
        let only = json!({ "devices": [devices[0].0.to_string()] });
        let (id, public) = lab.notify(&hello(only));
        lab.settled(id, devices[0].0, "accepted");
        let say = |device: &str, kind: &str| {
            let given = json!({ "notification": public, "device": device, "kind": kind });
            lab.open().post_json("/post/push/receipts", &given).json()["counted"].clone()
        };
        assert_eq!(say(&devices[0].1, "opened"), true);
        assert_eq!(say(&devices[0].1, "opened"), false);
        assert_eq!(say(&devices[0].1, "clicked"), true);
        assert_eq!(say(&devices[1].1, "opened"), false);
        let one = lab.notification(id);
        assert_eq!(
            (&one["deliveries"]["opened"], &one["deliveries"]["clicked"]),
            (&json!(1), &json!(1))
        );
        let guessed =
            json!({ "notification": id.to_string(), "device": devices[0].1, "kind": "opened" });
        let answer = lab.open().post_json("/post/push/receipts", &guessed);
        assert_eq!(answer.status, 404, "a number can be guessed");
    }
}

#[test]
fn what_is_unknown_is_held_until_somebody_sends_it_again() {
    for lab in Lab::each("unknown = \"hold\"\n") {
        let devices = lab.devices(&ios(1..=2));
        let reset = Scripted {
            action: Action::Reset,
            times: Some(1),
            ..Scripted::default()
        };
        lab.script(&token(1), reset);
        let (id, _) = lab.notify(&hello(json!({})));
        lab.settled(id, devices[0].0, "unknown");
        lab.settled(id, devices[1].0, "accepted");
        until(|| lab.notification(id)["state"] == "completed");
        let one = lab.notification(id);
        assert_eq!(
            (
                &one["deliveries"]["unknown"],
                &one["deliveries"]["unknowns"]
            ),
            (&json!(1), &json!(1))
        );
        let rows = lab.get(&format!(
            "/get/push/deliveries?notification={id}&state=unknown"
        ));
        assert_eq!(rows["deliveries"][0]["device_id"], json!(devices[0].0));
        let words = ["push", "resend", &id.to_string(), "--state", "unknown"];
        assert_eq!(lab.operate(&words)["queued"], 1);
        lab.settled(id, devices[0].0, "accepted");
        let counts = lab.fakes.apns_sandbox().book().counts();
        assert_eq!((counts.accepted, counts.doubled), (2, 0));
        until(|| lab.notification(id)["deliveries"]["unknown"] == 0);
        assert_eq!(
            lab.notification(id)["deliveries"]["unknowns"],
            1,
            "so many doubles there may be"
        );
    }
}

#[test]
fn what_is_unknown_is_sent_again_by_itself_where_the_setting_says_so() {
    for lab in Lab::each("") {
        let devices = lab.devices(&ios(1..=1));
        let reset = Scripted {
            action: Action::Reset,
            times: Some(1),
            ..Scripted::default()
        };
        lab.script(&token(1), reset);
        let (id, _) = lab.notify(&hello(json!({})));
        lab.settled(id, devices[0].0, "accepted");
        let seen = lab.fakes.apns_sandbox().book().seen();
        assert_eq!(seen.len(), 2);
        assert_eq!(seen[0].headers["apns-id"], seen[1].headers["apns-id"]);
        assert_eq!(lab.notification(id)["deliveries"]["unknowns"], 1);
    }
}

#[test]
fn notifications_are_entered_once_paused_aborted_and_read() {
    for lab in Lab::each("") {
        let devices = lab.devices(&ios(1..=1));
        let once = lab.api().with("Idempotency-Key", "one");
        let given = hello(json!({ "paused": true, "context": "spring" }));
        let first = once.post_json("/post/push/notifications", &given).json();
        let second = once.post_json("/post/push/notifications", &given).json();
        assert_eq!(first["notification"]["id"], second["notification"]["id"]);
        let id = first["notification"]["id"].as_i64().expect("an id");
        assert_eq!(lab.notification(id)["state"], "paused");
        lab.done(
            "POST",
            "/post/push/schedule",
            &json!({ "ids": [id.to_string()] }),
        );
        lab.settled(id, devices[0].0, "accepted");
        let (held, _) = lab.notify(&given);
        lab.done(
            "POST",
            "/post/push/abort",
            &json!({ "ids": [held.to_string()] }),
        );
        assert_eq!(lab.notification(held)["state"], "aborted");
        let nothing = lab.send(
            "POST",
            "/post/push/notifications",
            &json!({ "app": "shop" }),
        );
        assert_eq!(nothing.status, 400, "{}", nothing.text());
        assert!(nothing.text().contains("PSH_MNV"), "{}", nothing.text());
        let counts = lab.fakes.apns_sandbox().book().counts();
        assert_eq!(counts.accepted, 1);
    }
}

#[test]
fn what_ended_long_ago_is_forgotten_and_the_devices_remember_their_pushes() {
    for mut lab in Lab::each("retention_days = 1\n") {
        let devices = lab.devices(&ios(1..=1));
        let (old, _) = lab.notify(&hello(json!({})));
        let (new, _) = lab.notify(&hello(json!({})));
        lab.settled(old, devices[0].0, "accepted");
        lab.settled(new, devices[0].0, "accepted");
        until(|| lab.notification(old)["state"] == "completed");
        until(|| lab.notification(new)["state"] == "completed");
        lab.kill();
        let mut connection = lab
            .pool
            .write(loggia::store::testing::patience())
            .expect("a connection is free");
        let aged = push_notification::modified_ms.eq(push_notification::modified_ms - 90_000_000);
        diesel::update(push_notification::table.find(old))
            .set(aged)
            .execute(&mut connection)
            .expect("it can be written");
        drop(connection);
        lab.start();
        let path = format!("/get/push/notifications?id={old}");
        until(|| lab.api().get(&path).status == 404);
        let rows: i64 = push_delivery::table
            .count()
            .get_result(
                &mut lab
                    .pool
                    .read(loggia::store::testing::patience())
                    .expect("one is free"),
            )
            .expect("it can be read");
        assert_eq!(rows, 1);
        let device = lab.get(&format!("/get/push/devices?id={}", devices[0].0));
        assert_eq!(device["devices"][0]["push_hits"], 2, "{device}");
    }
}
