//! Filters, in the forms in which clients of LoopBack write them.

use loggia_tests::client::escaped;
use serde_json::{Value, json};

use super::lab::Lab;

/// Four installations of an application of their own.
fn four(lab: &Lab) {
    lab.done(
        "POST",
        "/applications",
        &json!({ "id": "shop", "name": "Shop" }),
    );
    for (token, kind, user, level, is_new) in [
        ("a", "iOS", "u1", 1, true),
        ("b", "ios", "U2", 2, false),
        ("c", "android", "u1", 10, false),
        ("d", "android", "*?[x", 3, false),
    ] {
        let given = json!({
            "appId": "shop", "deviceToken": token, "deviceType": kind, "userId": user, "level": level, "new": is_new,
            "subscriptions": [user],
        });
        lab.done("POST", "/installations", &given);
    }
}

/// The tokens of what a query finds, in its order.
fn found(lab: &Lab, query: &str) -> String {
    let list = lab.done(
        "GET",
        &format!("/installations?filter[where][appId]=shop&{query}"),
        &Value::Null,
    );
    tokens(&list)
}

fn tokens(list: &Value) -> String {
    let list = list.as_array().unwrap_or_else(|| panic!("no list: {list}"));
    list.iter()
        .map(|one| one["deviceToken"].as_str().unwrap_or("-"))
        .collect()
}

#[test]
fn an_order_a_limit_and_lists_are_read_in_each_of_their_forms() {
    for lab in Lab::each("") {
        four(&lab);
        for (query, expected) in [
            ("filter[order]=userId,deviceToken%20DESC,", "dbca"),
            ("filter[order][0]=userId,deviceToken%20DESC", "dbca"),
            (
                "filter[order]=userId&filter[order]=deviceToken%20desc",
                "dbca",
            ),
            (
                "filter[order]=level%20DESC&filter[limit]=2&filter[skip]=1",
                "db",
            ),
            ("filter[order]=", "abcd"),
            ("filter[limit]=0", "abcd"),
            ("filter[skip]=1&filter[offset]=3", "bcd"),
            (
                "filter[where][userId][inq]=u1&filter[where][userId][inq]=U2",
                "abc",
            ),
            ("filter[where][deviceType]=IOS", "ab"),
            ("filter[where][new]=true", "a"),
            ("filter[where][level]=2", "b"),
            ("filter[where][level][gt]=2", "cd"),
            (
                "filter[where][level][between][]=2&filter[where][level][between][]=3",
                "bd",
            ),
        ] {
            assert_eq!(found(&lab, query), expected, "{query}");
        }
        let all = lab.done("GET", "/installations?filter=null", &Value::Null);
        assert_eq!(tokens(&all), "abcd");
    }
}

#[test]
fn patterns_are_found_by_case_or_without_and_on_both_databases_alike() {
    for lab in Lab::each("") {
        four(&lab);
        for (condition, expected) in [
            (json!({ "userId": { "like": "u%" } }), "ac"),
            (json!({ "userId": { "like": "U_" } }), "b"),
            (json!({ "userId": { "like": "*%[_" } }), "d"),
            (json!({ "userId": { "like": "\\_1" } }), ""),
            (json!({ "subscriptions": { "like": "u%" } }), "ac"),
            (json!({ "userId": { "nlike": "u%" } }), "bd"),
            (json!({ "userId": { "ilike": "U%" } }), "abc"),
            (json!({ "userId": { "nilike": "U%" } }), "d"),
            (json!({ "userId": { "regexp": "/^U[12]$/i" } }), "abc"),
            (json!({ "level": { "lt": "3" } }), "ab"),
            (json!({ "level": { "lt": "x" } }), ""),
        ] {
            let filter =
                escaped(&json!({ "where": condition, "order": "deviceToken" }).to_string());
            let list = lab.done(
                "GET",
                &format!("/installations?filter={filter}"),
                &Value::Null,
            );
            assert_eq!(tokens(&list), expected, "{condition}");
            let query = escaped(&condition.to_string());
            let count = lab.done(
                "GET",
                &format!("/installations/count?where={query}"),
                &Value::Null,
            );
            assert_eq!(count, json!({ "count": expected.len() }), "{condition}");
        }
    }
}

#[test]
fn more_records_than_an_answer_holds_are_counted_sorted_paged_and_changed() {
    const MANY: usize = 10_050;
    for lab in Lab::each("") {
        let one = |badge| json!({ "deviceType": "ios", "deviceToken": "t", "badge": badge });
        let list: Vec<Value> = (0..MANY).map(one).collect();
        lab.done("POST", "/notifications", &Value::Array(list));
        let get = |path: &str| lab.done("GET", &format!("/notifications{path}"), &Value::Null);
        let badges = |list: &Value| {
            let list = list.as_array().expect("a list").iter();
            list.map(|one| one["badge"].as_u64().expect("a number"))
                .collect::<Vec<_>>()
        };
        assert_eq!(get("/count"), json!({ "count": MANY }));
        assert_eq!(
            badges(&get("?filter[order]=badge%20DESC&filter[limit]=2")),
            [10_049, 10_048]
        );
        assert_eq!(badges(&get("?filter[skip]=10048")), [10_048, 10_049]);
        assert_eq!(
            badges(&get("?filter[order]=badge%20DESC&filter[skip]=10049")),
            [0]
        );
        let changed = lab.done("POST", "/notifications/update", &json!({ "category": "c" }));
        assert_eq!(changed, json!({ "count": MANY }));
        assert_eq!(get("/count?where[category]=c"), json!({ "count": MANY }));
    }
}
