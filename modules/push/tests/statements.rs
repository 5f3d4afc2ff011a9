//! How many statements a request costs: as many for a long list as for a short one. It has a process of its
//! own, because every connection of the process is counted.

use loggia_module_push::loggia_module_v1;
use loggia_testkit::TestHost;
use loggia_testkit::statements::{self, cost};
use serde_json::json;

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
    statements::count(|text| text.contains("push_"));
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
