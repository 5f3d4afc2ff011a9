//! jBackend's push on the built server, with the vendors' fakes: what its scheduler sends.

mod managers;

use std::collections::HashSet;

use serde_json::{Value, json};

use crate::loopback::lab::{Lab, token};

/// Sends only when it is asked to, to three devices at a time.
const BY_REQUEST: &str = "scheduler = \"request\"\nbatch_size = 3\n";

/// What an operation answers that has to succeed.
fn done(lab: &Lab, action: &str, resource: &str, members: &Value) -> Value {
    let key = lab.node.fact("/keys/unlimited");
    let client = lab.node.endpoint("key").with_key(&key);
    let answer = client
        .post_json(&format!("/{action}/push/{resource}"), members)
        .json();
    assert_eq!(
        answer["status"], "ok",
        "{action}/{resource} {members}: {answer}"
    );
    answer
}

fn get(lab: &Lab, resource: &str, query: &str) -> Value {
    let answer = lab.operate("get", resource, query);
    assert_eq!(answer["status"], "ok", "{answer}");
    answer
}

/// Gives the demo's application the fakes' credentials.
fn prove(lab: &Lab) -> String {
    let app = lab.node.fact("/push/app");
    let credentials = lab.fakes.line()["credentials"].clone();
    done(
        lab,
        "put",
        "credentials",
        &json!({ "app": app, "credentials": credentials }),
    );
    app
}

/// Registers a device as an application of jBackend's does, and gives its number.
fn register(lab: &Lab, token: &str, platform: &str) -> i64 {
    let app = lab.node.fact("/push/app");
    let path = format!("/put/push/register?token={token}&appcode={app}&platform={platform}");
    let answer = lab.node.endpoint("free").get(&path).json();
    answer["device_id"]
        .as_i64()
        .unwrap_or_else(|| panic!("{answer}"))
}

/// Enters a notification, and gives its number.
fn enter(lab: &Lab, members: &Value) -> i64 {
    let mut all =
        json!({ "app": lab.node.fact("/push/app"), "title": "Hello", "message": "World" });
    let given = members.as_object().expect("an object").clone();
    all.as_object_mut().expect("an object").extend(given);
    let made = done(lab, "post", "notifications", &all);
    made["notification"]["id"].as_i64().expect("a number")
}

fn shown(lab: &Lab, id: i64) -> Value {
    get(lab, "notifications", &format!("id={id}"))["notifications"][0].clone()
}

/// One run of the scheduler: how many it sent, and how many of them were taken.
fn run(lab: &Lab) -> (i64, i64) {
    let ran = get(lab, "scheduler", "");
    let number = |name: &str| ran[name].as_i64().expect("a number");
    assert_eq!(
        number("sent"),
        number("success") + number("failure"),
        "{ran}"
    );
    (number("sent"), number("success"))
}

#[test]
fn the_scheduler_sends_to_so_many_devices_at_a_time_and_a_late_one_is_included() {
    for lab in Lab::each(BY_REQUEST) {
        prove(&lab);
        let devices: Vec<i64> = (1..=7)
            .map(|number| register(&lab, &token(number), "ios"))
            .collect();
        let id = enter(&lab, &json!({}));
        assert_eq!(shown(&lab, id)["state"], "scheduled");
        assert_eq!(get(&lab, "scheduler", "")["batch_size"], 3);
        let running = shown(&lab, id);
        assert_eq!(
            (&running["status"], &running["state"]),
            (&json!(1), &json!("running"))
        );
        assert_eq!(
            running["last_device_id"],
            json!(devices[2]),
            "in the order of the devices"
        );
        assert!(running["last_run"].is_string());
        assert_eq!(run(&lab), (3, 3));
        register(&lab, &token(8), "ios");
        assert_eq!(run(&lab), (2, 2));
        let completed = shown(&lab, id);
        assert_eq!(
            (&completed["status"], &completed["deliveries"]["accepted"]),
            (&json!(2), &json!(8))
        );
        assert_eq!(run(&lab), (0, 0));
        let counts = lab.fakes.apns_sandbox().book().counts();
        assert_eq!((counts.accepted, counts.distinct), (8, 8));
        let ledger = get(&lab, "deliveries", &format!("notification={id}"));
        assert_eq!(
            ledger["deliveries"].as_array().map(Vec::len),
            Some(8),
            "each is logged"
        );
    }
}

#[test]
fn several_schedulers_at_once_send_more_and_nothing_twice() {
    for lab in Lab::each(BY_REQUEST) {
        prove(&lab);
        for number in 1..=30 {
            register(&lab, &token(number), "ios");
        }
        let id = enter(&lab, &json!({}));
        let lab = &lab;
        let sent: i64 = std::thread::scope(|scope| {
            let runs = [(); 4].map(|()| {
                scope.spawn(move || {
                    let mut sum = 0;
                    while shown(lab, id)["state"] != "completed" {
                        sum += run(lab).0;
                    }
                    sum
                })
            });
            runs.into_iter()
                .map(|run| run.join().expect("it runs"))
                .sum()
        });
        let counts = lab.fakes.apns_sandbox().book().counts();
        assert_eq!(
            (counts.accepted, counts.distinct, counts.doubled),
            (30, 30, 0)
        );
        assert_eq!(sent, 30);
    }
}

#[test]
fn each_status_does_what_its_button_says_and_the_earliest_comes_first() {
    for lab in Lab::each(BY_REQUEST) {
        prove(&lab);
        for number in 1..=2 {
            register(&lab, &token(number), "ios");
        }
        let [aborted, paused, later, second, first] = [
            json!({ "title": "aborted" }),
            json!({ "title": "paused" }),
            json!({ "title": "later", "scheduled": "2999-01-01 00:00:00" }),
            json!({ "title": "second", "scheduled": "2020-01-02 00:00:00" }),
            json!({ "title": "first", "scheduled": "2020-01-01 00:00:00" }),
        ]
        .map(|members| enter(&lab, &members));
        let button = |name: &str, id: i64| {
            let changed = done(&lab, "post", name, &json!({ "ids": [id.to_string()] }));
            changed["notifications"][0]["status"].clone()
        };
        assert_eq!(button("abort", aborted), -2);
        assert_eq!(button("pause", paused), -1);
        assert_eq!(button("unlock", second), 0);
        let titles = || {
            let seen = lab.sandbox().into_iter();
            let titles = seen.map(|one| {
                one.body["aps"]["alert"]["title"]
                    .as_str()
                    .unwrap_or_default()
                    .to_owned()
            });
            titles.collect::<Vec<_>>()
        };
        assert_eq!(run(&lab), (3, 3));
        assert_eq!(titles()[..2], ["first", "first"]);
        assert_eq!(run(&lab), (1, 1));
        assert_eq!(titles()[2..], ["second", "second"]);
        for (id, state) in [
            (aborted, "aborted"),
            (paused, "paused"),
            (later, "scheduled"),
            (second, "completed"),
            (first, "completed"),
        ] {
            assert_eq!(shown(&lab, id)["state"], state);
        }
        assert_eq!(
            run(&lab),
            (0, 0),
            "what is paused, aborted or of the future is passed over"
        );
        assert_eq!(button("schedule", paused), 0);
        assert_eq!(run(&lab), (2, 2));
        let listed = get(&lab, "notifications", "");
        let listed = listed["notifications"].as_array().expect("a list").iter();
        let ids: HashSet<i64> = listed.filter_map(|one| one["id"].as_i64()).collect();
        assert!(
            !ids.contains(&aborted) && ids.contains(&later),
            "an aborted one is as good as deleted"
        );
    }
}
