//! Moving in and out: everything as records.

use serde_json::{Value, json};

use crate::site::{MEMBERS, Site, titles};

const KINDS: [&str; 2] = ["menu", "item"];

fn all(site: &Site, kind: &str) -> Vec<Value> {
    let (mut records, mut after) = (Vec::new(), 0);
    loop {
        let call = site.get("records").as_operator().with("kind", kind);
        let page = call.with("after", after).with("limit", 1).json();
        records.extend(page["records"].as_array().expect("records").iter().cloned());
        match page["next"].as_i64() {
            Some(next) => after = next,
            None => return records,
        }
    }
}

fn put(site: &Site, kind: &str, records: &Value) -> Value {
    site.put("records", &json!({ "kind": kind, "records": records }))
}

fn filled() -> Vec<Site> {
    let sites = Site::each();
    for site in &sites {
        site.menu("main");
        let about = site.item("About", 0, &json!({ "ordering": 2, "access": MEMBERS }));
        site.item(
            "Home",
            0,
            &json!({ "ordering": 1, "params": { "icon": "house" } }),
        );
        site.item(
            "Team",
            about,
            &json!({ "publish_up": "2026-01-31 12:00:00" }),
        );
    }
    sites
}

#[test]
fn what_one_site_gives_another_takes_and_gives_again() {
    for old in filled() {
        assert_eq!(
            old.get("records").as_operator().json()["kinds"],
            json!(KINDS)
        );
        for new in Site::each() {
            for kind in KINDS {
                let mut records = all(&old, kind);
                records.reverse();
                let taken = put(&new, kind, &json!(records));
                assert_eq!(taken["refused"], json!([]));
                put(&new, kind, &json!(records));
                assert_eq!(all(&new, kind), all(&old, kind), "{kind}");
            }
            assert_eq!(titles(&new.items().json()), ("Home".to_owned(), 1));
            let members = new.items().as_user(new.member).json();
            assert_eq!(titles(&members).0, "Home About Team");
            let next = new.item("Next", 0, &json!({}));
            let ids: Vec<i64> = all(&old, "item")
                .iter()
                .filter_map(|one| one["id"].as_i64())
                .collect();
            assert!(ids.iter().all(|id| *id < next), "{ids:?} {next}");
        }
    }
}

#[test]
fn a_record_that_breaks_a_rule_is_refused_alone_and_what_follows_from_the_tree_is_computed() {
    for site in filled() {
        let mut items = all(&site, "item");
        for item in &mut items {
            item["place"] = json!(77);
            item["path"] = json!("wrong");
            item["level"] = json!(9);
        }
        let mut lost = items[0].clone();
        lost["id"] = json!(900);
        lost["menu_id"] = json!(900);
        let mut twice = items[0].clone();
        twice["id"] = json!(901);
        items.extend([lost, twice, json!({ "id": 902 })]);
        let before = all(&site, "item");
        let taken = put(&site, "item", &json!(items));
        assert_eq!(
            (&taken["taken"], taken["refused"].as_array().unwrap().len()),
            (&json!(3), 3)
        );
        assert_eq!(all(&site, "item"), before);
    }
}

#[test]
fn what_lay_below_a_deleted_item_stands_at_the_top_and_a_menu_with_items_stays() {
    for site in filled() {
        let delete = |kind: &str, ids: Value| {
            let call = site.host.call("delete", "records").as_operator();
            call.with("kind", kind).with("ids", ids).json()["deleted"].clone()
        };
        assert_eq!(delete("menu", json!([1])), 0);
        let about = all(&site, "item")[0]["id"].clone();
        assert_eq!(delete("item", json!([about, 99999])), 1);
        let top = site.items().with("parentid", "root").json();
        assert_eq!(titles(&top).1, 1, "its parent is named still: {top}");
        let everything = site.items().json();
        assert_eq!(everything["items"][1]["level"], "1");
        let ids: Vec<Value> = all(&site, "item")
            .iter()
            .map(|one| one["id"].clone())
            .collect();
        assert_eq!(delete("item", json!(ids)), 2);
        assert_eq!(delete("menu", json!([1])), 1);
    }
}
