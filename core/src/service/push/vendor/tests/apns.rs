//! Table 5.1 line by line: what Apple is sent.

use serde_json::{Value, json};

use super::super::{Channel, DeliveryId, Outcome, Wishes};
use super::{House, TOKEN, application_with, is_accepted, many, targets};
use crate::service::clock::now_ms;

#[tokio::test]
async fn the_sample_of_the_specification_arrives_as_it_is_written_there() {
    let house = House::new();
    let seen = house
        .apple_sees(json!({
            "expires_after_s": 3600, "badge": 1, "sound": "ping.aiff", "alert": "Hello",
            "message_from": "Ray", "data": {"messageFrom": "Ray"},
        }))
        .await;
    let body = json!({
        "messageFrom": "Ray",
        "aps": {"badge": 1, "sound": "ping.aiff", "alert": {"body": "Hello", "title": "Ray"}},
    });
    assert_eq!(seen.body, body);
    assert_eq!(seen.path, format!("/3/device/{TOKEN}"));
    assert_eq!(seen.headers["apns-topic"], loggia_fakes::BUNDLE);
    assert_eq!(seen.headers["apns-push-type"], "alert");
    assert_eq!(seen.headers["apns-priority"], "10");
    assert_eq!(
        seen.headers["apns-id"],
        DeliveryId::new("spring", 1).to_string()
    );
    let until: i64 = seen.headers["apns-expiration"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!((until - now_ms() / 1000 - 3600).abs() <= 2, "{until}");
}

#[tokio::test]
async fn each_member_has_its_place_in_aps() {
    let house = House::new();
    for (message, aps) in [
        (json!({"alert": "Hi"}), json!({"alert": {"body": "Hi"}})),
        (json!({"body": "Hi"}), json!({"alert": {"body": "Hi"}})),
        (
            json!({"alert": {"title": "Kept", "body": "Hi", "launch-image": "x"}}),
            json!({"alert": {"title": "Kept", "body": "Hi", "launch-image": "x"}}),
        ),
        (
            json!({"alert": "Hi", "title": "T", "message_from": "M"}),
            json!({"alert": {"body": "Hi", "title": "T"}}),
        ),
        (
            json!({"title": "T", "subtitle": "S"}),
            json!({"alert": {"title": "T", "subtitle": "S"}}),
        ),
        (
            json!({"title_loc_key": "TK", "title_loc_args": ["a"], "loc_key": "K", "loc_args": ["b"]}),
            json!({"alert": {"title-loc-key": "TK", "title-loc-args": ["a"], "loc-key": "K", "loc-args": ["b"]}}),
        ),
        (json!({"badge": 0}), json!({"badge": 0})),
        (json!({"sound": "a.aiff"}), json!({"sound": "a.aiff"})),
        (
            json!({"sound": {"critical": 1, "name": "a", "volume": 0.5}}),
            json!({"sound": {"critical": 1, "name": "a", "volume": 0.5}}),
        ),
        (
            json!({"body": "x", "category": "c"}),
            json!({"alert": {"body": "x"}, "category": "c"}),
        ),
        (
            json!({"content_available": true}),
            json!({"content-available": 1}),
        ),
        (
            json!({"badge": 1, "url_args": ["a", "b"]}),
            json!({"badge": 1, "url-args": ["a", "b"]}),
        ),
        (
            json!({"badge": 1, "mutable_content": true, "thread_id": "t", "interruption_level": "passive",
                   "relevance_score": 0.5}),
            json!({"badge": 1, "mutable-content": 1, "thread-id": "t", "interruption-level": "passive",
                   "relevance-score": 0.5}),
        ),
    ] {
        let seen = house.apple_sees(message.clone()).await;
        assert_eq!(seen.body, json!({"aps": aps}), "{message}");
    }
}

#[tokio::test]
async fn custom_members_travel_beside_aps() {
    let house = House::new();
    let data = json!({"messageFrom": "Ray", "unknown": {"deep": [1, null, false]}, "title": "T"});
    let seen = house.apple_sees(json!({"title": "T", "data": data})).await;
    let mut expected = data;
    expected["aps"] = json!({"alert": {"title": "T"}});
    assert_eq!(seen.body, expected);
    let outcome = house
        .send_one(Channel::Apns, &json!({"data": {"aps": 1}}), TOKEN)
        .await;
    let reason = "the data has a member `aps`, which is Apple's".into();
    assert_eq!(outcome, Outcome::Refused { reason });
}

#[tokio::test]
async fn a_message_that_only_wakes_is_of_the_background() {
    let house = House::new();
    for (message, kind, priority) in [
        (json!({"content_available": true}), "background", "5"),
        (
            json!({"content_available": true, "priority": "high"}),
            "background",
            "5",
        ),
        (
            json!({"content_available": true, "priority": "low"}),
            "background",
            "1",
        ),
        (
            json!({"content_available": true, "body": "x"}),
            "alert",
            "10",
        ),
        (json!({"body": "x", "priority": "high"}), "alert", "10"),
        (json!({"body": "x", "priority": "normal"}), "alert", "5"),
    ] {
        let seen = house.apple_sees(message.clone()).await;
        assert_eq!(seen.headers["apns-push-type"], kind, "{message}");
        assert_eq!(seen.headers["apns-priority"], priority, "{message}");
        assert!(seen.headers.get("apns-expiration").is_none());
        assert!(seen.headers.get("apns-collapse-id").is_none());
    }
}

#[tokio::test]
async fn an_expiry_is_absolute_and_a_past_one_is_not_sent() {
    let house = House::new();
    let until = now_ms() + 90_000;
    let seen = house
        .apple_sees(json!({"body": "x", "expires_ms": until}))
        .await;
    assert_eq!(seen.headers["apns-expiration"], (until / 1000).to_string());
    let both = json!({"body": "x", "expires_ms": 1000, "expires_after_s": 60});
    let seen = house.apple_sees(both).await;
    let until: i64 = seen.headers["apns-expiration"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!((until - now_ms() / 1000 - 60).abs() <= 2, "{until}");
    let past = json!({"body": "x", "expires_ms": now_ms() - 1});
    assert_eq!(
        house.send_one(Channel::Apns, &past, TOKEN).await,
        Outcome::Expired
    );
    assert_eq!(house.fakes.apns().book().counts().seen, 2);
}

#[tokio::test]
async fn a_collapse_key_is_a_header_of_at_most_64_bytes() {
    let house = House::new();
    let seen = house
        .apple_sees(json!({"body": "x", "collapse_key": "k".repeat(64)}))
        .await;
    assert_eq!(seen.headers["apns-collapse-id"], "k".repeat(64));
    let long = json!({"body": "x", "collapse_key": "k".repeat(65)});
    let reason = "the collapse key is longer than Apple's 64 bytes".into();
    assert_eq!(
        house.send_one(Channel::Apns, &long, TOKEN).await,
        Outcome::Refused { reason }
    );
}

#[tokio::test]
async fn a_payload_over_4096_bytes_is_refused_with_its_size_and_never_sent() {
    let house = House::new();
    let frame = json!({"aps": {"alert": {"body": ""}}}).to_string().len();
    let fits = json!({"body": "x".repeat(4096 - frame)});
    house.apple_sees(fits).await;
    let over = json!({"body": "x".repeat(4097 - frame)});
    let outcome = house.send_one(Channel::Apns, &over, TOKEN).await;
    let reason = "the payload has 4097 bytes, and Apple takes 4096".into();
    assert_eq!(outcome, Outcome::Refused { reason });
    assert_eq!(house.fakes.apns().book().counts().seen, 1);
}

#[tokio::test]
async fn a_device_gets_its_own_badge_and_only_what_it_wants() {
    let house = House::new();
    let tokens = many(3);
    let message =
        json!({"body": "x", "sound": "s", "badge": {"increase": 1}, "id_member": "delivery"});
    let mut targets = targets(&tokens.iter().map(String::as_str).collect::<Vec<_>>());
    targets[0].badge = Some(7);
    targets[1].wishes = Wishes {
        alert: false,
        badge: true,
        sound: false,
    };
    targets[1].badge = Some(2);
    let outcomes = house
        .send_from(house.application(), Channel::Apns, &message, targets)
        .await;
    assert!(outcomes.iter().all(is_accepted), "{outcomes:?}");
    let seen = house.fakes.apns().book().seen();
    let body = |token: &str| -> Value {
        seen.iter()
            .find(|seen| seen.target == token)
            .unwrap()
            .body
            .clone()
    };
    let delivery = |device| DeliveryId::new("spring", device).to_string();
    let aps = json!({"alert": {"body": "x"}, "badge": 7, "sound": "s"});
    assert_eq!(
        body(&tokens[0]),
        json!({"delivery": delivery(1), "aps": aps})
    );
    assert_eq!(
        body(&tokens[1]),
        json!({"delivery": delivery(2), "aps": {"badge": 2}})
    );
    let aps = json!({"alert": {"body": "x"}, "sound": "s"});
    assert_eq!(
        body(&tokens[2]),
        json!({"delivery": delivery(3), "aps": aps})
    );
}

#[tokio::test]
async fn blanks_and_brackets_of_a_token_are_left_out_and_others_refused() {
    let house = House::new();
    let written = format!("<{} {}>", &TOKEN[..32], &TOKEN[32..]);
    let outcomes = house
        .send(
            Channel::Apns,
            &json!({"body": "x"}),
            &[&written, "no/../token", ""],
        )
        .await;
    assert!(is_accepted(&outcomes[0]));
    let refused = Outcome::Refused {
        reason: "the token is not hexadecimal".into(),
    };
    assert_eq!(outcomes[1..], [refused.clone(), refused]);
    assert_eq!(house.fakes.apns().book().seen()[0].target, TOKEN);
}

#[tokio::test]
async fn one_token_serves_many_pushes_and_the_limit_of_streams_is_heeded() {
    let house = House::new();
    house
        .fakes
        .apns()
        .book()
        .behave(|manner| manner.max_streams = 20);
    let tokens = many(500);
    let tokens: Vec<&str> = tokens.iter().map(String::as_str).collect();
    let outcomes = house
        .send(Channel::Apns, &json!({"body": "x"}), &tokens)
        .await;
    assert!(outcomes.iter().all(is_accepted));
    let counts = house.fakes.apns().book().counts();
    assert_eq!(
        (counts.seen, counts.distinct, counts.doubled),
        (500, 500, 0)
    );
    assert_eq!((counts.proofs, counts.connections), (1, 1));
    assert!(
        (2..=20).contains(&counts.most_streams),
        "{}",
        counts.most_streams
    );
}

#[tokio::test]
async fn a_certificate_speaks_for_the_application_without_a_token() {
    let house = House::new();
    let credentials = json!({"apns": house.fakes.line()["apns_certificate"]});
    let application = application_with(credentials);
    let message = json!({"body": "x"});
    let outcomes = house
        .send_from(application, Channel::Apns, &message, targets(&[TOKEN]))
        .await;
    assert!(is_accepted(&outcomes[0]), "{outcomes:?}");
    let seen = house.fakes.apns().book().seen().pop().unwrap();
    assert!(seen.headers.get("authorization").is_none());
    assert_eq!(house.fakes.apns().book().counts().proofs, 1);
}

#[tokio::test]
async fn only_production_goes_to_production_and_new_credentials_are_used_at_once() {
    let house = House::new();
    let sandbox = |version| super::Application {
        is_production: false,
        version,
        ..house.application()
    };
    let message = json!({"body": "x"});
    house
        .send_from(sandbox(1), Channel::Apns, &message, targets(&[TOKEN]))
        .await;
    assert_eq!(house.fakes.apns_sandbox().book().counts().accepted, 1);
    assert_eq!(house.fakes.apns().book().counts().seen, 0);
    let changed = super::Application {
        version: 2,
        ..house.application()
    };
    house
        .send_from(changed, Channel::Apns, &message, targets(&[TOKEN]))
        .await;
    assert_eq!(house.fakes.apns().book().counts().accepted, 1);
}
