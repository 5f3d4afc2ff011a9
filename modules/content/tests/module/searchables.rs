//! What the search may find of the module.

use serde_json::{Value, json};

use crate::library::{Library, MEMBERS};

/// Everything that the module would hand in, by pages of two.
fn searchables(site: &Library) -> Vec<Value> {
    let mut all = Vec::new();
    let mut after = None;
    loop {
        let call = site.get("searchables").as_operator().with("limit", 2);
        let call = match &after {
            Some(after) => call.with("after", Value::clone(after)),
            None => call,
        };
        let page = call.json();
        all.extend(page["entries"].as_array().expect("entries").iter().cloned());
        if page["next"].is_null() {
            return all;
        }
        after = Some(page["next"].clone());
    }
}

#[test]
fn categories_and_published_articles_are_offered_with_what_decides_who_finds_them() {
    for site in Library::each() {
        let top = site.category("News", 0, &json!({ "access": MEMBERS }));
        let below = site.category("Local", top, &json!({ "state": 0 }));
        let text = json!({ "introtext": "<p>Caf&eacute; <b>o</b>pen</p>", "fulltext": "now", "access": MEMBERS });
        let article = site.article("Opening", below, &text);
        site.article("Draft", below, &json!({ "state": 0 }));
        let all = searchables(&site);
        assert_eq!(all.len(), 3, "{all:?}");
        let [first, second] = [&all[0]["category"], &all[1]["category"]];
        assert_eq!(
            (&first["title"], &first["parent_id"]),
            (&json!("News"), &Value::Null)
        );
        assert_eq!(first["view_levels"], json!([MEMBERS]));
        assert_eq!(
            (&second["parent_id"], &second["is_published"]),
            (&json!(top), &json!(false))
        );
        let document = &all[2]["document"];
        assert_eq!(document["text"], "Café open now");
        assert_eq!(document["category_id"], below);
        assert_eq!(document["view_levels"], json!([MEMBERS]));
        assert_eq!(document["href"], format!("get/content/articles/{article}"));
    }
}

#[test]
fn only_the_operator_and_keys_for_it_are_told_everything() {
    for site in Library::each() {
        assert_eq!(site.get("searchables").fault(), "REQ_AKR");
        assert_eq!(
            site.get("searchables").with_key(1, &["records"]).fault(),
            "REQ_AKN"
        );
        let told = site.get("searchables").with_key(1, &["search"]).json();
        assert_eq!(told["status"], "ok");
    }
}
