//! What the operator's settings change.

use loggia_testkit::TestCall;
use serde_json::{Value, json};

use crate::library::{Library, MEMBERS, articles, titles};

fn listed(call: TestCall<'_>) -> String {
    titles(&articles(call)).0.concat()
}

#[test]
fn the_state_shown_is_the_settings_and_a_draft_category_makes_its_articles_unpublished() {
    for (filter, shown) in [
        (json!(1), "A"),
        (json!(0), "BDE"),
        (json!(2), "C"),
        (json!(false), "ABCDE"),
    ] {
        for site in Library::each_with(&json!({ "filter_state": filter })) {
            let open = site.category("Open", 0, &json!({}));
            let draft = site.category("Draft", 0, &json!({ "state": 0 }));
            let below = site.category("Below", draft, &json!({}));
            site.article("A", open, &json!({}));
            site.article("B", open, &json!({ "state": 0 }));
            site.article("C", open, &json!({ "state": 2 }));
            let in_draft = site.article("D", draft, &json!({}));
            site.article("E", below, &json!({ "state": 2 }));
            assert_eq!(listed(site.get("articles")), shown);
            if shown.contains('D') {
                let one = site.get("articles").with("id", in_draft).json();
                assert_eq!(one["state"], "0", "{one}");
            }
        }
    }
}

#[test]
fn languages_and_view_levels_are_looked_at_where_the_settings_say_so() {
    let settings = json!({ "filter_language": true, "language": "de-DE", "filter_access": false });
    for site in Library::each_with(&settings) {
        let category = site.category("Open", 0, &json!({}));
        let german = site.article("A", category, &json!({ "language": "de-DE" }));
        let english = site.article("B", category, &json!({ "language": "en-GB" }));
        site.article("C", category, &json!({ "access": MEMBERS }));
        assert_eq!(listed(site.get("articles")), "AC");
        assert_eq!(site.get("articles").with("id", english).fault(), "CNT_ANF");
        assert_eq!(
            site.get("articles").with("id", german).json()["language"],
            "de-DE"
        );
    }
}

#[test]
fn addresses_of_images_and_tags_in_lists_follow_the_settings() {
    let settings = json!({
        "full_image_url": false, "force_full_image_url_in_content": true,
        "add_tags_in_article_list": true, "image_url": "https://cdn.org/site",
    });
    for site in Library::each_with(&settings) {
        let category = site.category("Open", 0, &json!({}));
        let tag = site.tag("Tag", &json!({}));
        site.article(
            "A",
            category,
            &json!({
                "introtext": "<img src=\"images/a.png\">", "images": { "image_intro": "images/b.png" },
                "tags": [tag],
            }),
        );
        let list = articles(site.get("articles"));
        let article = &list["articles"][0];
        assert_eq!(
            article["content"],
            "<img src=\"https://cdn.org/site/images/a.png\">"
        );
        assert_eq!(article["images"]["image_intro"], "images/b.png");
        assert_eq!(article["tags"][0]["title"], Value::from("Tag"));
    }
}
