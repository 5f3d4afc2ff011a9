//! How many statements a request costs: as many for a long list as for a short one. It has a process of its
//! own, because every connection of the process is counted.

use std::sync::atomic::{AtomicUsize, Ordering};

use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};
use loggia::store::testing::TestDatabase;
use loggia_module_profiles::loggia_module_v1;
use loggia_testkit::{TestCall, TestHost};
use serde_json::json;

/// The statements on the module's own tables, and on the accounts.
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
        let is_ours = text.contains("profiles_") || text.contains("\"account\"");
        // A statement that diesel itself loads is told of once more, with its values.
        if is_ours && !text.contains("-- binds") {
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

#[test]
fn a_page_costs_the_same_statements_whatever_its_length() {
    set_default_instrumentation(counter).expect("no connection exists yet");
    for database in TestDatabase::each() {
        let settings = json!({ "fields_in_lists": true });
        let settings = settings.as_object().unwrap().clone();
        let host = TestHost::with(database, loggia_module_v1, settings);
        let accounts: Vec<i64> = (0..30)
            .map(|number| host.account(&format!("user{number}"), "a long password", &[2]))
            .collect();
        for number in 0..5 {
            let call = host.call("put", "fields").as_operator();
            call.with("name", format!("cb_{number}")).json();
        }
        let users = |limit: i64| cost(host.call("get", "users").with("limit", limit));
        assert_eq!((users(1), users(30)), (4, 4), "total, page, fields, values");
        let one = host.call("get", "profile").with("id", accounts[0]);
        assert_eq!(cost(one), 3, "account, fields, values");
    }
}
