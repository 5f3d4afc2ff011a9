//! The four settings of jBackend.

use serde_json::{Value, json};

use crate::library::{Shop, items, one};

fn lamp(shop: &Shop) -> i64 {
    shop.product(
        "Lamp",
        &[],
        &json!({ "elements": { "price": 5, "about": "a" } }),
    )
}

#[test]
fn elements_are_identified_and_named_as_the_settings_say() {
    for (identified, named) in [(false, false), (false, true), (true, false), (true, true)] {
        let settings = json!({ "identify_elements": identified, "name_elements": named });
        for shop in Shop::each_with(&settings) {
            let id = lamp(&shop);
            let shown = one(shop.item(id));
            let names = if named {
                ["full-price", "about"]
            } else {
                ["price", "about"]
            };
            let elements = &shown["elements"];
            if identified {
                let members: Vec<&String> = elements.as_object().expect("a map").keys().collect();
                assert_eq!(members, names);
                assert_eq!(elements[names[0]]["identifier"], names[0]);
                assert_eq!(elements[names[0]]["data"], json!({ "0": { "value": 5 } }));
            } else {
                let list = elements.as_array().expect("a list");
                let members: Vec<&Value> = list.iter().map(|one| &one["identifier"]).collect();
                assert_eq!(members, names);
                assert_eq!(list[0]["type"], "number");
            }
            // Whoever reads these names may write by them.
            shop.saved("items", &json!({ "id": id, "elements": { names[0]: 6 } }));
            assert!(one(shop.item(id)).to_string().contains("\"value\":6"));
        }
    }
}

#[test]
fn lists_include_elements_where_the_settings_say_so() {
    for included in [false, true] {
        for shop in Shop::each_with(&json!({ "include_elements": included })) {
            lamp(&shop);
            let list = items(shop.items(0));
            let elements = list["items"][0]["elements"].as_array();
            assert_eq!(elements.map(Vec::len), included.then_some(2), "{list}");
        }
    }
}

#[test]
fn hits_stay_where_the_settings_say_so() {
    for shop in Shop::each_with(&json!({ "update_hits": false })) {
        let id = lamp(&shop);
        assert_eq!(one(shop.item(id))["hits"], 0);
        assert_eq!(one(shop.item(id))["hits"], 0);
    }
}
