//! Values of members, however a client spells them, and what becomes of those that it leaves out.

use loggia_tests::client::{Client, encoded};
use serde_json::{Value, json};

use super::lab::Lab;

fn form(api: &Client, path: &str, pairs: &[(&str, &str)]) -> Value {
    let answer = api.send(
        "POST",
        path,
        Some("application/x-www-form-urlencoded"),
        encoded(pairs).as_bytes(),
    );
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

fn codes(lab: &Lab, path: &str, given: &Value) -> Value {
    let answer = lab.send("POST", path, given);
    assert_eq!(answer.status, 422, "{given}: {}", answer.text());
    answer.json()["error"]["details"]["codes"].clone()
}

#[test]
fn members_are_taken_as_what_they_are_whatever_a_client_or_a_form_writes() {
    for lab in Lab::each("") {
        let app = lab.app();
        let made = form(
            &lab.api(),
            "/installations",
            &[
                ("appId", &app),
                ("deviceToken", "f1"),
                ("deviceType", "android"),
                ("badge", "3"),
                ("subscriptions[]", "news"),
                ("subscriptions[]", "sport"),
                ("own[deep]", "x"),
            ],
        );
        assert_eq!(
            (&made["badge"], &made["subscriptions"], &made["own"]),
            (
                &json!(3),
                &json!(["news", "sport"]),
                &json!({ "deep": "x" })
            )
        );
        let given = json!({
            "appId": app, "deviceToken": "f2", "deviceType": "android", "userId": 7, "status": 4, "badge": "5",
            "subscriptions": "news",
        });
        let made = lab.done("POST", "/installations", &given);
        assert_eq!(
            (&made["userId"], &made["status"]),
            (&json!("7"), &json!("4"))
        );
        assert_eq!(
            (&made["badge"], &made["subscriptions"]),
            (&json!(5), &json!(["news"]))
        );
        let given = json!({
            "name": 5, "collaborators": "ada", "emailVerified": "true", "callbackUrls": ["a", 1],
        });
        let made = lab.done("POST", "/applications", &given);
        assert_eq!(
            (&made["name"], &made["collaborators"]),
            (&json!("5"), &json!(["ada"]))
        );
        assert_eq!(
            (&made["emailVerified"], &made["callbackUrls"]),
            (&json!(true), &json!(["a", "1"]))
        );
        let given = json!({
            "deviceType": "ios", "deviceToken": "t", "badge": "5", "contentAvailable": "true", "urlArgs": "a",
            "expirationTime": "2030-01-01", "expirationInterval": "60", "alert": { "body": "x" }, "own": [1],
            "created": "2014-02-02T00:00:00.000Z",
        });
        let made = lab.done("POST", "/notifications", &given);
        assert_eq!(
            (&made["badge"], &made["contentAvailable"]),
            (&json!(5), &json!(true))
        );
        assert_eq!(
            (&made["urlArgs"], &made["expirationInterval"]),
            (&json!(["a"]), &json!(60))
        );
        assert_eq!(made["expirationTime"], "2030-01-01T00:00:00.000Z");
        assert_eq!(made["created"], "2014-02-02T00:00:00.000Z");
        assert_eq!(
            (&made["alert"], &made["own"]),
            (&given["alert"], &given["own"])
        );
    }
}

#[test]
fn what_a_member_cannot_be_is_named_with_the_rule() {
    for lab in Lab::each("") {
        let base = json!({ "deviceType": "ios", "deviceToken": "t" });
        for (member, value, code) in [
            ("badge", json!("many"), "numericality"),
            ("expirationInterval", json!(true), "numericality"),
            ("contentAvailable", json!("perhaps"), "invalid"),
            ("expirationTime", json!("soon"), "date"),
            ("urlArgs", json!({}), "invalid"),
            ("category", json!([1]), "invalid"),
        ] {
            let mut given = base.clone();
            given[member] = value;
            assert_eq!(
                codes(&lab, "/notifications", &given),
                json!({ member: [code] })
            );
        }
        let mut given = base.clone();
        given["appId"] = json!(lab.app());
        given["badge"] = json!(1.5);
        assert_eq!(
            codes(&lab, "/installations", &given),
            json!({ "badge": ["numericality"] })
        );
        let push = |given: &Value| {
            codes(
                &lab,
                "/push?deviceQuery=%7B%22userId%22:%22nobody%22%7D",
                given,
            )
        };
        assert_eq!(
            push(&json!({ "alert": 5 })),
            json!({ "alert": ["invalid"] })
        );
        assert_eq!(
            push(&json!({ "alert": "x", "expirationTime": "soon" })),
            json!({ "expirationTime": ["date"] })
        );
        let part = json!({ "alert": "x", "expirationInterval": 60.5 });
        lab.tell("nobody", &part);
        // A notification that is no object is said before tokens that are no list.
        let many = json!({ "appId": lab.app(), "deviceType": "ios", "deviceTokens": "x", "notification": 5 });
        let answer = lab.send("POST", "/notify", &many);
        assert_eq!(answer.status, 400);
        assert_eq!(
            answer.json()["error"]["message"],
            "notification must be an object"
        );
    }
}

#[test]
fn an_id_that_a_notification_has_is_not_given_to_another_one() {
    for lab in Lab::each("") {
        let given = json!({ "id": "mine", "deviceType": "ios", "deviceToken": "t" });
        assert_eq!(lab.done("POST", "/notifications", &given)["id"], "mine");
        assert_eq!(
            codes(&lab, "/notifications", &given),
            json!({ "id": ["uniqueness"] })
        );
    }
}

#[test]
fn a_device_that_registers_again_keeps_what_it_does_not_say() {
    for lab in Lab::each("") {
        let mut given = json!({
            "appId": lab.app(), "deviceToken": "t", "deviceType": "ios", "status": "Inactive", "own": 1,
            "timeZone": "UTC", "subscriptions": ["news"],
        });
        let made = lab.done("POST", "/installations", &given);
        given = json!({ "appId": lab.app(), "deviceToken": "t", "deviceType": "ios", "badge": 2 });
        let again = lab.done("POST", "/installations", &given);
        for member in ["id", "status", "own", "timeZone", "subscriptions"] {
            assert_eq!(again[member], made[member], "{member}");
        }
        assert_eq!(again["badge"], 2);
        given["status"] = json!("Active");
        assert_eq!(
            lab.done("POST", "/installations", &given)["status"],
            "Active"
        );
    }
}

#[test]
fn an_application_that_is_replaced_has_its_defaults_again_and_its_keys_still() {
    for lab in Lab::each("") {
        let given = json!({
            "id": "shop", "name": "Shop", "description": "d", "status": "disabled", "anonymousAllowed": false,
        });
        let made = lab.done("POST", "/applications", &given);
        let replaced = lab.done("PUT", "/applications/shop", &json!({ "name": "Other" }));
        assert_eq!(
            (&replaced["name"], &replaced["description"]),
            (&json!("Other"), &Value::Null)
        );
        assert_eq!(
            (&replaced["status"], &replaced["anonymousAllowed"]),
            (&json!("sandbox"), &json!(true))
        );
        assert_eq!(replaced["masterKey"], made["masterKey"]);
        // One that another interface made gets them with the first change.
        let path = format!("/applications/{}", lab.app());
        let changed = lab.done("PATCH", &path, &json!({ "url": "u" }));
        assert_eq!(
            changed["masterKey"].as_str().map(str::len),
            Some(40),
            "{changed}"
        );
        let read = lab.done("GET", &path, &Value::Null);
        assert_eq!(read["masterKey"], changed["masterKey"]);
    }
}

#[test]
fn a_page_of_another_origin_may_ask() {
    for lab in Lab::each("") {
        let page = lab.api().with("Origin", "https://page.example.org");
        let answer = page.get("/installations/count");
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    }
}
