//! A vendor that takes a request and never answers it.

use loggia_fakes::{Action, Answer as Scripted};
use loggia_tests::wait::until;
use serde_json::{Value, json};

use super::lab::{Lab, ios, token};

/// What a row of the ledger says when the request was given up, and when that was.
fn given_up(row: &Value) -> &str {
    assert_eq!(row["state"], "unknown", "{row}");
    assert_eq!(row["reason"], "no answer in time", "{row}");
    row["updated"].as_str().expect("a time")
}

#[test]
fn a_request_that_is_never_answered_times_out_and_holds_nobody_else_up() {
    for lab in Lab::each("unknown = \"hold\"\n") {
        let credentials = lab.fakes.line()["credentials"].clone();
        lab.operate(&["push", "app", "other", "--name", "Other"]);
        let given = json!({ "app": "other", "credentials": credentials });
        lab.done("PUT", "/put/push/credentials", &given);
        let stall = || Scripted {
            action: Action::Stall,
            ..Scripted::default()
        };
        lab.script(&token(1), stall());
        lab.fakes.fcm().book().script("a1", vec![stall()]);
        let shop = lab.devices(&json!([
            { "token": token(1), "platform": "ios" }, { "token": "a1", "platform": "android" },
            { "token": token(2), "platform": "ios" }, { "token": "a2", "platform": "android" },
        ]));
        let given = json!({ "app": "other", "devices": ios(3..=3) });
        let other = lab.done("POST", "/post/push/devices", &given);
        let other = other["devices"][0]["id"].as_i64().expect("a number");
        let (id, _) = lab.notify(&json!({ "app": "shop", "title": "Hello" }));
        // Both vendors have it, and say nothing.
        let stalled = |one: &loggia_fakes::Seen| one.status == 0;
        until(|| lab.fakes.apns_sandbox().book().seen().iter().any(stalled));
        until(|| lab.fakes.fcm().book().seen().iter().any(stalled));
        // Meanwhile another application sends by the same vendor, and so does this one.
        let (others, _) = lab.notify(&json!({ "app": "other", "title": "Hello" }));
        let only = json!([shop[2].0.to_string(), shop[3].0.to_string()]);
        let (next, _) = lab.notify(&json!({ "app": "shop", "title": "Next", "devices": only }));
        let went_on = [
            (id, shop[2].0),
            (id, shop[3].0),
            (others, other),
            (next, shop[2].0),
            (next, shop[3].0),
        ];
        let went_on = went_on.map(|(id, device)| lab.settled(id, device, "accepted"));
        for device in [shop[0].0, shop[1].0] {
            let row = lab.settled(id, device, "unknown");
            let at = given_up(&row);
            for other in &went_on {
                let before = other["updated"].as_str().expect("a time");
                assert!(before <= at, "{other} waited for {row}");
            }
            let known = lab.get(&format!("/get/push/devices/{device}"));
            assert_eq!(known["devices"][0]["status"], "active", "{known}");
        }
        // Sent again by hand it arrives.
        let given = json!({ "notification": id.to_string(), "state": "unknown" });
        lab.done("POST", "/post/push/resend", &given);
        for device in [shop[0].0, shop[1].0] {
            let row = lab.settled(id, device, "accepted");
            assert_eq!(row["attempts"], 2, "{row}");
        }
    }
}
