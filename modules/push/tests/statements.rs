//! How many statements a request costs: as many for a long list as for a short one. It has a process of its
//! own, because every connection of the process is counted.

use std::sync::atomic::{AtomicUsize, Ordering};

use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};
use loggia_module_push::loggia_module_v1;
use loggia_testkit::{TestCall, TestHost};
use serde_json::json;

/// The statements on the tables of push.
static STATEMENTS: AtomicUsize = AtomicUsize::new(0);

#[expect(
    clippy::unnecessary_wraps,
    reason = "the type is the one that diesel calls"
)]
fn counter() -> Option<Box<dyn Instrumentation>> {
    Some(Box::new(|event: InstrumentationEvent<'_>| {
        let InstrumentationEvent::StartQuery { query, .. } = event else {
            return;
        };
        let text = query.to_string();
        // A statement that diesel itself loads is told of once more, with its values.
        if text.contains("push_") && !text.contains("-- binds") {
            STATEMENTS.fetch_add(1, Ordering::Relaxed);
        }
    }))
}

/// How many statements a call costs that succeeds.
fn cost(call: TestCall<'_>) -> usize {
    let before = STATEMENTS.load(Ordering::Relaxed);
    let answer = call.json();
    assert_eq!(answer["status"], "ok", "{answer}");
    STATEMENTS.load(Ordering::Relaxed) - before
}

/// Applications, devices with topics, and notifications that are held back.
fn fill(host: &TestHost) {
    for number in 0..30 {
        let app = host.call("put", "apps").as_operator();
        assert_eq!(
            app.with("app", format!("app{number}")).json()["status"],
            "ok"
        );
        let device = json!({
            "token": format!("token{number}"), "platform": "generic", "topics": ["news", format!("t{number}")],
        });
        let post = host.call("post", "devices").as_operator();
        let answer = post
            .with("app", "app0")
            .with("devices", json!([device]))
            .json();
        assert_eq!(answer["status"], "ok", "{answer}");
        let post = host.call("post", "notifications").as_operator();
        let post = post
            .with("app", format!("app{number}"))
            .with("paused", true);
        let answer = post.with("title", "x").with("body", "y").json();
        assert_eq!(answer["status"], "ok", "{answer}");
    }
}

#[test]
fn a_page_costs_the_same_statements_whatever_its_length() {
    set_default_instrumentation(counter).expect("no connection exists yet");
    for host in TestHost::each(loggia_module_v1) {
        fill(&host);
        for resource in ["apps", "devices", "notifications"] {
            let page = |limit: i64| {
                let call = host.call("get", resource).as_operator();
                cost(call.with("limit", limit))
            };
            let (short, long) = (page(1), page(30));
            assert_eq!(short, long, "{resource}");
            assert!(long <= 4, "{resource}: {long}");
        }
        let deliveries = |limit: i64| {
            let call = host.call("get", "deliveries").as_operator();
            cost(call.with("notification", "1").with("limit", limit))
        };
        assert_eq!(deliveries(1), deliveries(30));
        assert!(cost(host.call("get", "stats")) <= 4);
    }
}
