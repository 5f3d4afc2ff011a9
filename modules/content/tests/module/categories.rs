//! The tree of categories.

use serde_json::json;

use crate::library::{Library, MEMBERS, categories, checked, titles};

#[test]
fn the_tree_is_listed_by_level_or_to_its_depth_in_its_order() {
    for site in Library::each() {
        let second = site.category("Second", 0, &json!({ "ordering": 2 }));
        let first = site.category("First", 0, &json!({ "ordering": 1 }));
        let leaf = site.category("Leaf", first, &json!({ "description": "<p>x</p>" }));
        site.category("Leaf of leaf", leaf, &json!({}));
        site.category("Of second", second, &json!({}));
        let list = categories(site.get("categories"));
        assert_eq!(titles(&list), (vec!["First".into(), "Second".into()], 2));
        assert_eq!(list["categories"][0]["parent_id"], "root");
        assert!(list["categories"][0]["numitems"].is_null());
        let all = ["First", "Leaf", "Leaf of leaf", "Second", "Of second"];
        for recursive in ["1", "true"] {
            for root in ["root", "0", ""] {
                let call = site.get("categories").with("recursive", recursive);
                let list = categories(call.with("rootid", root));
                assert_eq!(titles(&list), (all.map(String::from).to_vec(), 5));
            }
        }
        let root = format!("{first}-first");
        let below = site.get("categories").with("rootid", root.as_str());
        assert_eq!(titles(&categories(below)), (vec!["Leaf".into()], 1));
        let below = site
            .get("categories")
            .with("rootid", first)
            .with("recursive", "1");
        let list = categories(below);
        assert_eq!(
            titles(&list),
            (vec!["Leaf".into(), "Leaf of leaf".into()], 2)
        );
        assert_eq!(list["categories"][0]["parent_id"], first.to_string());
        let of_no_category = site.get("categories").with("rootid", leaf + 1000);
        assert_eq!(of_no_category.fault(), "CNT_NCF");
        let childless = site.get("categories").with("rootid", leaf + 1);
        assert_eq!(titles(&categories(childless)), (vec![], 0));
    }
}

#[test]
fn one_category_shows_everything_and_counts_its_articles() {
    for site in Library::each() {
        let top = site.category("News", 0, &json!({}));
        let id = site.category(
            "Town & Country",
            top,
            &json!({
                "metadesc": "d", "metakey": "k", "page_title": "p", "author": "a", "robots": "noindex",
                "language": "en-GB", "description": "<b>é</b>",
            }),
        );
        site.article("One", id, &json!({}));
        site.article("Two", id, &json!({ "access": MEMBERS }));
        site.article("Three", id, &json!({ "state": 0 }));
        let asked = format!("{id}-town");
        let one = site.get("categories").with("id", asked.as_str()).json();
        let one = checked("get/content/categories/{id}", one);
        let wanted = json!({
            "status": "ok", "id": id.to_string(), "title": "Town & Country", "alias": "town-country",
            "description": "<b>é</b>", "metadesc": "d", "metakey": "k",
            "metadata": { "page_title": "p", "author": "a", "robots": "noindex" },
            "language": "en-GB", "parent_id": top.to_string(), "level": "2", "numitems": "1",
        });
        assert_eq!(one, wanted);
        let of_member = site.get("categories").with("id", id).as_user(site.member);
        assert_eq!(of_member.json()["numitems"], "2");
        for unknown in ["0", "abc", "-1", "99999"] {
            assert_eq!(
                site.get("categories").with("id", unknown).fault(),
                "CNT_CNF"
            );
        }
        let list = site
            .get("categories")
            .with("rootid", top)
            .with("countitems", "true");
        assert_eq!(categories(list)["categories"][0]["numitems"], "1");
    }
}

#[test]
fn what_a_caller_may_not_see_hides_all_that_lies_below_it() {
    for site in Library::each() {
        let open = site.category("Open", 0, &json!({}));
        let closed = site.category("Closed", 0, &json!({ "access": MEMBERS }));
        let inside = site.category("Inside", closed, &json!({}));
        let draft = site.category("Draft", open, &json!({ "state": 0 }));
        let below = site.category("Below", draft, &json!({}));
        let of =
            |call: loggia_testkit::TestCall<'_>| titles(&categories(call.with("recursive", "1")));
        assert_eq!(of(site.get("categories")), (vec!["Open".into()], 1));
        let seen = of(site.get("categories").as_user(site.member));
        assert_eq!(
            seen,
            (vec!["Open".into(), "Closed".into(), "Inside".into()], 3)
        );
        for hidden in [closed, inside, draft, below] {
            assert_eq!(site.get("categories").with("id", hidden).fault(), "CNT_CNF");
            assert_eq!(
                site.get("categories").with("rootid", hidden).fault(),
                "CNT_NCF"
            );
        }
        assert_eq!(
            titles(&categories(site.get("categories").with("rootid", open))),
            (vec![], 0)
        );
        site.saved("categories", &json!({ "id": draft, "state": 1 }));
        let seen = of(site.get("categories").with("rootid", open));
        assert_eq!(seen, (vec!["Draft".into(), "Below".into()], 2));
    }
}
