//! Google's refusals, its OAuth server's, and pauses.

use std::time::Duration;

use loggia_fakes::{Action, Answer as Scripted};
use serde_json::{Value, json};

use super::super::{Channel, Outcome, Scope};
use super::{House, application_with, is_accepted, scripted, targets};

fn message() -> Value {
    json!({"body": "x"})
}

/// What comes of one answer of Google's.
async fn outcome(house: &House, answer: Scripted) -> Outcome {
    house.fakes.fcm().book().script("t", vec![answer]);
    house.send_one(Channel::Fcm, &message(), "t").await
}

fn error(status: u16, general: &str, text: &str, details: Value) -> Scripted {
    let body =
        json!({"error": {"code": status, "status": general, "message": text, "details": details}});
    Scripted {
        status,
        body: Some(body),
        ..Scripted::default()
    }
}

#[tokio::test]
async fn every_code_has_its_outcome() {
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
    let gone = Outcome::Gone {
        reason: "UNREGISTERED".into(),
        since_ms: None,
    };
    for (answer, expected) in [
        (scripted(404, "UNREGISTERED"), gone),
        (
            scripted(400, "INVALID_ARGUMENT"),
            refused("INVALID_ARGUMENT"),
        ),
        (
            scripted(403, "SENDER_ID_MISMATCH"),
            refused("SENDER_ID_MISMATCH"),
        ),
        (scripted(500, "INTERNAL"), later("INTERNAL")),
        (scripted(503, "UNAVAILABLE"), later("UNAVAILABLE")),
        (
            scripted(401, "THIRD_PARTY_AUTH_ERROR"),
            bad("THIRD_PARTY_AUTH_ERROR"),
        ),
        (
            error(403, "PERMISSION_DENIED", "", json!([])),
            bad("PERMISSION_DENIED"),
        ),
        (error(404, "NOT_FOUND", "", json!([])), refused("NOT_FOUND")),
        (
            error(418, "TEAPOT", "", json!([])),
            refused("status 418, TEAPOT"),
        ),
        (
            error(418, "f0:APA91b", "", json!([])),
            refused("status 418, without a known reason"),
        ),
    ] {
        assert_eq!(outcome(&house, answer).await, expected);
    }
}

#[tokio::test]
async fn an_invalid_argument_is_the_devices_only_where_it_is_the_token() {
    let house = House::new();
    let code = json!({"@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError", "errorCode": "INVALID_ARGUMENT"});
    let field = |field: &str| {
        json!({"@type": "type.googleapis.com/google.rpc.BadRequest",
        "fieldViolations": [{"field": field, "description": "x"}]})
    };
    let text = "The registration token is not a valid FCM registration token";
    let invalid = |text, details| error(400, "INVALID_ARGUMENT", text, details);
    for (answer, is_gone) in [
        (invalid(text, json!([code])), true),
        (invalid(text, json!([code, field("message.token")])), true),
        (invalid("Android message is too big", json!([code])), false),
        (invalid(text, json!([code, field("message.data")])), false),
        (invalid(text, json!([field("message.token")])), false),
        (invalid("", json!([])), false),
    ] {
        let outcome = outcome(&house, answer).await;
        assert_eq!(
            matches!(outcome, Outcome::Gone { .. }),
            is_gone,
            "{outcome:?}"
        );
    }
}

#[tokio::test]
async fn a_quota_slows_the_application_and_a_device_that_gets_too_much_only_itself() {
    let house = House::new();
    let of = |subject: &str| {
        let details = json!([
            {"@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError", "errorCode": "QUOTA_EXCEEDED"},
            {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [{"subject": subject}]},
        ]);
        error(429, "RESOURCE_EXHAUSTED", "", details)
    };
    let device = outcome(&house, of("device:x")).await;
    let slowed = |after, scope| Outcome::Retry {
        after,
        scope,
        reason: "QUOTA_EXCEEDED".into(),
    };
    assert_eq!(device, slowed(None, Scope::Device));
    assert!(is_accepted(
        &house.send_one(Channel::Fcm, &message(), "t").await
    ));
    let minute = Some(Duration::from_mins(1));
    assert_eq!(
        outcome(&house, of("project:x")).await,
        slowed(minute, Scope::Application)
    );
    let next = house.send_one(Channel::Fcm, &message(), "other").await;
    assert!(
        matches!(
            &next,
            Outcome::Retry {
                scope: Scope::Application,
                ..
            }
        ),
        "{next:?}"
    );
    assert_eq!(house.fakes.fcm().book().counts().seen, 3);
}

#[tokio::test]
async fn retry_after_is_obeyed_to_the_second() {
    let house = House::new();
    let answer = Scripted {
        retry_after: Some("1".to_owned()),
        ..scripted(503, "UNAVAILABLE")
    };
    let begun = std::time::Instant::now();
    let first = outcome(&house, answer).await;
    let pause = Outcome::Retry {
        after: Some(Duration::from_secs(1)),
        scope: Scope::Application,
        reason: "UNAVAILABLE".into(),
    };
    assert_eq!(first, pause);
    let mut last = house.send_one(Channel::Fcm, &message(), "t").await;
    while let Outcome::Retry { after, .. } = last {
        tokio::time::sleep(after.unwrap()).await;
        last = house.send_one(Channel::Fcm, &message(), "t").await;
    }
    assert!(is_accepted(&last) && begun.elapsed() >= Duration::from_secs(1));
    assert_eq!(house.fakes.fcm().book().counts().seen, 2);
}

#[tokio::test]
async fn an_access_token_that_is_void_is_renewed_once() {
    let house = House::new();
    assert!(is_accepted(
        &house.send_one(Channel::Fcm, &message(), "a").await
    ));
    house.fakes.fcm().expire_tokens();
    let tokens: Vec<String> = (0..100).map(|number| format!("token-{number}")).collect();
    let tokens: Vec<&str> = tokens.iter().map(String::as_str).collect();
    let outcomes = house.send(Channel::Fcm, &message(), &tokens).await;
    assert!(outcomes.iter().all(is_accepted), "{:?}", outcomes[0]);
    assert_eq!(house.fakes.fcm().book().counts().tokens_issued, 2);
    let always = Scripted {
        times: Some(0),
        ..scripted(401, "UNAUTHENTICATED")
    };
    let stopped = outcome(&house, always).await;
    let reason = "UNAUTHENTICATED".into();
    assert_eq!(stopped, Outcome::BadCredentials { reason });
}

#[tokio::test]
async fn an_access_token_is_renewed_before_its_end() {
    let house = House::new();
    house
        .fakes
        .fcm()
        .book()
        .behave(|manner| manner.token_life_s = 3);
    assert!(is_accepted(
        &house.send_one(Channel::Fcm, &message(), "a").await
    ));
    let begun = std::time::Instant::now();
    while house.fakes.fcm().book().counts().tokens_issued < 2 {
        assert!(is_accepted(
            &house.send_one(Channel::Fcm, &message(), "a").await
        ));
        assert!(begun.elapsed() < Duration::from_secs(20));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(house.fakes.fcm().book().counts().statuses.get(&401), None);
}

#[tokio::test]
async fn an_account_that_is_refused_stops_the_application_and_trouble_only_delays_it() {
    let house = House::new();
    house
        .fakes
        .fcm()
        .oauth()
        .script("token", vec![scripted(503, "busy")]);
    let delayed = house.send_one(Channel::Fcm, &message(), "t").await;
    assert!(
        matches!(
            &delayed,
            Outcome::Retry {
                scope: Scope::Application,
                ..
            }
        ),
        "{delayed:?}"
    );
    let house = House::new();
    house
        .fakes
        .fcm()
        .oauth()
        .script("token", vec![scripted(400, "invalid_grant")]);
    let stopped = house.send_one(Channel::Fcm, &message(), "t").await;
    let reason = "the OAuth server refuses the account: status 400, invalid_grant".into();
    assert_eq!(stopped, Outcome::BadCredentials { reason });
    assert_eq!(house.fakes.fcm().book().counts().seen, 0);
}

#[tokio::test]
async fn what_is_missing_in_the_account_is_named() {
    let house = House::new();
    let account = &house.fakes.line()["credentials"]["fcm"]["service_account"];
    let with = |name: &str, value: Value| {
        let mut account = account.clone();
        account[name] = value;
        json!({"fcm": {"service_account": account}})
    };
    for (credentials, expected) in [
        (json!({}), "there are no credentials for Google"),
        (
            with("project_id", json!(null)),
            "`service_account.project_id` is missing",
        ),
        (
            with("project_id", json!("a/b")),
            "`service_account.project_id` is not a project's id",
        ),
        (
            with("private_key", json!("x")),
            "`service_account.private_key` is not an RSA key in PEM",
        ),
        (
            with("token_uri", json!("http://example.org/token")),
            "`service_account.token_uri`: the address is not https",
        ),
        (
            with("token_uri", json!("https://10.0.0.1/token")),
            "`service_account.token_uri`: the address is private and `[outgoing] allow` does not list it",
        ),
    ] {
        let application = application_with(credentials);
        let outcomes = house
            .send_from(application, Channel::Fcm, &message(), targets(&["t"]))
            .await;
        let reason = expected.into();
        assert_eq!(outcomes[0], Outcome::BadCredentials { reason });
    }
}

#[tokio::test]
async fn goaway_and_cuts_are_told_apart() {
    let house = House::new();
    house
        .fakes
        .fcm()
        .book()
        .behave(|manner| manner.goaway_after = 100);
    let tokens: Vec<String> = (0..500).map(|number| format!("token-{number}")).collect();
    let tokens: Vec<&str> = tokens.iter().map(String::as_str).collect();
    let outcomes = house.send(Channel::Fcm, &message(), &tokens).await;
    assert!(outcomes.iter().all(is_accepted));
    let counts = house.fakes.fcm().book().counts();
    assert_eq!((counts.accepted, counts.distinct), (500, 500));
    let cut = Scripted {
        action: Action::Cut,
        ..Scripted::default()
    };
    let reason = "the connection broke".into();
    assert_eq!(outcome(&house, cut).await, Outcome::Unanswered { reason });
}
