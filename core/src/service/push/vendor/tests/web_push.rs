//! What browsers and plain endpoints are sent, and what comes of their answers.

use std::time::Duration;

use loggia_fakes::{Action, Answer as Scripted, Seen};
use serde_json::{Value, json};

use super::super::{Application, Channel, DeliveryId, Outcome, Scope, new_vapid_key};
use super::{House, application_with, is_accepted, scripted, targets};
use crate::service::clock::now_ms;

/// An application with a key of its own for browsers.
fn application() -> Application {
    let mut application = application_with(json!({}));
    application.credentials.web_push = new_vapid_key();
    application
}

async fn send(house: &House, message: &Value, names: &[&str]) -> Vec<Outcome> {
    let subscription = |name: &&str| house.fakes.web_push().subscription(name).to_string();
    let tokens: Vec<String> = names.iter().map(subscription).collect();
    let tokens: Vec<&str> = tokens.iter().map(String::as_str).collect();
    house
        .send_from(application(), Channel::WebPush, message, targets(&tokens))
        .await
}

async fn browser_sees(house: &House, message: Value) -> Seen {
    let outcome = send(house, &message, &["one"]).await.remove(0);
    assert!(is_accepted(&outcome), "{outcome:?}");
    house.fakes.web_push().book().seen().pop().unwrap()
}

#[tokio::test]
async fn a_browser_reads_what_was_sealed_for_it() {
    let house = House::new();
    let seen = browser_sees(
        &house,
        json!({"title": "T", "body": "Grüße 👋", "icon": "/i.png", "image": "/p.png", "badge": 2, "tag": "t",
            "click_action": "/news", "priority": "high", "expires_after_s": 60, "data": {"a": {"b": 1}}}),
    )
    .await;
    let expected = json!({"title": "T", "body": "Grüße 👋", "icon": "/i.png", "image": "/p.png", "tag": "t",
        "url": "/news", "badge": 2, "data": {"a": {"b": 1}}, "id": DeliveryId::new("spring", 1).to_string()});
    assert_eq!(seen.body, expected);
    assert_eq!(
        (&seen.headers["ttl"], &seen.headers["urgency"]),
        (&json!("60"), &json!("high"))
    );
    assert_eq!(seen.headers["content-encoding"], "aes128gcm");
    assert!(seen.headers["topic"].as_str().unwrap().len() <= 32);
    assert!(
        seen.headers["authorization"]
            .as_str()
            .unwrap()
            .starts_with("vapid t=")
    );
}

#[tokio::test]
async fn what_names_no_end_is_kept_four_weeks_and_a_past_end_is_not_sent() {
    let house = House::new();
    let seen = browser_sees(&house, json!({"body": "x"})).await;
    assert_eq!(
        (&seen.headers["ttl"], &seen.headers["urgency"]),
        (&json!("2419200"), &json!("normal"))
    );
    let past = json!({"body": "x", "expires_ms": now_ms() - 1});
    assert_eq!(send(&house, &past, &["one"]).await, [Outcome::Expired]);
}

#[tokio::test]
async fn a_topic_is_the_deliverys_own_or_that_of_the_collapse_key() {
    let house = House::new();
    send(&house, &json!({"body": "x"}), &["one", "two"]).await;
    send(&house, &json!({"body": "x"}), &["one"]).await;
    send(
        &house,
        &json!({"body": "x", "collapse_key": "news"}),
        &["one", "two"],
    )
    .await;
    let seen = house.fakes.web_push().book().seen();
    let topics = |target: &str| -> Vec<Value> {
        let own = seen.iter().filter(|seen| seen.target == target);
        own.map(|seen| seen.headers["topic"].clone()).collect()
    };
    let (one, two) = (topics("one"), topics("two"));
    assert_eq!(one[0], one[1]);
    assert_ne!(one[0], two[0]);
    assert_eq!(one[2], two[1]);
}

#[tokio::test]
async fn every_answer_has_its_outcome_and_none_stops_the_application() {
    let house = House::new();
    let refused = |reason: &'static str| Outcome::Refused {
        reason: reason.into(),
    };
    let gone = |reason: &'static str| Outcome::Gone {
        reason: reason.into(),
        since_ms: None,
    };
    let later = |reason: &'static str, after| Outcome::Retry {
        after,
        scope: Scope::Device,
        reason: reason.into(),
    };
    let slow = Scripted {
        retry_after: Some("9".to_owned()),
        ..scripted(429, "")
    };
    let foreign = "the receiver does not take messages of this key";
    for (answer, expected) in [
        (scripted(404, ""), gone("status 404")),
        (scripted(410, ""), gone("status 410")),
        (
            scripted(400, ""),
            refused("the receiver calls the request wrong"),
        ),
        (scripted(401, ""), refused(foreign)),
        (scripted(403, ""), refused(foreign)),
        (
            scripted(413, ""),
            refused("the receiver calls the message too large"),
        ),
        (
            scripted(302, ""),
            refused("the receiver points elsewhere, where nothing is sent to"),
        ),
        (slow, later("status 429", Some(Duration::from_secs(9)))),
        (scripted(500, ""), later("status 500", None)),
    ] {
        house.fakes.web_push().book().script("one", vec![answer]);
        let outcomes = send(&house, &json!({"body": "x"}), &["one", "two"]).await;
        assert_eq!(outcomes[0], expected);
        assert!(is_accepted(&outcomes[1]));
    }
}

#[tokio::test]
async fn subscriptions_that_are_none_are_refused_with_what_is_wrong() {
    let house = House::new();
    let whole = house.fakes.web_push().subscription("one");
    let with = |change: &dyn Fn(&mut Value)| {
        let mut subscription = whole.clone();
        change(&mut subscription);
        subscription.to_string()
    };
    let private = "the address is private and `[outgoing] allow` does not list it";
    for (token, expected) in [
        (
            "{}".to_owned(),
            "the subscription has no `endpoint` or no whole `keys`",
        ),
        (
            "https://example.org/".to_owned(),
            "the subscription has no `keys`",
        ),
        (
            with(&|it| it["endpoint"] = json!("nowhere")),
            "the subscription's `endpoint` is not an address",
        ),
        (
            with(&|it| it["endpoint"] = json!("http://example.org/")),
            "the address is not https",
        ),
        (
            with(&|it| it["endpoint"] = json!("https://10.0.0.1/")),
            private,
        ),
        (
            with(&|it| it["endpoint"] = json!("https://[::ffff:192.168.0.1]/")),
            private,
        ),
        (
            with(&|it| it["keys"]["auth"] = json!("short")),
            "the subscription's `keys.auth` is not 16 bytes",
        ),
        (
            with(&|it| it["keys"]["p256dh"] = json!("short")),
            "the subscription's `keys.p256dh` is not a public key",
        ),
    ] {
        let message = json!({"body": "x"});
        let outcomes = house
            .send_from(
                application(),
                Channel::WebPush,
                &message,
                targets(&[&token]),
            )
            .await;
        let reason = expected.into();
        assert_eq!(outcomes, [Outcome::Refused { reason }]);
    }
    assert_eq!(house.fakes.web_push().book().counts().connections, 0);
}

#[tokio::test]
async fn what_is_missing_in_the_key_is_named() {
    let house = House::new();
    let token = house.fakes.web_push().subscription("one").to_string();
    for (credentials, expected) in [
        (json!({}), "there are no credentials for browsers"),
        (json!({"web_push": {}}), "`private_key` is missing"),
        (
            json!({"web_push": {"private_key": "x", "public_key": "y"}}),
            "`private_key` and `public_key` are not a key of VAPID",
        ),
    ] {
        let application = application_with(credentials);
        let message = json!({"body": "x"});
        let outcomes = house
            .send_from(application, Channel::WebPush, &message, targets(&[&token]))
            .await;
        let reason = expected.into();
        assert_eq!(outcomes, [Outcome::BadCredentials { reason }]);
    }
}

#[tokio::test]
async fn a_text_that_is_too_long_is_refused_with_its_size() {
    let house = House::new();
    let outcomes = send(&house, &json!({"body": "x".repeat(4000)}), &["one"]).await;
    assert!(
        matches!(&outcomes[0], Outcome::Refused { reason } if reason.contains("3993")),
        "{outcomes:?}"
    );
    let room = 3993
        - json!({"body": "", "id": DeliveryId::new("spring", 1).to_string()})
            .to_string()
            .len();
    assert!(is_accepted(
        &send(&house, &json!({"body": "x".repeat(room)}), &["one"]).await[0]
    ));
}

#[tokio::test]
async fn a_dead_receiver_holds_nobody_up() {
    let house = House::with_timeout(Duration::from_millis(500));
    let dead = house.fakes.line()["dead_url"].as_str().unwrap();
    let mut subscription = house.fakes.web_push().subscription("one");
    subscription["endpoint"] = json!(format!("{dead}/push/x"));
    let dead = subscription.to_string();
    let live = house.fakes.web_push().subscription("two").to_string();
    let tokens = [dead.as_str(), live.as_str(), dead.as_str()];
    let message = json!({"body": "x"});
    let outcomes = house
        .send_from(application(), Channel::WebPush, &message, targets(&tokens))
        .await;
    assert!(is_accepted(&outcomes[1]), "{outcomes:?}");
    let is_lost = |outcome: &Outcome| {
        matches!(
            outcome,
            Outcome::Retry {
                scope: Scope::Device,
                ..
            } | Outcome::Unanswered { .. }
        )
    };
    assert!(
        is_lost(&outcomes[0]) && is_lost(&outcomes[2]),
        "{outcomes:?}"
    );
    let cut = Scripted {
        action: Action::Cut,
        ..Scripted::default()
    };
    house.fakes.web_push().book().script("two", vec![cut]);
    let outcomes = send(&house, &message, &["two"]).await;
    assert!(
        matches!(outcomes[0], Outcome::Unanswered { .. }),
        "{outcomes:?}"
    );
}

#[tokio::test]
async fn many_messages_to_one_host_share_its_connection() {
    let house = House::new();
    house
        .fakes
        .web_push()
        .book()
        .behave(|manner| manner.decrypts = false);
    let names: Vec<String> = (0..200).map(|number| format!("browser-{number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let outcomes = send(&house, &json!({"body": "x"}), &names).await;
    assert!(outcomes.iter().all(is_accepted));
    let counts = house.fakes.web_push().book().counts();
    assert_eq!((counts.distinct, counts.connections), (200, 1));
}

#[tokio::test]
async fn an_endpoint_gets_its_text_with_headers_or_sealed() {
    let house = House::new();
    let topic = house.fakes.web_push().topic("news");
    let sealed = house.fakes.web_push().subscription("phone").to_string();
    let message = json!({"title": "Grüße", "body": "Hello", "priority": "high", "click_action": "https://example.org/",
        "icon": "https://example.org/i.png"});
    let outcomes = house.send(Channel::Endpoint, &message, &[&topic]).await;
    assert!(is_accepted(&outcomes[0]), "{outcomes:?}");
    let seen = house.fakes.web_push().book().seen().pop().unwrap();
    assert_eq!(seen.body, "Hello");
    assert_eq!(seen.headers["title"], "=?UTF-8?B?R3LDvMOfZQ==?=");
    assert_eq!(
        (&seen.headers["priority"], &seen.headers["click"]),
        (&json!("4"), &json!("https://example.org/"))
    );
    house
        .fakes
        .web_push()
        .book()
        .behave(|manner| manner.is_strict = false);
    let outcomes = house.send(Channel::Endpoint, &message, &[&sealed]).await;
    assert!(is_accepted(&outcomes[0]), "{outcomes:?}");
    let seen = house.fakes.web_push().book().seen().pop().unwrap();
    assert_eq!(
        (&seen.body["title"], &seen.body["body"]),
        (&json!("Grüße"), &json!("Hello"))
    );
    assert!(seen.headers.get("authorization").is_none());
}
