//! How many statements a request costs: as many for a long list as for a short one. It has a process of its
//! own, because every connection of the process is counted.

use std::sync::atomic::{AtomicUsize, Ordering};

use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};
use loggia_module_loopback::loggia_module_v1;
use loggia_testkit::TestHost;
use serde_json::{Value, json};

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

fn post(host: &TestHost, path: &str, body: &Value) -> Value {
    let route = host.route("POST", path).as_operator();
    let route = route.header("content-type", "application/json");
    let (status, text) = route.body(body.to_string().as_bytes()).text();
    assert_eq!(status, 200, "{path}: {text}");
    serde_json::from_str(&text).expect("JSON")
}

/// How many statements a list of so many costs.
fn cost(host: &TestHost, path: &str, limit: usize) -> usize {
    let before = STATEMENTS.load(Ordering::Relaxed);
    let route = host.route("GET", &format!("{path}?filter[limit]={limit}"));
    let (status, text) = route.as_operator().text();
    let found: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(
        (status, found.as_array().map(Vec::len)),
        (200, Some(limit)),
        "{path}: {text}"
    );
    STATEMENTS.load(Ordering::Relaxed) - before
}

#[test]
fn a_list_costs_the_same_statements_whatever_its_length() {
    set_default_instrumentation(counter).expect("no connection exists yet");
    for host in TestHost::each(loggia_module_v1) {
        let mut application = Value::Null;
        for number in 0..30 {
            application = post(
                &host,
                "/applications",
                &json!({ "name": format!("App {number}") }),
            );
        }
        for number in 0..30 {
            let installation = json!({
                "appId": application["id"], "deviceType": "android", "deviceToken": format!("token{number}"),
                "subscriptions": ["news", format!("t{number}")],
            });
            post(&host, "/installations", &installation);
            let notification = json!({ "alert": format!("Hello {number}"), "appId": application["id"],
                "deviceType": "android", "deviceToken": format!("token{number}"),
            });
            post(&host, "/notifications", &notification);
        }
        for path in ["/applications", "/installations", "/notifications"] {
            let (short, long) = (cost(&host, path, 1), cost(&host, path, 30));
            assert_eq!(short, long, "{path}");
            assert!(long <= 4, "{path}: {long}");
        }
    }
}
