//! Articles by their tags.

use loggia_testkit::TestCall;
use serde_json::json;

use crate::library::{Library, MEMBERS, checked, titles};

fn listed(call: TestCall<'_>) -> (Vec<String>, i64) {
    titles(&checked("get/content/tagarticles", call.json()))
}

#[test]
fn any_of_the_tags_finds_an_article_once_and_by_title() {
    for site in Library::each() {
        let category = site.category("News", 0, &json!({}));
        let red = site.tag("Red", &json!({}));
        let blue = site.tag("Blue", &json!({}));
        site.article(
            "B",
            category,
            &json!({ "tags": [red, blue], "language": "de-DE" }),
        );
        site.article("A", category, &json!({ "tags": [blue] }));
        site.article("C", category, &json!({ "tags": [] }));
        let tagged = |tags: &str| listed(site.get("tagarticles").with("tagid", tags));
        assert_eq!(
            tagged(&format!("{red}, {blue}")),
            (vec!["A".into(), "B".into()], 2)
        );
        assert_eq!(tagged(&red.to_string()), (vec!["B".into()], 1));
        assert_eq!(tagged("99999"), (vec![], 0));
        let page = site
            .get("tagarticles")
            .with("tagid", blue)
            .with("limit", 1)
            .with("offset", 9);
        let page = checked("get/content/tagarticles", page.json());
        assert_eq!(titles(&page), (vec!["B".into()], 2));
        assert_eq!(
            (&page["offset"], &page["pages_current"]),
            (&json!(1), &json!(2))
        );
        for none in ["", " ", ",", " , "] {
            let call = site.get("tagarticles").with("tagid", none);
            assert_eq!(call.fault(), "CNT_TNS", "{none:?}");
        }
        assert_eq!(site.get("tagarticles").fault(), "CNT_TNS");
        let many = vec!["7"; 100_000].join(",");
        let many = site.get("tagarticles").with("tagid", many.as_str());
        assert_eq!(many.fault(), "REQ_PNV");
    }
}

#[test]
fn neither_hidden_articles_nor_hidden_tags_are_betrayed() {
    for site in Library::each() {
        let open = site.category("Open", 0, &json!({}));
        let draft = site.category("Draft", 0, &json!({ "state": 0 }));
        let tag = site.tag("Tag", &json!({}));
        let secret = site.tag("Secret", &json!({ "access": MEMBERS }));
        let gone = site.tag("Gone", &json!({ "state": 0 }));
        let all = json!([tag, secret, gone]);
        site.article("Seen", open, &json!({ "tags": all }));
        site.article(
            "For members",
            open,
            &json!({ "tags": all, "access": MEMBERS }),
        );
        site.article("Unpublished", open, &json!({ "tags": all, "state": 0 }));
        site.article("In a draft", draft, &json!({ "tags": all }));
        site.article(
            "Later",
            open,
            &json!({ "tags": all, "publish_up": "2999-01-01 00:00:00" }),
        );
        let guest = |tag: i64| listed(site.get("tagarticles").with("tagid", tag)).1;
        let member = |tag: i64| {
            let call = site.get("tagarticles").with("tagid", tag);
            listed(call.as_user(site.member)).1
        };
        assert_eq!([tag, secret, gone].map(guest), [1, 0, 0]);
        assert_eq!([tag, secret, gone].map(member), [2, 2, 0]);
    }
}
