//! Pages, areas, languages, and the members of a result.

use serde_json::{Value, json};

use crate::site::{Site, checked, document, titles};

#[test]
fn a_result_has_the_members_of_the_contract() {
    for site in Site::each() {
        site.category(7, &json!({ "title": "News", "alias": "news" }));
        site.document(
            12,
            &json!({ "title": "Opening", "text": "We open.", "category_id": 7, "metakey": "k",
            "metadesc": "d", "language": "*", "created_ms": 1_700_000_000_000_i64 }),
        );
        let answer = checked(site.search("open"));
        let expected = json!({ "title": "Opening", "metadesc": "d", "metakey": "k", "language": "*", "catid": "7",
            "text": "We open.", "section": "News", "slug": "12:alias-12", "catslug": "7:news", "browsernav": "2",
            "href": answer["results"][0]["href"], "jcfields": "", "created": "2023-11-14 22:13:20" });
        assert_eq!(answer["results"][0], expected);
        let href = answer["results"][0]["href"].as_str().unwrap();
        assert!(href.ends_with("get/content/articles/12"), "{href}");
    }
}

#[test]
fn pages_are_cut_without_overlap_and_an_offset_beyond_the_end_shows_the_last() {
    for site in Site::each() {
        let entry = |id| {
            let document = document(id, &json!({ "text": "common", "created_ms": 5 }));
            (false, "content", id, document)
        };
        site.write(&(1..=45).map(entry).collect::<Vec<_>>());
        let page = |start: i64, limit: i64| {
            checked(
                site.search("common")
                    .with("limitstart", start)
                    .with("limit", limit),
            )
        };
        let first = checked(site.search("common"));
        let numbers = |answer: &Value| {
            ["total", "limit", "offset", "pages_current", "pages_total"]
                .map(|name| answer[name].as_i64().unwrap())
        };
        assert_eq!(numbers(&first), [45, 20, 0, 1, 3]);
        assert_eq!(numbers(&page(0, 0)), [45, 20, 0, 1, 3]);
        let mut all: Vec<String> = (0..42)
            .step_by(7)
            .flat_map(|start| titles(&page(start, 7)))
            .collect();
        all.extend(titles(&page(42, 7)));
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 45);
        assert_eq!(numbers(&page(1000, 20)), [45, 20, 40, 3, 3]);
        assert_eq!(titles(&page(1000, 20)).len(), 5);
        assert_eq!(numbers(&page(-5, 20)), [45, 20, 0, 1, 3]);
        assert_eq!(numbers(&checked(site.search("absent"))), [0, 20, 0, 1, 0]);
    }
}

#[test]
fn areas_and_languages_narrow_the_search() {
    for site in Site::each() {
        site.document(
            1,
            &json!({ "title": "Article", "text": "common", "language": "de-DE" }),
        );
        site.document(
            2,
            &json!({ "title": "All", "text": "common", "language": "*" }),
        );
        let post = document(
            3,
            &json!({ "area": "forum", "title": "Post", "text": "common" }),
        );
        site.write(&[(false, "forum", 3, post)]);
        let with = |areas: Value| titles(&checked(site.search("common").with("areas", areas)));
        assert_eq!(with(json!(["forum"])), ["Post"]);
        assert_eq!(with(json!(["content"])), ["All", "Article"]);
        assert_eq!(
            with(json!(["forum", "content"])),
            ["Post", "All", "Article"]
        );
        assert_eq!(with(json!([])), ["Post", "All", "Article"]);
        assert!(with(json!(["nothing"])).is_empty());
        let language = |tag: &str| titles(&checked(site.search("common").with("language", tag)));
        assert_eq!(language("de-DE"), ["All", "Article"]);
        assert_eq!(language("en"), ["Post", "All"]);
        assert_eq!(language("*"), ["Post", "All", "Article"]);
    }
}
