//! How many statements a request costs: as many for a long list as for a short one. It has a process of its
//! own, because every connection of the process is counted.

use loggia_module_content::loggia_module_v1;
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
        text.contains("content_") && !text.contains("content_change")
    });
    for host in TestHost::each(loggia_module_v1) {
        let top = put(&host, "categories", &json!({ "title": "Top" }));
        let tags: Vec<i64> = (0..4)
            .map(|number| put(&host, "tags", &json!({ "title": format!("Tag {number}") })))
            .collect();
        for number in 0..30 {
            let category = json!({ "title": format!("Category {number}"), "parent": top });
            let category = put(&host, "categories", &category);
            let title = format!("Article {number}");
            let article = json!({ "title": title, "category": category, "tags": tags });
            put(&host, "articles", &article);
        }
        let articles = |limit: i64| {
            let call = host.call("get", "articles").with("catid", top);
            cost(call.with("maxsubs", 9).with("limit", limit))
        };
        let tagged = |limit: i64| {
            let call = host.call("get", "tagarticles").with("tagid", tags[0]);
            cost(call.with("limit", limit))
        };
        let tree = |recursive: i64| {
            let call = host.call("get", "categories").with("countitems", 1);
            cost(call.with("recursive", recursive))
        };
        let change = || put(&host, "tags", &json!({ "title": "Tag 0", "state": 1 }));
        assert_eq!(articles(1), 6, "category, order, two times, page, titles");
        assert_eq!(
            (articles(1), articles(30)),
            (3, 3),
            "without order and times"
        );
        assert_eq!(tagged(1), 3, "order, page, titles");
        assert_eq!((tagged(1), tagged(30)), (2, 2), "without order");
        assert_eq!(tree(0), 2, "categories, counts");
        assert_eq!(tree(1), 1, "categories");
        assert_eq!((tree(0), tree(1)), (0, 0), "a tree is remembered");
        change();
        assert_eq!(articles(30), 6, "after a change as at first");
        let one = || host.call("get", "articles").with("id", 1);
        assert_eq!(cost(one()), 3, "article, title, tags");
    }
}
