//! What of a notification a device is sent: the tables of the two vendors, line by line.

use std::collections::HashMap;

use loggia::service::clock::now_ms;
use loggia_fakes::{BUNDLE, Seen};
use loggia_tests::wait::soon;
use serde_json::{Value, json};

use super::lab::{Lab, header, token};

/// A notification, and what is to come of it.
type Line = (Value, Value);

/// Sends each notification to a device of its own, and gives what the vendor saw by the device's number.
fn sent(lab: &Lab, kind: &str, lines: &[Value]) -> HashMap<usize, Seen> {
    let name = |number: usize| match kind {
        "ios" => token(u32::try_from(number).expect("few lines")),
        _ => format!("t{number}"),
    };
    for (number, line) in lines.iter().enumerate() {
        let id = lab.install(&name(number), kind, "u1");
        let answer = lab.send("POST", &format!("/notify/{id}"), line);
        assert_eq!(answer.status, 200, "{line}: {}", answer.text());
    }
    let seen = || match kind {
        "ios" => lab.sandbox(),
        _ => lab.fakes.fcm().book().seen(),
    };
    soon(|| seen().len() >= lines.len());
    let seen = seen();
    assert_eq!(seen.len(), lines.len(), "each is sent once");
    let numbers = 0..lines.len();
    let of = |number: usize| {
        let found = seen.iter().find(|one| one.target == name(number));
        found.expect("its own request").clone()
    };
    numbers.map(|number| (number, of(number))).collect()
}

fn apple() -> Vec<Line> {
    vec![
        (
            json!({ "alert": "a" }),
            json!({ "aps": { "alert": { "body": "a" } } }),
        ),
        (
            json!({ "alert": { "title": "A", "body": "B", "loc-key": "K", "loc-args": ["x"] } }),
            json!({ "aps": { "alert": { "title": "A", "body": "B", "loc-key": "K", "loc-args": ["x"] } } }),
        ),
        (
            json!({ "message": "M" }),
            json!({ "message": "M", "aps": { "alert": { "body": "M" } } }),
        ),
        (
            json!({ "alert": "a", "message": "M" }),
            json!({ "message": "M", "aps": { "alert": { "body": "a" } } }),
        ),
        (
            json!({ "alert": "a", "title": "T", "messageFrom": "F" }),
            json!({ "title": "T", "messageFrom": "F", "aps": { "alert": { "body": "a", "title": "T" } } }),
        ),
        (
            json!({ "alert": { "title": "A", "body": "B" }, "messageFrom": "F" }),
            json!({ "messageFrom": "F", "aps": { "alert": { "body": "B", "title": "F" } } }),
        ),
        (json!({ "badge": 0 }), json!({ "aps": { "badge": 0 } })),
        (
            json!({ "alert": "a", "badge": "7" }),
            json!({ "aps": { "alert": { "body": "a" } } }),
        ),
        (
            json!({ "alert": "a", "sound": "ping.aiff" }),
            json!({ "aps": { "alert": { "body": "a" }, "sound": "ping.aiff" } }),
        ),
        (
            json!({ "alert": "a", "sound": { "critical": 1, "name": "s", "volume": 0.5 } }),
            json!({ "aps": { "alert": { "body": "a" }, "sound": { "critical": 1, "name": "s", "volume": 0.5 } } }),
        ),
        (
            json!({ "alert": "a", "category": "c" }),
            json!({ "aps": { "alert": { "body": "a" }, "category": "c" } }),
        ),
        (
            json!({ "alert": "a", "contentAvailable": true }),
            json!({ "aps": { "alert": { "body": "a" }, "content-available": 1 } }),
        ),
        (
            json!({ "alert": "a", "contentAvailable": false }),
            json!({ "aps": { "alert": { "body": "a" } } }),
        ),
        (
            json!({ "alert": "a", "urlArgs": ["x", "y"] }),
            json!({ "aps": { "alert": { "body": "a" }, "url-args": ["x", "y"] } }),
        ),
        (
            json!({ "alert": "a", "subtitle": "s", "mutableContent": true, "threadId": "t", "interruptionLevel": "active" }),
            json!({ "aps": {
                "alert": { "body": "a", "subtitle": "s" }, "mutable-content": 1, "thread-id": "t",
                "interruption-level": "active",
            } }),
        ),
        (
            json!({ "alert": "a", "own": { "deep": [1, null] }, "flag": false, "nothing": null }),
            json!({ "own": { "deep": [1, null] }, "flag": false, "aps": { "alert": { "body": "a" } } }),
        ),
        (
            json!({ "alert": "a", "icon": "i", "tag": "t", "color": "#112233", "click_action": "C" }),
            json!({
                "icon": "i", "tag": "t", "color": "#112233", "click_action": "C", "aps": { "alert": { "body": "a" } },
            }),
        ),
        (
            json!({
                "alert": "a", "deviceType": "android", "deviceToken": "other", "status": "s", "delayWhileIdle": true,
                "created": "2020-01-01T00:00:00Z", "modified": "2020-01-01T00:00:00Z",
            }),
            json!({ "aps": { "alert": { "body": "a" } } }),
        ),
    ]
}

#[test]
fn each_member_comes_to_an_apple_device_where_its_table_says() {
    for lab in Lab::each("") {
        lab.configure(false);
        let (given, wanted): (Vec<_>, Vec<_>) = apple().into_iter().unzip();
        let seen = sent(&lab, "ios", &given);
        for (number, wanted) in wanted.iter().enumerate() {
            assert_eq!(&seen[&number].body, wanted, "{}", given[number]);
        }
        let plain = &seen[&0];
        assert_eq!(plain.path, format!("/3/device/{}", token(0)));
        for (name, value) in [
            ("apns-topic", BUNDLE),
            ("apns-push-type", "alert"),
            ("apns-priority", "10"),
            ("apns-expiration", ""),
            ("apns-collapse-id", ""),
        ] {
            assert_eq!(header(plain, name), value, "{name}");
        }
        let id = header(plain, "apns-id");
        assert_eq!((id.len(), id.matches('-').count()), (36, 4), "{id}");
    }
}

#[test]
fn headers_for_apple_come_from_members_of_the_notification() {
    let lines: [(Value, [&str; 3]); 7] = [
        (
            json!({ "alert": "a", "priority": "high" }),
            ["alert", "10", ""],
        ),
        (
            json!({ "alert": "a", "priority": "normal" }),
            ["alert", "5", ""],
        ),
        (json!({ "alert": "a", "priority": 1 }), ["alert", "1", ""]),
        (
            json!({ "alert": "a", "collapseKey": "score" }),
            ["alert", "10", "score"],
        ),
        (json!({ "contentAvailable": 1 }), ["background", "5", ""]),
        (
            json!({ "contentAvailable": true, "score": 3 }),
            ["background", "5", ""],
        ),
        (
            json!({ "contentAvailable": true, "badge": 3 }),
            ["alert", "10", ""],
        ),
    ];
    for lab in Lab::each("") {
        lab.configure(false);
        let given: Vec<Value> = lines.iter().map(|(given, _)| given.clone()).collect();
        let seen = sent(&lab, "ios", &given);
        for (number, (given, wanted)) in lines.iter().enumerate() {
            let names = ["apns-push-type", "apns-priority", "apns-collapse-id"];
            let shown = names.map(|name| header(&seen[&number], name));
            assert_eq!(shown, *wanted, "{given}");
        }
    }
}

fn google() -> Vec<Line> {
    vec![
        (
            json!({ "alert": "a" }),
            json!({ "notification": { "body": "a" }, "data": { "alert": "a" } }),
        ),
        (
            json!({ "alert": { "title": "A", "body": "B" } }),
            json!({
                "notification": { "title": "A", "body": "B" }, "data": { "alert": "{\"title\":\"A\",\"body\":\"B\"}" },
            }),
        ),
        (
            json!({ "alert": { "body": "B", "title": "A" }, "title": "T", "own": 1 }),
            json!({
                "notification": { "title": "T", "body": "B" },
                "data": { "alert": "{\"body\":\"B\",\"title\":\"A\"}", "title": "T", "own": "1" },
            }),
        ),
        (
            json!({ "alert": "a", "title": "T", "messageFrom": "F" }),
            json!({
                "notification": { "title": "F", "body": "a" }, "data": { "alert": "a", "title": "T", "messageFrom": "F" },
            }),
        ),
        (
            json!({ "message": "M" }),
            json!({ "notification": { "body": "M" }, "data": { "message": "M" } }),
        ),
        (
            json!({ "badge": 3 }),
            json!({ "data": { "badge": "3" }, "android": { "notification": { "notification_count": 3 } } }),
        ),
        (
            json!({ "alert": "a", "sound": "s", "icon": "i", "tag": "t", "color": "#112233", "click_action": "C" }),
            json!({
                "notification": { "body": "a" },
                "data": { "alert": "a", "icon": "i", "tag": "t", "color": "#112233", "click_action": "C" },
                "android": { "notification": {
                    "sound": "s", "icon": "i", "tag": "t", "color": "#112233", "click_action": "C",
                } },
            }),
        ),
        (
            json!({ "alert": "a", "sound": "", "category": "c", "urlArgs": ["x"], "delayWhileIdle": true }),
            json!({ "notification": { "body": "a" }, "data": { "alert": "a" } }),
        ),
        (
            json!({ "contentAvailable": true, "score": 3 }),
            json!({ "data": { "score": "3" }, "android": { "priority": "HIGH" } }),
        ),
        (
            json!({ "alert": "a", "collapseKey": "score", "priority": "normal" }),
            json!({
                "notification": { "body": "a" }, "data": { "alert": "a" },
                "android": { "collapse_key": "score", "priority": "NORMAL" },
            }),
        ),
        (
            json!({ "alert": "a", "priority": "high" }),
            json!({ "notification": { "body": "a" }, "data": { "alert": "a" }, "android": { "priority": "HIGH" } }),
        ),
        (
            json!({ "alert": "a", "number": 1.5, "flag": false, "deep": { "x": [1, null] }, "nothing": null }),
            json!({
                "notification": { "body": "a" },
                "data": { "alert": "a", "number": "1.5", "flag": "false", "deep": "{\"x\":[1,null]}" },
            }),
        ),
        (
            json!({ "alert": "a", "title": "T", "icon": "i", "badge": 2, "sound": "s", "dataOnly": true }),
            json!({ "data": {
                "body": "a", "title": "T", "icon": "i", "badge": "2", "sound": "s", "alert": "a", "dataOnly": "true",
            } }),
        ),
        (
            json!({ "alert": "a", "created": "2020-01-01T00:00:00Z", "deviceToken": "other", "deviceType": "ios", "status": "s" }),
            json!({ "notification": { "body": "a" }, "data": { "alert": "a" } }),
        ),
    ]
}

#[test]
fn each_member_comes_to_an_android_device_where_its_table_says() {
    for lab in Lab::each("") {
        lab.configure(false);
        let (given, wanted): (Vec<_>, Vec<_>) = google().into_iter().unzip();
        let seen = sent(&lab, "android", &given);
        for (number, wanted) in wanted.iter().enumerate() {
            let mut wanted = wanted.clone();
            wanted["token"] = json!(format!("t{number}"));
            assert_eq!(
                seen[&number].body,
                json!({ "message": wanted }),
                "{}",
                given[number]
            );
        }
    }
}

#[test]
fn an_expiry_is_an_interval_from_the_sending_or_a_time() {
    for lab in Lab::each("") {
        lab.configure(false);
        let now_ms = now_ms();
        let at = now_ms + 7_200_000;
        let given = [
            json!({ "alert": "a", "expirationInterval": 3600 }),
            json!({ "alert": "a", "expirationTime": at }),
            json!({ "alert": "a", "expirationInterval": 3600, "expirationTime": at }),
            json!({ "alert": "a", "timeToLive": 3600 }),
        ];
        let seconds = [3600, 7200, 3600, 3600];
        let (ios, android) = (sent(&lab, "ios", &given), sent(&lab, "android", &given));
        for (number, seconds) in seconds.into_iter().enumerate() {
            let until: i64 = header(&ios[&number], "apns-expiration")
                .parse()
                .expect("seconds");
            let wanted = now_ms / 1000 + seconds;
            assert!(
                until.abs_diff(wanted) < 60,
                "{} is not about {wanted}",
                given[number]
            );
            let ttl = android[&number].body["message"]["android"]["ttl"].clone();
            let ttl = ttl
                .as_str()
                .and_then(|text| text.strip_suffix('s'))
                .map(str::parse::<i64>);
            let ttl = ttl.expect("a ttl").expect("whole seconds");
            assert!(
                (seconds - 60..=seconds).contains(&ttl),
                "{}: {ttl}",
                given[number]
            );
        }
    }
}

#[test]
fn what_is_too_large_for_a_vendor_is_not_sent_and_the_ledger_says_its_size() {
    for lab in Lab::each("") {
        lab.configure(false);
        lab.install(&token(1), "ios", "u1");
        lab.install("t1", "android", "u1");
        lab.tell("u1", &json!({ "alert": "x".repeat(5000) }));
        soon(|| lab.count("refused") == 2);
        for row in lab.ledger() {
            let reason = row["reason"].as_str().unwrap_or_default().to_owned();
            assert!(
                reason.contains("4096") && reason.contains("bytes"),
                "{reason}"
            );
        }
        lab.tell(
            "u1",
            &json!({ "alert": "x", "collapseKey": "k".repeat(65) }),
        );
        soon(|| lab.count("refused") == 1 && lab.count("accepted") == 1);
        assert_eq!(lab.sandbox().len(), 0, "Apple's limit is 64 bytes");
    }
}
