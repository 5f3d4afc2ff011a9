//! Everything that may break on the way to Apple, and what is never begun.

use std::time::Duration;

use loggia_fakes::{Action, Answer as Scripted};
use serde_json::{Value, json};

use super::super::{Channel, Outcome, Scope};
use super::{House, TOKEN, is_accepted, many, ordered, targets};

fn message() -> Value {
    json!({"body": "x"})
}

/// What comes of one answer of Apple's.
async fn outcome(house: &House, answer: Scripted) -> Outcome {
    house.fakes.apns().book().script(TOKEN, vec![answer]);
    house.send_one(Channel::Apns, &message(), TOKEN).await
}

#[tokio::test]
async fn goaway_loses_nothing_and_doubles_nothing() {
    let house = House::new();
    house.fakes.apns().book().behave(|manner| {
        manner.goaway_after = 150;
        manner.max_streams = 100;
    });
    let tokens = many(1000);
    let tokens: Vec<&str> = tokens.iter().map(String::as_str).collect();
    let outcomes = house.send(Channel::Apns, &message(), &tokens).await;
    let lost: Vec<_> = outcomes
        .iter()
        .filter(|outcome| !is_accepted(outcome))
        .collect();
    assert!(
        lost.is_empty(),
        "{} of 1000: {:?}",
        lost.len(),
        lost.first()
    );
    let counts = house.fakes.apns().book().counts();
    assert_eq!(
        (counts.accepted, counts.distinct, counts.doubled),
        (1000, 1000, 0)
    );
    assert!(counts.connections > 5, "{}", counts.connections);
}

#[tokio::test]
async fn a_refused_stream_is_sent_again_and_a_reset_one_is_unanswered() {
    let house = House::new();
    let act = |action| Scripted {
        action,
        ..Scripted::default()
    };
    assert!(is_accepted(&outcome(&house, act(Action::Refuse)).await));
    let reset = outcome(&house, act(Action::Reset)).await;
    let reason = "the stream was reset".into();
    assert_eq!(reset, Outcome::Unanswered { reason });
    let cut = outcome(&house, act(Action::Cut)).await;
    let reason = "the connection broke".into();
    assert_eq!(cut, Outcome::Unanswered { reason });
    assert!(is_accepted(
        &house.send_one(Channel::Apns, &message(), TOKEN).await
    ));
}

#[tokio::test]
async fn a_stalled_request_times_out_alone() {
    let house = House::with_timeout(Duration::from_millis(700));
    let tokens = many(50);
    let stall = Scripted {
        action: Action::Stall,
        ..Scripted::default()
    };
    house.fakes.apns().book().script(&tokens[10], vec![stall]);
    let tokens: Vec<&str> = tokens.iter().map(String::as_str).collect();
    let outcomes = house.send(Channel::Apns, &message(), &tokens).await;
    let unanswered = Outcome::Unanswered {
        reason: "no answer in time".into(),
    };
    assert_eq!(
        outcomes
            .iter()
            .filter(|outcome| is_accepted(outcome))
            .count(),
        49
    );
    assert_eq!(outcomes[10], unanswered);
}

#[tokio::test]
async fn a_connection_that_fell_silent_is_left_for_another() {
    let house = House::with_timeout(Duration::from_millis(300));
    let stall = Scripted {
        action: Action::Stall,
        times: Some(0),
        ..Scripted::default()
    };
    house.fakes.apns().book().script("*", vec![stall]);
    let stalled = house.send(Channel::Apns, &message(), &[TOKEN, TOKEN]).await;
    let is_lost = |outcome: &Outcome| matches!(outcome, Outcome::Unanswered { .. });
    assert!(stalled.iter().all(is_lost), "{stalled:?}");
    house.fakes.apns().book().forget();
    assert!(is_accepted(
        &house.send_one(Channel::Apns, &message(), TOKEN).await
    ));
    assert_eq!(house.fakes.apns().book().counts().connections, 1);
}

#[tokio::test]
async fn an_unreachable_vendor_is_tried_again_later_and_not_by_every_device() {
    let house = House::new();
    let mut settings = house.fakes.line().as_object().unwrap().clone();
    let closed = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    settings.insert("apns_url".to_owned(), json!(format!("https://{closed}")));
    let settings = super::VendorSettings::read(&settings, Duration::from_secs(2)).unwrap();
    let vendors = super::Vendors::new(settings, &super::guard(&["127.0.0.0/8"])).unwrap();
    let tokens = many(5000);
    let tokens: Vec<&str> = tokens.iter().map(String::as_str).collect();
    let (batch, received) = house.batch(
        house.application(),
        Channel::Apns,
        &message(),
        targets(&tokens),
    );
    vendors.sender(Channel::Apns).send(batch).await;
    let outcomes = ordered(received, 5000);
    let waits = |outcome: &Outcome| {
        matches!(
            outcome,
            Outcome::Retry {
                after: Some(_),
                scope: Scope::Application,
                ..
            }
        )
    };
    assert!(outcomes.iter().all(waits), "{:?}", outcomes[0]);
}

#[tokio::test]
async fn a_private_address_is_not_called_unless_allowed() {
    let house = House::new();
    let settings = house.fakes.line().as_object().unwrap().clone();
    let settings = super::VendorSettings::read(&settings, Duration::from_secs(2)).unwrap();
    let vendors = super::Vendors::new(settings, &super::guard(&[])).unwrap();
    let (batch, received) = house.batch(
        house.application(),
        Channel::Apns,
        &message(),
        targets(&[TOKEN]),
    );
    vendors.sender(Channel::Apns).send(batch).await;
    let outcome = ordered(received, 1).remove(0);
    assert!(
        matches!(outcome, Outcome::BadCredentials { .. }),
        "{outcome:?}"
    );
    assert_eq!(house.fakes.apns().book().counts().connections, 0);
}

#[tokio::test]
async fn a_node_that_loses_the_right_to_send_sends_nothing_from_there_on() {
    let house = House::new();
    house.fakes.apns().book().behave(|manner| {
        manner.max_streams = 5;
        manner.latency_ms = 20;
    });
    let tokens = many(500);
    let tokens: Vec<&str> = tokens.iter().map(String::as_str).collect();
    let (batch, mut received) = house.batch(
        house.application(),
        Channel::Apns,
        &message(),
        targets(&tokens),
    );
    let mut outcomes = Vec::new();
    let sending = house.vendors.sender(Channel::Apns).send(batch);
    let listening = async {
        while let Some(answer) = received.recv().await {
            house.permission.withdraw();
            outcomes.push(answer.outcome);
        }
    };
    tokio::join!(sending, listening);
    let accepted = outcomes
        .iter()
        .filter(|outcome| is_accepted(outcome))
        .count();
    let withheld = outcomes
        .iter()
        .filter(|outcome| **outcome == Outcome::Withheld)
        .count();
    assert_eq!(accepted + withheld, 500);
    assert!((1..=10).contains(&accepted), "{accepted} had left before");
    assert_eq!(house.fakes.apns().book().counts().accepted, accepted as u64);
}

#[tokio::test]
async fn a_node_that_may_not_send_sends_nothing() {
    let house = House::new();
    house.permission.withdraw();
    let outcomes = house.send(Channel::Apns, &message(), &[TOKEN, TOKEN]).await;
    assert_eq!(outcomes, [Outcome::Withheld, Outcome::Withheld]);
    assert_eq!(house.fakes.apns().book().counts().connections, 0);
}
