//! How many statements a request costs: as many for a long list as for a short one. It has a process of its
//! own, because every connection of the process is counted.

use loggia::store::testing::TestDatabase;
use loggia_module_catalog::loggia_module_v1;
use loggia_testkit::TestHost;
use loggia_testkit::statements::{self, cost};
use serde_json::{Value, json};

fn put(host: &TestHost, resource: &str, members: &Value) -> i64 {
    let given = members.as_object().expect("an object");
    let call = given.iter().fold(
        host.call("put", resource).as_operator(),
        |call, (name, value)| call.with(name, value.clone()),
    );
    let answer = call.json();
    let id = answer["id"].as_str().and_then(|id| id.parse().ok());
    id.unwrap_or_else(|| panic!("{resource} {members}: {answer}"))
}

#[test]
fn a_request_costs_as_many_statements_for_a_long_list_as_for_a_short_one() {
    statements::count(|text| {
        // Whether the number of changes is asked for depends on how long ago it was asked last.
        text.contains("catalog_") && !text.contains("catalog_change")
    });
    for with_elements in [false, true] {
        for database in TestDatabase::each() {
            let settings = json!({ "include_elements": with_elements, "update_hits": false });
            let settings = settings.as_object().expect("an object").clone();
            check(
                &TestHost::with(database, loggia_module_v1, settings),
                with_elements,
            );
        }
    }
}

fn check(host: &TestHost, with_elements: bool) {
    let app = put(host, "applications", &json!({ "name": "Shop" }));
    let category = put(host, "categories", &json!({ "app": app, "name": "Top" }));
    let mut last = Vec::new();
    for number in 0..30 {
        let kind = format!("Type {}", number % 5);
        let elements = json!({
            "text": { "type": "textarea", "name": "Text", "html": true },
            "others": { "type": "relation", "name": "Others", "repeatable": true },
        });
        let kind = json!({ "app": app, "name": kind, "identifier": kind, "elements": elements });
        put(host, "types", &kind);
        put(
            host,
            "categories",
            &json!({ "app": app, "name": number.to_string(), "parent": category }),
        );
        let item = json!({
            "app": app, "type": format!("type-{}", number % 5), "name": format!("Item {number}"),
            "categories": [category], "elements": { "text": "<p>a</p>", "others": last },
        });
        last = vec![put(host, "items", &item)];
    }
    let items = |limit: i64| {
        let call = host.call("get", "items").with("app", app);
        let call = call.with("category", category).with("cursor", "");
        cost(call.with("limit", limit))
    };
    // Elements, types, and related items, which the first item has none of.
    let (first, all) = if with_elements { (2, 3) } else { (0, 0) };
    assert_eq!(
        items(1),
        6 + first,
        "application, category, order, two times, page"
    );
    assert_eq!(
        (items(1), items(30)),
        (3 + first, 3 + all),
        "without order and times"
    );
    let categories = || cost(host.call("get", "categories").with("app", app));
    assert_eq!(categories(), 2, "application, categories");
    assert_eq!(categories(), 0, "remembered");
    let one = host
        .call("get", "items")
        .with("app", app)
        .with("id", last[0]);
    assert_eq!(cost(one), 4, "application, item, type, related items");
    let change = host.call("put", "items").as_operator();
    let change = change.with("id", last[0]).with("name", "Changed");
    assert!(cost(change) <= 16, "a change costs a few statements");
}
