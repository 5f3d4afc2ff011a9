//! Moving in and out.

use serde_json::{Value, json};

use crate::shop::Shop;

const KINDS: [&str; 3] = ["application", "device", "notification"];

fn all(shop: &Shop, kind: &str) -> Vec<Value> {
    let answer = shop.get("records").with("kind", kind).json();
    answer["records"]
        .as_array()
        .unwrap_or_else(|| panic!("{kind}: {answer}"))
        .clone()
}

fn put(shop: &Shop, kind: &str, records: &[Value]) -> Value {
    shop.put("records")
        .with("kind", kind)
        .with("records", json!(records))
        .json()
}

#[test]
fn what_one_site_gives_another_takes_and_gives_again() {
    let old = Shop::each();
    for old in &old {
        let device = old.device("a", old.ada).to_string();
        old.post("subscribe")
            .with("device", device)
            .with("topics", json!(["news"]))
            .json();
        old.held(
            &json!({ "title": "Hello", "topics": ["news"], "scheduled": "2030-01-01 10:00:00" }),
        );
        assert_eq!(old.get("records").json()["kinds"], json!(KINDS));
        for new in Shop::each() {
            new.host
                .call("delete", "apps")
                .as_operator()
                .with("app", "shop")
                .json();
            for kind in KINDS {
                for _ in 0..2 {
                    let taken = put(&new, kind, &all(old, kind));
                    assert_eq!(taken["refused"], json!([]), "{kind}");
                    assert_eq!(all(&new, kind), all(old, kind), "{kind}");
                }
            }
            let next = new.device("b", new.bob);
            assert_ne!(next.to_string(), all(&new, "device")[0]["id"].to_string());
            let again = new.register("a").json();
            assert_eq!(
                again["device_id"],
                all(&new, "device")[0]["id"],
                "it is found by its token"
            );
        }
    }
}

#[test]
fn what_is_gone_there_goes_here_and_a_full_application_stays() {
    for shop in Shop::each() {
        let device = shop.device("a", shop.ada);
        let application = all(&shop, "application")[0]["id"].clone();
        let delete = |kind: &str, id: &Value| {
            let call = shop
                .host
                .call("delete", "records")
                .as_operator()
                .with("kind", kind);
            call.with("ids", json!([id])).json()["deleted"].clone()
        };
        assert_eq!(delete("application", &application), 0);
        assert_eq!(delete("device", &json!(device)), 1);
        assert_eq!(delete("application", &application), 1);
        assert_eq!(put(&shop, "device", &[json!({ "id": 1 })])["taken"], 0);
        assert_eq!(shop.get("records").with("kind", "topic").fault(), "REQ_PNV");
    }
}
