//! Moving in and out, and what the search is handed.

use serde_json::{Value, json};

use crate::library::{Shop, categories, items, names, one};

const KINDS: [&str; 6] = [
    "application",
    "type",
    "category",
    "item",
    "revision",
    "vote",
];

fn records(shop: &Shop, kind: &str) -> Vec<Value> {
    let mut all = Vec::new();
    let mut after = 0;
    loop {
        let call = shop
            .host
            .call("get", "records")
            .as_operator()
            .with("kind", kind);
        let page = call.with("after", after).with("limit", 2).json();
        all.extend(page["records"].as_array().expect("records").clone());
        match page["next"].as_i64() {
            Some(next) => after = next,
            None => return all,
        }
    }
}

fn put(shop: &Shop, kind: &str, records: &[Value]) -> Value {
    let call = shop.host.call("put", "records").as_operator();
    call.with("kind", kind)
        .with("records", json!(records))
        .json()
}

#[test]
fn everything_that_is_moved_out_can_be_moved_in() {
    for (from, to) in Shop::each().into_iter().zip(Shop::each()) {
        let lamps = from.category("Lamps", 0, &json!({ "content_subtitle": "s" }));
        let small = from.category("Small", lamps, &json!({}));
        for name in ["a", "b", "c"] {
            let id = from.product(
                name,
                &[small, lamps],
                &json!({ "elements": { "price": 5 } }),
            );
            from.saved("items", &json!({ "id": id, "priority": 1 }));
            let vote = from.host.call("post", "votes").as_user(from.member);
            let vote = vote.with("id", id).with("value", 4).json();
            assert_eq!(vote["votes"], 1, "{vote}");
        }
        let kinds = from.host.call("get", "records").as_operator().json();
        assert_eq!(kinds["kinds"], json!(KINDS));
        for kind in KINDS {
            let out = records(&from, kind);
            assert!(!out.is_empty(), "{kind}");
            // A record may come before the one that it lies below.
            let backwards: Vec<Value> = out.iter().rev().cloned().collect();
            for _ in 0..2 {
                let taken = put(&to, kind, &backwards);
                assert_eq!(
                    (&taken["taken"], &taken["refused"]),
                    (&json!(out.len()), &json!([])),
                    "{taken}"
                );
                assert_eq!(records(&to, kind), out, "{kind}");
            }
        }
        assert_eq!(items(to.items(small)), items(from.items(small)));
        let tree = |shop: &Shop| categories(shop.get("categories").with("app", shop.app));
        assert_eq!(tree(&to), tree(&from));
        // What is added next has an id of its own.
        let new = to.product("new", &[lamps], &json!({}));
        assert_eq!(one(to.item(new))["name"], "new");
        to.category("New", small, &json!({}));
    }
}

#[test]
fn records_that_break_a_rule_are_named_and_the_others_are_taken() {
    for shop in Shop::each() {
        shop.product("a", &[], &json!({}));
        let good = records(&shop, "item").remove(0);
        let changed = |id: i64, alias: &str, name: &str, value: Value| {
            let mut record = good.clone();
            record["id"] = json!(id);
            record["alias"] = json!(alias);
            record[name] = value;
            record
        };
        let all = [
            changed(10, "b", "name", json!("b")),
            changed(11, "c", "type_id", json!(99999)),
            changed(12, "a", "name", json!("d")),
            changed(13, "e", "elements", json!([1])),
            changed(14, "f", "metadata", json!({ "title": 1 })),
            changed(15, "g", "categories", json!([99999])),
            changed(16, "h", "state", json!("x")),
        ];
        let taken = put(&shop, "item", &all);
        assert_eq!(taken["taken"], 1, "{taken}");
        let refused = taken["refused"].as_array().expect("a list").iter();
        let mut refused: Vec<i64> = refused.map(|one| one["id"].as_i64().unwrap()).collect();
        refused.sort_unstable();
        assert_eq!(refused, [11, 12, 13, 14, 15, 16]);
        let found = names(&items(shop.items(0)));
        assert_eq!(found, (vec!["a".to_owned(), "b".to_owned()], 2));
        let unknown = shop
            .host
            .call("put", "records")
            .as_operator()
            .with("kind", "x");
        assert_eq!(unknown.with("records", json!([])).fault(), "REQ_PNV");
    }
}

#[test]
fn deletions_are_followed_where_nothing_depends_on_what_goes() {
    for shop in Shop::each() {
        let lamps = shop.category("Lamps", 0, &json!({}));
        let item = shop.product("a", &[lamps], &json!({}));
        let delete = |kind: &str, id: i64| {
            let call = shop
                .host
                .call("delete", "records")
                .as_operator()
                .with("kind", kind);
            call.with("ids", json!([id])).json()["deleted"].clone()
        };
        assert_eq!(delete("application", shop.app), 0);
        assert_eq!(delete("category", lamps), 0);
        assert_eq!(delete("type", 1), 0);
        assert_eq!(delete("item", item), 1);
        assert_eq!(delete("category", lamps), 1);
        assert_eq!(delete("type", 1), 1);
        assert_eq!(delete("application", shop.app), 1);
        assert_eq!(shop.items(0).fault(), "ZOO_AUN");
    }
}

#[test]
fn harmful_values_that_were_moved_in_are_not_shown() {
    for shop in Shop::each() {
        shop.type_of(
            "Page",
            &json!({ "link": { "type": "link", "name": "Link" } }),
        );
        let id = shop.saved(
            "items",
            &json!({ "app": shop.app, "type": "page", "name": "a" }),
        );
        let mut record = records(&shop, "item").remove(0);
        record["elements"] = json!({ "link": { "0": { "value": "javascript:alert(1)" } } });
        assert_eq!(put(&shop, "item", &[record])["taken"], 1);
        assert_eq!(
            one(shop.item(id))["elements"][0]["data"],
            json!({ "0": { "value": "" } })
        );
    }
}

#[test]
fn the_search_is_handed_what_may_be_found_and_nothing_else() {
    for shop in Shop::each() {
        shop.type_of(
            "Page",
            &json!({
                "open": { "type": "textarea", "name": "Open", "html": true },
                "secret": { "type": "text", "name": "Secret", "access": 6 },
            }),
        );
        let lamps = shop.category("Lamps", 0, &json!({ "access": 2 }));
        let elements = json!({ "open": "<p>bright <b>light</b></p>", "secret": "hush" });
        let new = json!({ "app": shop.app, "type": "page", "name": "Lamp", "elements": elements });
        let id = shop.saved(
            "items",
            &crate::library::merged(&new, &json!({ "categories": [lamps] })),
        );
        shop.product("draft", &[], &json!({ "state": 0 }));
        shop.product("quiet", &[], &json!({ "searchable": false }));
        let mut found = Vec::new();
        let mut after = Value::Null;
        loop {
            let call = shop
                .host
                .call("get", "searchables")
                .as_operator()
                .with("limit", 1);
            let page = call.with("after", after).json();
            found.extend(page["entries"].as_array().expect("entries").clone());
            after = page["next"].clone();
            if after.is_null() {
                break;
            }
        }
        assert_eq!(found.len(), 3, "{found:?}");
        assert_eq!(found[0]["category"]["id"], -shop.app);
        assert_eq!(found[1]["category"]["parent_id"], -shop.app);
        assert_eq!(found[1]["category"]["view_levels"], json!([2]));
        let document = &found[2]["document"];
        assert_eq!(
            (&document["id"], &document["title"]),
            (&json!(id), &json!("Lamp"))
        );
        assert_eq!(document["category_id"], lamps);
        let text = document["text"].as_str().unwrap();
        assert!(
            text.contains("bright light") && !text.contains("hush"),
            "{text}"
        );
    }
}
