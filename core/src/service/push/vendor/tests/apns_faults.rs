//! What comes of each answer of Apple's.

use std::time::Duration;

use loggia_fakes::Answer as Scripted;
use serde_json::{Value, json};

use super::super::{Channel, Outcome, Scope};
use super::{House, TOKEN, application_with, is_accepted, many, scripted, targets};

fn message() -> Value {
    json!({"body": "x"})
}

/// What comes of one answer of Apple's.
async fn outcome(house: &House, answer: Scripted) -> Outcome {
    house.fakes.apns().book().script(TOKEN, vec![answer]);
    house.send_one(Channel::Apns, &message(), TOKEN).await
}

#[tokio::test]
async fn every_reason_has_its_outcome() {
    let house = House::new();
    let refused = |reason: &'static str| Outcome::Refused {
        reason: reason.into(),
    };
    let later = |reason: &'static str| Outcome::Retry {
        after: None,
        scope: Scope::Device,
        reason: reason.into(),
    };
    let bad = |reason: &'static str| Outcome::BadCredentials {
        reason: reason.into(),
    };
    let gone = |reason: &'static str, since_ms| Outcome::Gone {
        reason: reason.into(),
        since_ms,
    };
    for (status, reason, expected) in [
        (400, "BadDeviceToken", refused("BadDeviceToken")),
        (
            400,
            "DeviceTokenNotForTopic",
            refused("DeviceTokenNotForTopic"),
        ),
        (400, "PayloadEmpty", refused("PayloadEmpty")),
        (400, "TopicDisallowed", bad("TopicDisallowed")),
        (403, "InvalidProviderToken", bad("InvalidProviderToken")),
        (403, "BadCertificate", bad("BadCertificate")),
        (404, "BadPath", refused("BadPath")),
        (405, "MethodNotAllowed", refused("MethodNotAllowed")),
        (410, "Unregistered", gone("Unregistered", None)),
        (410, "ExpiredToken", gone("ExpiredToken", None)),
        (413, "PayloadTooLarge", refused("PayloadTooLarge")),
        (429, "TooManyRequests", later("TooManyRequests")),
        (500, "InternalServerError", later("InternalServerError")),
        (503, "ServiceUnavailable", later("ServiceUnavailable")),
        (410, "SomethingNew", refused("status 410, SomethingNew")),
        (403, "SomethingNew", bad("status 403, SomethingNew")),
        (
            400,
            "0123abc",
            refused("status 400, without a known reason"),
        ),
        (599, "SomethingNew", later("status 599, SomethingNew")),
    ] {
        assert_eq!(outcome(&house, scripted(status, reason)).await, expected);
    }
    assert_eq!(house.fakes.apns().book().counts().connections, 1);
}

#[tokio::test]
async fn a_device_that_is_gone_is_dated() {
    let house = House::new();
    let answer = Scripted {
        timestamp: Some(1_700_000_000_123),
        ..scripted(410, "Unregistered")
    };
    let expected = Outcome::Gone {
        reason: "Unregistered".into(),
        since_ms: Some(1_700_000_000_123),
    };
    assert_eq!(outcome(&house, answer).await, expected);
}

#[tokio::test]
async fn too_much_for_one_device_slows_no_other() {
    let house = House::new();
    let tokens = many(3);
    let slow = Scripted {
        retry_after: Some("7".to_owned()),
        ..scripted(429, "TooManyRequests")
    };
    house.fakes.apns().book().script(&tokens[1], vec![slow]);
    let tokens: Vec<&str> = tokens.iter().map(String::as_str).collect();
    let outcomes = house.send(Channel::Apns, &message(), &tokens).await;
    let slowed = Outcome::Retry {
        after: Some(Duration::from_secs(7)),
        scope: Scope::Device,
        reason: "TooManyRequests".into(),
    };
    assert!(is_accepted(&outcomes[0]) && is_accepted(&outcomes[2]));
    assert_eq!(outcomes[1], slowed);
    assert!(is_accepted(
        &house.send_one(Channel::Apns, &message(), tokens[0]).await
    ));
}

#[tokio::test]
async fn too_many_tokens_slow_the_whole_application() {
    let house = House::new();
    let first = outcome(&house, scripted(429, "TooManyProviderTokenUpdates")).await;
    let Outcome::Retry { scope, reason, .. } = first else {
        panic!("{first:?}");
    };
    assert_eq!(
        (scope, &*reason),
        (Scope::Application, "TooManyProviderTokenUpdates")
    );
    let second = house.send_one(Channel::Apns, &message(), TOKEN).await;
    let waits = matches!(
        &second,
        Outcome::Retry {
            after: Some(_),
            scope: Scope::Application,
            ..
        }
    );
    assert!(waits, "{second:?}");
    assert_eq!(house.fakes.apns().book().counts().seen, 1);
}

#[tokio::test]
async fn bad_credentials_stop_the_rest_of_the_batch() {
    let house = House::new();
    house
        .fakes
        .apns()
        .book()
        .behave(|manner| manner.max_streams = 1);
    let always = Scripted {
        times: Some(0),
        ..scripted(403, "InvalidProviderToken")
    };
    house.fakes.apns().book().script("*", vec![always]);
    let tokens = many(5000);
    let tokens: Vec<&str> = tokens.iter().map(String::as_str).collect();
    let outcomes = house.send(Channel::Apns, &message(), &tokens).await;
    let is_bad = |outcome: &Outcome| matches!(outcome, Outcome::BadCredentials { .. });
    assert!(outcomes.iter().all(is_bad));
    assert!(house.fakes.apns().book().counts().seen < 5000);
}

#[tokio::test]
async fn missing_credentials_are_named_in_their_order_and_nothing_is_sent() {
    let house = House::new();
    let key = &house.fakes.line()["credentials"]["apns"]["token"]["key"];
    for (credentials, expected) in [
        (json!({}), "there are no credentials for Apple"),
        (json!({"apns": {}}), "`token` is missing"),
        (json!({"apns": {"token": {}}}), "`bundle` is missing"),
        (
            json!({"apns": {"token": {}, "bundle": "b"}}),
            "`token.key_id` is missing",
        ),
        (
            json!({"apns": {"token": {"key_id": "k"}, "bundle": "b"}}),
            "`token.key` is missing",
        ),
        (
            json!({"apns": {"token": {"key_id": "k", "key": key}, "bundle": "b"}}),
            "`token.team_id` is missing",
        ),
        (
            json!({"apns": {"token": {"key_id": "k", "key": "x", "team_id": "t"}, "bundle": "b"}}),
            "`token.key` is not the text of a `.p8` file",
        ),
    ] {
        let application = application_with(credentials);
        if let Err((channel, reason)) = house.vendors.check(&application) {
            assert_eq!((channel, &*reason), (Channel::Apns, expected));
        } else {
            assert!(application.credentials.apns.is_none());
        }
        let outcomes = house
            .send_from(application, Channel::Apns, &message(), targets(&[TOKEN]))
            .await;
        let reason = expected.into();
        assert_eq!(outcomes[0], Outcome::BadCredentials { reason });
    }
    assert_eq!(house.fakes.apns().book().counts().connections, 0);
}

#[tokio::test]
async fn a_token_that_is_out_of_date_is_renewed_and_the_request_sent_again() {
    let house = House::new();
    let tokens = many(200);
    let tokens: Vec<&str> = tokens.iter().map(String::as_str).collect();
    house.send(Channel::Apns, &message(), &tokens[..1]).await;
    house.fakes.apns().expire_tokens();
    let outcomes = house.send(Channel::Apns, &message(), &tokens[1..]).await;
    assert!(outcomes.iter().all(is_accepted));
    let counts = house.fakes.apns().book().counts();
    assert_eq!(
        (counts.accepted, counts.doubled, counts.proofs),
        (200, 0, 2)
    );
    house.fakes.apns().expire_tokens();
    let again = house.send_one(Channel::Apns, &message(), TOKEN).await;
    let waits = matches!(
        &again,
        Outcome::Retry {
            scope: Scope::Application,
            ..
        }
    );
    assert!(
        waits,
        "Apple wants no new token within twenty minutes: {again:?}"
    );
}
