//! Adding and changing, and what the module keeps of a person.

use serde_json::json;

use crate::library::{Library, articles};

#[test]
fn guests_and_keys_without_the_scope_write_nothing() {
    for site in Library::each() {
        for (resource, title) in [("categories", "News"), ("tags", "Red"), ("articles", "One")] {
            let put = || {
                site.host
                    .call("put", resource)
                    .with("title", title)
                    .with("category", 1)
            };
            assert_eq!(put().fault(), "REQ_AUR", "{resource}");
            assert_eq!(
                put().with_key(1, &["release.manage"]).fault(),
                "REQ_AKN",
                "{resource}"
            );
            let category = site.category("News", 0, &json!({}));
            let put = site.host.call("put", resource).with("title", title);
            let put = put
                .with("category", category)
                .with_key(1, &["content.write"]);
            assert_eq!(put.json()["status"], "ok", "{resource}");
        }
    }
}

#[test]
fn putting_the_same_again_changes_it_and_adds_nothing() {
    for site in Library::each() {
        let category = site.category("News", 0, &json!({}));
        assert_eq!(site.category("News", 0, &json!({})), category);
        assert_ne!(site.category("News", category, &json!({})), category);
        let article = site.article(
            "One",
            category,
            &json!({ "introtext": "a", "metakey": "k" }),
        );
        assert_eq!(
            site.article("One", category, &json!({ "introtext": "b" })),
            article
        );
        let one = site.get("articles").with("id", article).json();
        assert_eq!(
            (&one["content"], &one["metakey"]),
            (&json!("b"), &json!("k"))
        );
        let tag = site.tag("Red", &json!({}));
        assert_eq!(site.tag("Red", &json!({})), tag);
        assert_eq!(articles(site.get("articles"))["total"], 1);
    }
}

#[test]
fn what_cannot_be_saved_is_refused_with_its_reason_and_changes_nothing() {
    for site in Library::each() {
        let category = site.category("News", 0, &json!({}));
        let other = site.category("Other", 0, &json!({}));
        let article = site.article("One", category, &json!({}));
        site.article("Two", category, &json!({}));
        site.tag("Red", &json!({}));
        let blue = site.tag("Blue", &json!({}));
        let put = |resource: &str| site.put(resource);
        assert_eq!(
            put("categories")
                .with("id", other)
                .with("alias", "news")
                .fault(),
            "CNT_AAX"
        );
        assert_eq!(
            put("articles")
                .with("id", article)
                .with("alias", "TWO")
                .fault(),
            "CNT_AAX"
        );
        assert_eq!(
            put("tags").with("id", blue).with("alias", "red").fault(),
            "CNT_AAX"
        );
        assert_eq!(put("categories").with("id", 99999).fault(), "CNT_CNF");
        assert_eq!(
            put("categories")
                .with("title", "X")
                .with("parent", 99999)
                .fault(),
            "CNT_CNF"
        );
        assert_eq!(
            put("categories")
                .with("id", other)
                .with("parent", other)
                .fault(),
            "REQ_PNV"
        );
        assert_eq!(put("articles").with("id", 99999).fault(), "CNT_ANF");
        assert_eq!(
            put("articles")
                .with("title", "X")
                .with("category", 99999)
                .fault(),
            "CNT_CNF"
        );
        assert_eq!(put("articles").with("title", "X").fault(), "REQ_PNV");
        let tagged = put("articles")
            .with("title", "X")
            .with("category", category);
        assert_eq!(tagged.with("tags", json!([99999])).fault(), "CNT_TNF");
        let dated = put("articles")
            .with("id", article)
            .with("publish_up", "soon");
        assert_eq!(dated.fault(), "REQ_PNV");
        let written = put("articles")
            .with("id", article)
            .with("created_by", 99999);
        assert_eq!(written.fault(), "REQ_PNV");
        assert_eq!(put("tags").with("id", 99999).fault(), "CNT_TNF");
        assert_eq!(put("tags").with("alias", "x").fault(), "REQ_PNV");
        assert_eq!(put("tags").with("title", "?!").fault(), "REQ_PNV");
        assert_eq!(articles(site.get("articles"))["total"], 2);
    }
}

#[test]
fn a_persons_articles_are_exported_and_stay_without_his_name() {
    for site in Library::each() {
        let category = site.category("News", 0, &json!({}));
        let mine = json!({ "created_by": site.member, "author": "Pen name", "introtext": "mine" });
        let id = site.article("One", category, &mine);
        site.article("Two", category, &json!({ "created_by": site.editor }));
        let house = site.host.house();
        let export = house.export_person(site.member).unwrap();
        let kept = export["content"]["articles"].as_array().unwrap().clone();
        assert_eq!(kept.len(), 1, "{export}");
        assert_eq!(
            (&kept[0]["title"], &kept[0]["introtext"]),
            (&json!("One"), &json!("mine"))
        );
        house.erase_person(site.member).unwrap();
        let one = site.get("articles").with("id", id).json();
        assert_eq!(
            (&one["author"], &one["content"]),
            (&json!(""), &json!("mine"))
        );
        assert_eq!(
            articles(site.get("articles"))["articles"][1]["author"],
            "editor"
        );
    }
}
