//! How many statements a request costs: as many for a long list as for a short one. It has a process of its
//! own, because every connection of the process is counted.

use loggia_module_loopback::loggia_module_v1;
use loggia_testkit::{TestHost, statements};
use serde_json::{Value, json};

fn post(host: &TestHost, path: &str, body: &Value) -> Value {
    let route = host.route("POST", path).as_operator();
    let route = route.header("content-type", "application/json");
    let (status, text) = route.body(body.to_string().as_bytes()).text();
    assert_eq!(status, 200, "{path}: {text}");
    serde_json::from_str(&text).expect("JSON")
}

/// How many statements a list of so many costs.
fn cost(host: &TestHost, path: &str, limit: usize) -> usize {
    statements::made_by(|| {
        let route = host.route("GET", &format!("{path}?filter[limit]={limit}"));
        let (status, text) = route.as_operator().text();
        let found: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(
            (status, found.as_array().map(Vec::len)),
            (200, Some(limit)),
            "{path}: {text}"
        );
    })
}

#[test]
fn a_list_costs_the_same_statements_whatever_its_length() {
    statements::count(|text| text.contains("push_"));
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
