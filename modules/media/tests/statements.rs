//! How many statements a request costs: as many for a long list as for a short one. It has a process of its
//! own, because every connection of the process is counted.

use std::sync::atomic::{AtomicUsize, Ordering};

use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};
use loggia_module_media::loggia_module_v1;
use loggia_testkit::{TestCall, TestHost};

/// The statements on the module's own tables.
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
        if text.contains("media_") && !text.contains("-- binds") {
            STATEMENTS.fetch_add(1, Ordering::Relaxed);
        }
    }))
}

/// How many statements a call costs that succeeds.
fn cost(call: TestCall<'_>) -> usize {
    let before = STATEMENTS.load(Ordering::Relaxed);
    call.send().expect("the call succeeds");
    STATEMENTS.load(Ordering::Relaxed) - before
}

#[test]
fn a_page_costs_the_same_statements_whatever_its_length() {
    set_default_instrumentation(counter).expect("no connection exists yet");
    for host in TestHost::each(loggia_module_v1) {
        let post = || {
            let call = host.call("post", "files").as_operator();
            cost(call.with_file("file", b"text"))
        };
        for _ in 0..30 {
            assert_eq!(post(), 3, "the account, its bytes, the file");
        }
        let items = |limit: i64| cost(host.call("get", "items").as_operator().with("limit", limit));
        assert_eq!((items(1), items(30)), (2, 2), "total, page");
        assert_eq!(cost(host.call("get", "files").with("id", 1)), 1);
    }
}
