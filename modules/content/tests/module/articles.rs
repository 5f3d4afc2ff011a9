//! Articles: lists, pages, single ones, and what is hidden of them.

use serde_json::{Value, json};

use crate::library::{Library, MEMBERS, articles, checked, titles};

#[test]
fn one_article_shows_everything_under_the_names_of_the_contract() {
    for site in Library::each() {
        let category = site.category("News", 0, &json!({}));
        let tag = site.tag("Opening", &json!({}));
        let secret = site.tag("Secret", &json!({ "access": MEMBERS }));
        let id = site.article(
            "We are open",
            category,
            &json!({
                "introtext": "<p>é</p>", "fulltext": "<p>more</p>", "featured": true, "metadesc": "d",
                "metakey": "k", "metadata": { "robots": "noindex", "rights": "ours" },
                "images": { "image_intro": "images/a.png", "image_fulltext": "https://b.org/b.png" },
                "publish_up": "2026-02-03 04:05:06", "created_by": site.editor, "language": "en-GB",
                "tags": [tag, secret],
            }),
        );
        let asked = format!("{id}-we-are-open");
        let one = site.get("articles").with("id", asked.as_str()).json();
        let one = checked("get/content/articles/{id}", one);
        let images = json!({
            "image_intro": "http://localhost/images/a.png", "float_intro": "", "image_intro_alt": "",
            "image_intro_caption": "", "image_fulltext": "https://b.org/b.png", "float_fulltext": "",
            "image_fulltext_alt": "", "image_fulltext_caption": "",
        });
        let wanted = json!({
            "status": "ok", "id": id.to_string(), "title": "We are open", "alias": "we-are-open",
            "featured": "1", "content": "<p>é</p><p>more</p>", "images": images,
            "tags": [{ "id": tag.to_string(), "title": "Opening", "alias": "opening" }],
            "metadesc": "d", "metakey": "k",
            "metadata": { "robots": "noindex", "author": "", "rights": "ours", "xreference": "" },
            "category_title": "News", "author": "editor", "published_date": "2026-02-03 04:05:06",
            "language": "en-GB", "state": "1",
        });
        assert_eq!(one, wanted);
        for unknown in ["0", "abc", "-1", "99999"] {
            assert_eq!(site.get("articles").with("id", unknown).fault(), "CNT_ANF");
        }
        site.saved("articles", &json!({ "id": id, "author": "A. Nonym" }));
        assert_eq!(
            site.get("articles").with("id", id).json()["author"],
            "A. Nonym"
        );
    }
}

#[test]
fn pages_are_counted_by_all_that_match_and_null_without_a_limit() {
    for site in Library::each() {
        let category = site.category("News", 0, &json!({}));
        for number in 0..7 {
            let place = json!({ "ordering": 10 - number });
            site.article(&format!("Number {number}"), category, &place);
        }
        let all = articles(site.get("articles"));
        assert_eq!(all["total"], 7);
        for name in ["limit", "offset", "pages_current", "pages_total"] {
            assert_eq!(all[name], Value::Null, "{name}");
        }
        assert_eq!(
            all["articles"][0]["title"], "Number 6",
            "the lowest place is first"
        );
        assert!(all["articles"][0].get("tags").is_none());
        let page = |limit: &str, offset: &str| {
            let call = site
                .get("articles")
                .with("limit", limit)
                .with("offset", offset);
            let page = articles(call);
            let shown = page["articles"].as_array().expect("a list").len();
            let numbers = ["total", "limit", "offset", "pages_current", "pages_total"];
            (shown, numbers.map(|name| page[name].as_i64()))
        };
        let numbers = |numbers: [i64; 5]| numbers.map(Some);
        assert_eq!(page("3", ""), (3, numbers([7, 3, 0, 1, 3])));
        assert_eq!(page("3", "3"), (3, numbers([7, 3, 3, 2, 3])));
        assert_eq!(page("3", "5"), (1, numbers([7, 3, 6, 3, 3])));
        assert_eq!(page("3", "1000"), (1, numbers([7, 3, 6, 3, 3])));
        assert_eq!(page("3", "-4"), (3, numbers([7, 3, 0, 1, 3])));
        assert_eq!(page("100", "2"), (7, numbers([7, 100, 0, 1, 1])));
        assert_eq!(page("0", "2"), (7, [Some(7), None, None, None, None]));
        assert_eq!(page("-1", "2"), (0, [Some(7), None, None, None, None]));
        assert_eq!(page("", "2"), (7, [Some(7), None, None, None, None]));
    }
}

#[test]
fn lists_are_ordered_as_asked_and_an_unknown_order_falls_back() {
    for site in Library::each() {
        let category = site.category("News", 0, &json!({}));
        for (title, place) in [("Cherry", 1), ("Apple", 2), ("Banana", 3)] {
            site.article(title, category, &json!({ "ordering": place }));
        }
        let ordered = |by: &str, direction: &str| {
            let call = site
                .get("articles")
                .with("orderby", by)
                .with("orderdir", direction);
            titles(&articles(call)).0.join(" ")
        };
        assert_eq!(ordered("title", "asc"), "Apple Banana Cherry");
        assert_eq!(ordered("title", "desc"), "Cherry Banana Apple");
        assert_eq!(ordered("id", "desc"), "Banana Apple Cherry");
        for by in [
            "ordering",
            "nothing",
            "",
            "Title",
            "id; DROP TABLE content_article",
        ] {
            assert_eq!(ordered(by, "asc"), "Cherry Apple Banana", "{by}");
            assert_eq!(ordered(by, "upwards"), "Cherry Apple Banana", "{by}");
        }
        for by in ["alias", "catid", "state", "created", "created_by", "hits"] {
            assert_eq!(ordered(by, "desc").split(' ').count(), 3, "{by}");
        }
    }
}

#[test]
fn lists_are_of_a_category_of_levels_below_it_and_of_featured_ones() {
    for site in Library::each() {
        let top = site.category("Top", 0, &json!({}));
        let middle = site.category("Middle", top, &json!({}));
        let bottom = site.category("Bottom", middle, &json!({}));
        let other = site.category("Other", 0, &json!({}));
        site.article("A", top, &json!({ "ordering": 1, "featured": true }));
        site.article("B", middle, &json!({ "ordering": 2 }));
        site.article("C", bottom, &json!({ "ordering": 3 }));
        site.article("D", other, &json!({ "ordering": 4 }));
        let listed = |members: &[(&str, &str)]| {
            let call = members
                .iter()
                .fold(site.get("articles"), |call, (name, value)| {
                    call.with(name, *value)
                });
            let (titles, total) = titles(&articles(call));
            assert_eq!(i64::try_from(titles.len()), Ok(total));
            titles.concat()
        };
        let id = format!("{top}-top");
        assert_eq!(listed(&[]), "ABCD");
        assert_eq!(listed(&[("catid", "")]), "ABCD");
        assert_eq!(listed(&[("catid", "0")]), "ABCD");
        assert_eq!(listed(&[("catid", &id)]), "A");
        assert_eq!(listed(&[("catid", &id), ("maxsubs", "0")]), "A");
        assert_eq!(listed(&[("catid", &id), ("maxsubs", "-3")]), "A");
        assert_eq!(listed(&[("catid", &id), ("maxsubs", "1")]), "AB");
        assert_eq!(listed(&[("catid", &id), ("maxsubs", "5")]), "ABC");
        assert_eq!(listed(&[("featured", "only")]), "A");
        assert_eq!(listed(&[("featured", "hide")]), "BCD");
        assert_eq!(listed(&[("featured", "show")]), "ABCD");
        assert_eq!(listed(&[("featured", "perhaps")]), "ABCD");
        let of_none = articles(
            site.get("articles")
                .with("catid", "99999")
                .with("limit", "5"),
        );
        let nothing = json!({
            "status": "ok", "total": 0, "limit": null, "offset": null, "pages_current": null,
            "pages_total": null, "articles": [],
        });
        assert_eq!(of_none, nothing);
    }
}

#[test]
fn what_a_caller_may_not_see_is_in_no_list_no_total_and_no_single_read() {
    for site in Library::each() {
        let open = site.category("Open", 0, &json!({}));
        let closed = site.category("Closed", open, &json!({ "access": MEMBERS }));
        let inside = site.category("Inside", closed, &json!({}));
        let draft = site.category("Draft", open, &json!({ "state": 0 }));
        let below = site.category("Below", draft, &json!({}));
        site.article("Seen", open, &json!({}));
        let for_members = [
            site.article("For members", open, &json!({ "access": MEMBERS })),
            site.article("In closed", closed, &json!({})),
            site.article("Inside closed", inside, &json!({})),
        ];
        let for_nobody = [
            site.article("In a draft", draft, &json!({})),
            site.article("Below a draft", below, &json!({})),
            site.article("Unpublished", open, &json!({ "state": 0 })),
            site.article("Archived", open, &json!({ "state": 2 })),
            site.article("Trashed", open, &json!({ "state": -2 })),
        ];
        let out_of_time = [
            site.article(
                "Tomorrow",
                open,
                &json!({ "publish_up": "2999-01-01 00:00:00" }),
            ),
            site.article(
                "Yesterday",
                open,
                &json!({ "publish_down": "2001-01-01 00:00:00" }),
            ),
        ];
        let under = |call: loggia_testkit::TestCall<'_>| {
            let call = call
                .with("catid", open)
                .with("maxsubs", 9)
                .with("limit", 20);
            titles(&articles(call)).1
        };
        assert_eq!(
            titles(&articles(site.get("articles"))),
            (vec!["Seen".into()], 1)
        );
        assert_eq!(under(site.get("articles")), 1);
        assert_eq!(under(site.get("articles").as_user(site.member)), 4);
        assert_eq!(under(site.get("articles").as_user(site.editor)), 6);
        assert_eq!(
            titles(&articles(site.get("articles").with("catid", closed))).1,
            0
        );
        let code = |id: i64| site.get("articles").with("id", id).fault();
        assert_eq!(for_members.map(code), ["CNT_ANA"; 3]);
        assert_eq!(for_nobody.map(code), ["CNT_ANF"; 5]);
        assert_eq!(out_of_time.map(code), ["CNT_ANF"; 2]);
        let of = |user: i64, id: i64| site.get("articles").with("id", id).as_user(user).json();
        for id in for_members {
            checked("get/content/articles/{id}", of(site.member, id));
        }
        for id in out_of_time {
            assert_eq!(of(site.member, id)["error_code"], "CNT_ANF");
            checked("get/content/articles/{id}", of(site.editor, id));
        }
        for id in for_nobody {
            assert_eq!(of(site.editor, id)["error_code"], "CNT_ANF");
        }
    }
}
