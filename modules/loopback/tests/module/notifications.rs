//! Notifications that are kept.

use serde_json::{Value, json};

use crate::console::{Console, answer, error};

#[test]
fn a_notification_is_kept_with_its_custom_members_and_sends_nothing() {
    for console in Console::each() {
        let given = json!({ "deviceType": "ios", "deviceToken": "t", "alert": "Hello", "badge": 2, "messageFrom": "Ray" });
        let made = console.done("POST", "/notifications", &given);
        let path = format!("/notifications/{}", made["id"].as_str().expect("an id"));
        let read = console.done("GET", &path, &Value::Null);
        assert_eq!(
            (&read["alert"], &read["messageFrom"]),
            (&json!("Hello"), &json!("Ray"))
        );
        console.done("PATCH", &path, &json!({ "badge": 3 }));
        let found = console.done(
            "GET",
            "/notifications?filter[where][badge]=3&filter[fields]=alert",
            &Value::Null,
        );
        assert_eq!(found, json!([{ "alert": "Hello" }]));
        let found = console.done(
            "GET",
            "/notifications?filter[where][alert][like]=He%25&filter[fields]=badge",
            &Value::Null,
        );
        assert_eq!(found, json!([{ "badge": 3 }]));
        let replaced = console.done(
            "PUT",
            &path,
            &json!({ "deviceType": "ios", "deviceToken": "t" }),
        );
        assert_eq!(replaced["alert"], Value::Null);
        assert_eq!(
            console.done("DELETE", &path, &Value::Null),
            json!({ "count": 1 })
        );
        assert_eq!(
            console.done("GET", "/notifications/count", &Value::Null),
            json!({ "count": 0 })
        );
    }
}

#[test]
fn a_notification_without_its_device_is_refused() {
    for console in Console::each() {
        let (status, body) = console.ask("POST", "/notifications", &json!({ "alert": "x" }));
        assert_eq!(status, 422);
        assert_eq!(
            error(&body, "details")["codes"],
            json!({ "deviceType": ["presence"], "deviceToken": ["presence"] })
        );
        assert_eq!(
            answer(console.request(&["push.devices"], "GET", "/notifications")).0,
            403
        );
    }
}
