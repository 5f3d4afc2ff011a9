//! Moving in and out: everything as records.

use serde_json::{Value, json};

use crate::library::{Library, MEMBERS};

const KINDS: [&str; 3] = ["category", "tag", "article"];

fn filled() -> Vec<Library> {
    let libraries = Library::each();
    for library in &libraries {
        let top = library.category("Top", 0, &json!({}));
        let below = library.category("Below", top, &json!({ "access": MEMBERS }));
        let tag = library.tag("Opening", &json!({}));
        library.article("One", below, &json!({ "tags": [tag], "featured": true }));
        let window = json!({ "publish_up": "2027-01-31 12:00:00", "state": 0 });
        library.article("Two", top, &window);
    }
    libraries
}

fn page(library: &Library, kind: &str, after: i64, limit: i64) -> Value {
    let call = library.get("records").as_operator().with("kind", kind);
    call.with("after", after).with("limit", limit).json()
}

fn all(library: &Library, kind: &str) -> Vec<Value> {
    let (mut records, mut after) = (Vec::new(), 0);
    loop {
        let page = page(library, kind, after, 1);
        records.extend(page["records"].as_array().expect("records").iter().cloned());
        match page["next"].as_i64() {
            Some(next) => after = next,
            None => return records,
        }
    }
}

fn put(library: &Library, kind: &str, records: &Value) -> Value {
    let call = library.put("records").with("kind", kind);
    call.with("records", records.clone()).json()
}

#[test]
fn what_one_site_gives_another_takes_and_gives_again() {
    let (old, new) = (filled(), Library::each());
    for old in &old {
        let kinds = old.get("records").as_operator().json()["kinds"].clone();
        assert_eq!(kinds, json!(KINDS));
        for new in &new {
            for kind in KINDS {
                let mut records = all(old, kind);
                records.reverse();
                let taken = put(new, kind, &json!(records));
                assert_eq!(taken["refused"], json!([]));
                assert_eq!(all(new, kind), all(old, kind), "{kind}");
                put(new, kind, &json!(records));
                assert_eq!(all(new, kind), all(old, kind), "{kind} a second time");
            }
            let shown = new.get("articles").as_user(new.editor).with("maxsubs", 9);
            let titles = crate::library::articles(shown);
            assert_eq!(titles["total"], 1, "the tree lets members in: {titles}");
            let last = all(new, "tag").last().expect("a tag")["id"].clone();
            let next = new.tag(&format!("Next to {last}"), &json!({}));
            assert!(next > last.as_i64().expect("an id"));
            new.host
                .call("delete", "records")
                .as_operator()
                .with("kind", "tag")
                .with("ids", json!([next]))
                .json();
        }
    }
}

#[test]
fn a_record_that_breaks_a_rule_is_refused_alone() {
    for library in filled() {
        let tag = |id: i64, alias: &str| json!({ "id": id, "title": alias, "alias": alias, "state": 1, "view_level_id": 1 });
        let mut damaged = tag(72, "damaged");
        damaged["state"] = json!("on");
        let taken = put(
            &library,
            "tag",
            &json!([tag(70, "new"), tag(71, "opening"), damaged]),
        );
        assert_eq!(taken["taken"], 1, "{taken}");
        let refused: Vec<_> = taken["refused"]
            .as_array()
            .expect("a list")
            .iter()
            .collect();
        assert_eq!(refused.len(), 2, "{taken}");
        let why = |id: i64| {
            let one = refused.iter().find(|one| one["id"] == id);
            one.expect("refused")["why"]
                .as_str()
                .expect("a text")
                .to_lowercase()
        };
        assert!(why(71).contains("unique"), "{taken}");
        assert!(why(72).contains("invalid type"), "{taken}");
        let unknown = put(&library, "menu", &json!([]));
        assert_eq!(unknown["error_code"], "REQ_PNV");
    }
}

#[test]
fn what_is_deleted_is_gone_and_a_full_category_stays() {
    for library in filled() {
        let delete = |kind: &str, ids: Value| {
            let call = library.host.call("delete", "records").as_operator();
            call.with("kind", kind).with("ids", ids).json()["deleted"].clone()
        };
        assert_eq!(delete("category", json!([1, 2])), 0);
        assert_eq!(delete("article", json!([1, 99])), 1);
        assert_eq!(delete("category", json!([1, 2])), 1, "the empty one");
        assert_eq!(delete("article", json!([2])), 1);
        assert_eq!(delete("category", json!([1, 2])), 1);
        assert_eq!(delete("tag", json!([1])), 1);
        for kind in KINDS {
            assert_eq!(all(&library, kind), [] as [Value; 0]);
        }
    }
}

#[test]
fn only_the_operator_and_keys_for_it_move_records() {
    for library in filled() {
        let records = || library.get("records").with("kind", "article");
        assert_eq!(records().json()["error_code"], "REQ_AKR");
        assert_eq!(
            records().as_user(library.editor).json()["error_code"],
            "REQ_AKR"
        );
        assert_eq!(
            records().with_key(1, &["content.write"]).json()["error_code"],
            "REQ_AKN"
        );
        assert_eq!(records().with_key(1, &["records"]).json()["status"], "ok");
    }
}
