//! Table 5.2 line by line: what Google is sent.

use loggia_fakes::{CLIENT_EMAIL, PROJECT};
use serde_json::{Value, json};

use super::super::{Channel, DeliveryId, Outcome, Wishes};
use super::{House, is_accepted, targets};
use crate::service::clock::now_ms;

/// What Google's fake sees of a message for the token `t`.
async fn google_sees(house: &House, message: Value) -> Value {
    let outcome = house.send_one(Channel::Fcm, &message, "t").await;
    assert!(is_accepted(&outcome), "{message} {outcome:?}");
    house.fakes.fcm().book().seen().pop().unwrap().body["message"].take()
}

#[tokio::test]
async fn the_sample_of_the_specification_arrives_as_it_is_written_there() {
    let house = House::new();
    let seen = google_sees(
        &house,
        json!({
            "expires_after_s": 3600, "badge": 1, "sound": "ping.aiff", "alert": "Hello",
            "message_from": "Ray", "data": {"messageFrom": "Ray"}, "mirrored": true,
        }),
    )
    .await;
    let expected = json!({
        "token": "t",
        "notification": {"title": "Ray", "body": "Hello"},
        "data": {"messageFrom": "Ray", "alert": "Hello", "badge": "1"},
        "android": {"ttl": "3600s", "notification": {"sound": "ping.aiff", "notification_count": 1}},
    });
    assert_eq!(seen, expected);
    let request = house.fakes.fcm().book().seen().pop().unwrap();
    assert_eq!(
        request.path,
        format!("/v1/projects/{PROJECT}/messages:send")
    );
    assert_eq!(request.headers["content-type"], "application/json");
}

#[tokio::test]
async fn each_member_has_its_place() {
    let house = House::new();
    for (message, mut expected) in [
        (
            json!({"alert": "Hi"}),
            json!({"notification": {"body": "Hi"}}),
        ),
        (
            json!({"body": "Hi"}),
            json!({"notification": {"body": "Hi"}}),
        ),
        (
            json!({"alert": {"title": "T", "body": "Hi"}}),
            json!({"notification": {"title": "T", "body": "Hi"}}),
        ),
        (
            json!({"alert": {"title": "last", "body": "Hi"}, "title": "second", "message_from": "first"}),
            json!({"notification": {"title": "first", "body": "Hi"}}),
        ),
        (
            json!({"alert": {"title": "last", "body": "Hi"}, "title": "second"}),
            json!({"notification": {"title": "second", "body": "Hi"}}),
        ),
        (
            json!({"badge": 3}),
            json!({"android": {"notification": {"notification_count": 3}}}),
        ),
        (
            json!({"badge": 3, "mirrored": true}),
            json!({"android": {"notification": {"notification_count": 3}}, "data": {"badge": "3"}}),
        ),
        (
            json!({"sound": {"name": "s", "critical": 1}}),
            json!({"android": {"notification": {"sound": "s"}}}),
        ),
        (
            json!({"icon": "i", "tag": "t", "color": "#112233", "click_action": "A", "channel_id": "c"}),
            json!({"android": {"notification": {"icon": "i", "tag": "t", "color": "#112233",
                "click_action": "A", "channel_id": "c"}}}),
        ),
        (
            json!({"icon": "", "body": "x"}),
            json!({"notification": {"body": "x"}}),
        ),
        (
            json!({"body": "x", "category": "c", "url_args": ["a"]}),
            json!({"notification": {"body": "x"}}),
        ),
        (
            json!({"content_available": true}),
            json!({"android": {"priority": "HIGH"}}),
        ),
        (
            json!({"body": "x", "priority": "normal"}),
            json!({"notification": {"body": "x"}, "android": {"priority": "NORMAL"}}),
        ),
        (
            json!({"body": "x", "priority": "high", "collapse_key": "k"}),
            json!({"notification": {"body": "x"}, "android": {"collapse_key": "k", "priority": "HIGH"}}),
        ),
        (
            json!({"title_loc_key": "TK", "title_loc_args": ["a"], "loc_key": "K", "loc_args": ["b"]}),
            json!({"android": {"notification": {"title_loc_key": "TK", "title_loc_args": ["a"],
                "body_loc_key": "K", "body_loc_args": ["b"]}}}),
        ),
        (
            json!({"title": "T", "image": "https://example.org/i.png"}),
            json!({"notification": {"title": "T", "image": "https://example.org/i.png"}}),
        ),
    ] {
        expected["token"] = json!("t");
        assert_eq!(
            google_sees(&house, message.clone()).await,
            expected,
            "{message}"
        );
    }
}

#[tokio::test]
async fn custom_members_are_texts_and_null_is_left_out() {
    let house = House::new();
    let data = json!({"text": "a", "number": 1.5, "yes": true, "no": false, "none": null,
        "list": [1, "b"], "object": {"deep": null}, "messageFrom": "Ray"});
    let seen = google_sees(&house, json!({"data": data})).await;
    let expected = json!({"text": "a", "number": "1.5", "yes": "true", "no": "false",
        "list": "[1,\"b\"]", "object": "{\"deep\":null}", "messageFrom": "Ray"});
    assert_eq!(seen["data"], expected);
}

#[tokio::test]
async fn data_only_moves_everything_into_the_data() {
    let house = House::new();
    let seen = google_sees(
        &house,
        json!({"data_only": true, "mirrored": true, "title": "T", "alert": "Hi", "badge": 2, "icon": "i",
            "sound": "s", "data": {"dataOnly": true}}),
    )
    .await;
    let data = json!({"dataOnly": "true", "alert": "Hi", "badge": "2", "title": "T", "body": "Hi",
        "sound": "s", "icon": "i"});
    assert_eq!(seen, json!({"token": "t", "data": data}));
}

#[tokio::test]
async fn a_life_is_whole_seconds_up_to_four_weeks() {
    let house = House::new();
    let year = json!({"body": "x", "expires_after_s": 31_536_000});
    assert_eq!(
        google_sees(&house, year).await["android"]["ttl"],
        "2419200s"
    );
    let now = json!({"body": "x", "expires_after_s": 0});
    assert_eq!(google_sees(&house, now).await["android"]["ttl"], "0s");
    let soon = json!({"body": "x", "expires_ms": now_ms() + 60_500});
    let ttl = google_sees(&house, soon).await["android"]["ttl"].take();
    assert!(["60s", "59s"].contains(&ttl.as_str().unwrap()), "{ttl}");
    let past = json!({"body": "x", "expires_ms": now_ms() - 1});
    assert_eq!(
        house.send_one(Channel::Fcm, &past, "t").await,
        Outcome::Expired
    );
}

#[tokio::test]
async fn reserved_members_and_long_payloads_are_refused_before_sending() {
    let house = House::new();
    for name in ["from", "message_type", "google.x", "gcm_y"] {
        let outcome = house
            .send_one(Channel::Fcm, &json!({"data": {name: 1}}), "t")
            .await;
        let reason = format!("the data has a member `{name}`, which Google keeps for itself");
        assert_eq!(
            outcome,
            Outcome::Refused {
                reason: reason.into()
            }
        );
    }
    let outcome = house
        .send_one(Channel::Fcm, &json!({"body": "x".repeat(5000)}), "t")
        .await;
    assert!(
        matches!(&outcome, Outcome::Refused { reason } if reason.contains("4096")),
        "{outcome:?}"
    );
    assert_eq!(house.fakes.fcm().book().counts().seen, 0);
}

#[tokio::test]
async fn each_device_gets_its_token_its_badge_and_its_delivery() {
    let house = House::new();
    let message =
        json!({"body": "x", "badge": {"increase": 1}, "mirrored": true, "id_member": "delivery"});
    let mut targets = targets(&["first \"token\"", "second"]);
    targets[0].badge = Some(8);
    targets[1].wishes = Wishes {
        alert: false,
        badge: false,
        sound: true,
    };
    let outcomes = house
        .send_from(house.application(), Channel::Fcm, &message, targets)
        .await;
    let name = |outcome: &Outcome| {
        matches!(outcome, Outcome::Accepted { vendor_id }
        if vendor_id.starts_with(&format!("projects/{PROJECT}/messages/")))
    };
    assert!(outcomes.iter().all(name), "{outcomes:?}");
    let mut seen = house.fakes.fcm().book().seen();
    seen.sort_by(|left, right| left.target.cmp(&right.target));
    let delivery = |device| DeliveryId::new("spring", device).to_string();
    let first = json!({"message": {
        "token": "first \"token\"",
        "notification": {"body": "x"},
        "data": {"badge": "8", "delivery": delivery(1)},
        "android": {"notification": {"notification_count": 8}},
    }});
    let second = json!({"message": {"token": "second", "data": {"delivery": delivery(2)}}});
    assert_eq!((&seen[0].body, &seen[1].body), (&first, &second));
}

#[tokio::test]
async fn one_access_token_serves_many_pushes() {
    let house = House::new();
    let tokens: Vec<String> = (0..300).map(|number| format!("token-{number}")).collect();
    let tokens: Vec<&str> = tokens.iter().map(String::as_str).collect();
    let outcomes = house
        .send(Channel::Fcm, &json!({"body": "x"}), &tokens)
        .await;
    assert!(outcomes.iter().all(is_accepted));
    let counts = house.fakes.fcm().book().counts();
    assert_eq!(
        (counts.accepted, counts.distinct, counts.tokens_issued),
        (300, 300, 1)
    );
    let asked = house.fakes.fcm().oauth().seen().pop().unwrap();
    assert_eq!(
        asked.headers["content-type"],
        "application/x-www-form-urlencoded"
    );
    assert!(
        house.fakes.line()["credentials"]["fcm"]
            .to_string()
            .contains(CLIENT_EMAIL)
    );
}
