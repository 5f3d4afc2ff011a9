//! Single items: everything of them, their hits, and what hides them.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::json;

use crate::library::{MEMBERS, Shop, items, names, one};

const PAST: &str = "2020-01-31 12:00:00";
const FUTURE: &str = "2090-01-31 12:00:00";

#[test]
fn one_item_shows_everything_under_the_names_of_the_contract() {
    for shop in Shop::each() {
        let lamps = shop.category("Lamps", 0, &json!({}));
        let others = shop.category("Others", 0, &json!({}));
        let id = shop.product(
            "Élise's lamp",
            &[others, lamps],
            &json!({
                "elements": { "about": "<p>é</p>", "price": "12.50" }, "priority": 3, "searchable": false,
                "enable_comments": true, "publish_up": PAST, "created_by": shop.author,
                "metadata": { "title": "t", "description": "d", "keywords": "k", "robots": "r", "author": "a" },
            }),
        );
        let shown = one(shop.item(id));
        let author = shop.author.to_string();
        for (name, value) in [
            ("name", "Élise's lamp"),
            ("alias", "élise-s-lamp"),
            ("created_by", &author),
            ("modified_by", "0"),
            ("publish_up", PAST),
            ("publish_down", "0000-00-00 00:00:00"),
            ("type", "product"),
            ("priority", "3"),
            ("state", "1"),
            ("searchable", "0"),
            ("access", "1"),
            ("metadata_title", "t"),
            ("metadata_description", "d"),
            ("metadata_keywords", "k"),
            ("metadata_robots", "r"),
            ("metadata_author", "a"),
            ("enable_comments", "1"),
            ("primary_category", &others.to_string()),
        ] {
            assert_eq!(shown[name], value, "{name}: {shown}");
        }
        let elements = json!([
            { "identifier": "price", "type": "number", "data": { "0": { "value": 12.50 } } },
            { "identifier": "about", "type": "textarea", "data": { "0": { "value": "<p>é</p>" } } },
        ]);
        assert_eq!(shown["elements"], elements);
        assert_eq!(one(shop.item(id))["created"], shown["created"]);
        let by_alias = shop.get("items").with("app", format!("{}-shop", shop.app));
        assert_eq!(
            one(by_alias.with("id", format!("{id}-lamp")))["id"],
            id.to_string()
        );
    }
}

#[test]
fn every_read_is_counted_by_its_item() {
    for shop in Shop::each() {
        let (first, second) = (
            shop.product("a", &[], &json!({})),
            shop.product("b", &[], &json!({})),
        );
        for hits in 1..=5 {
            assert_eq!(one(shop.item(first))["hits"], hits);
        }
        assert_eq!(one(shop.item(second))["hits"], 1);
        assert_eq!(shop.item(99999).fault(), "ZOO_INF");
        shop.saved("items", &json!({ "id": first, "name": "c" }));
        assert_eq!(one(shop.item(first))["hits"], 6);
    }
}

#[test]
fn who_has_just_read_an_item_is_told_that_it_is_still_the_same() {
    for shop in Shop::each() {
        let id = shop.product("\"hits\":9", &[], &json!({}));
        let tag = || shop.item(id).answer_header("etag").expect("an entity tag");
        let first = tag();
        assert_eq!(tag(), first);
        assert_eq!(one(shop.item(id))["hits"], 3, "it was counted");
        shop.saved("items", &json!({ "id": id, "name": "b" }));
        assert_ne!(tag(), first);
    }
}

#[test]
fn the_versions_of_an_item_are_told_apart_by_its_entity_tag() {
    for shop in Shop::each() {
        let id = shop.product("a", &[], &json!({}));
        let change = |tag: &str| {
            let put = shop.put("items").with("id", id).with("name", "b");
            put.header("if-match", tag)
        };
        assert_eq!(change("\"2-0\"").fault(), "REQ_PCF");
        assert_eq!(change("\"1-0\"").json()["status"], "ok");
        assert_eq!(change("\"1-0\"").fault(), "REQ_PCF");
        assert_eq!(change("*").json()["status"], "ok");
        assert_eq!(one(shop.item(id))["name"], "b");
    }
}

#[test]
fn state_time_view_level_and_hidden_categories_hide_an_item_from_lists_and_totals() {
    for shop in Shop::each() {
        let open = shop.category("Open", 0, &json!({}));
        let members = shop.category("Members", 0, &json!({ "access": MEMBERS }));
        let below = shop.category("Below members", members, &json!({}));
        let closed = shop.category("Closed", 0, &json!({ "state": 0 }));
        let below_closed = shop.category("Below closed", closed, &json!({}));
        let item = |name: &str, categories: &[i64], more| shop.product(name, categories, &more);
        let seen = item("seen", &[open, below_closed], json!({}));
        let hidden = [
            (item("draft", &[open], json!({ "state": 0 })), "ZOO_INF"),
            (item("old", &[open], json!({ "state": 2 })), "ZOO_INF"),
            (item("trash", &[open], json!({ "state": -2 })), "ZOO_INF"),
            (
                item("soon", &[open], json!({ "publish_up": FUTURE })),
                "ZOO_INF",
            ),
            (
                item("over", &[open], json!({ "publish_down": PAST })),
                "ZOO_INF",
            ),
            (
                item("level", &[open], json!({ "access": MEMBERS })),
                "ZOO_ANA",
            ),
            (item("in members", &[below], json!({})), "ZOO_ANA"),
            (item("in closed", &[below_closed], json!({})), "ZOO_INF"),
            (
                item("both", &[below, below_closed], json!({ "access": MEMBERS })),
                "ZOO_ANA",
            ),
        ];
        for (id, code) in hidden {
            assert_eq!(shop.item(id).fault(), code, "{id}");
        }
        assert_eq!(one(shop.item(seen))["id"], seen.to_string());
        let list = |category: i64| names(&items(shop.items(category)));
        assert_eq!(list(open), (vec!["seen".to_owned()], 1));
        assert_eq!(list(0), (vec!["seen".to_owned()], 1));
        assert_eq!(shop.items(members).fault(), "ZOO_ANA");
        assert_eq!(shop.items(below).fault(), "ZOO_ANA");
        assert_eq!(shop.items(closed).fault(), "ZOO_CNF");
        assert_eq!(shop.items(below_closed).fault(), "ZOO_CNF");
        let of_member = |category: i64| {
            let (mut found, total) = names(&items(shop.items(category).as_user(shop.member)));
            assert_eq!(Ok(total), i64::try_from(found.len()));
            found.sort();
            found.join(", ")
        };
        assert_eq!(of_member(open), "level, seen");
        assert_eq!(of_member(below), "both, in members");
        assert_eq!(of_member(0), "both, in members, level, seen");
    }
}

#[test]
fn an_item_appears_in_remembered_lists_when_its_time_comes() {
    for shop in Shop::each() {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let soon = i64::try_from(now.as_millis()).unwrap() + 2_000;
        let soon = loggia_site::clock::written(soon);
        shop.product("soon", &[], &json!({ "publish_up": soon }));
        assert_eq!(items(shop.items(0))["total"], 0);
        let patience = Instant::now() + Duration::from_secs(20);
        while items(shop.items(0))["total"] != 1 {
            assert!(Instant::now() < patience, "the item never appeared");
            std::thread::sleep(Duration::from_millis(50));
        }
        assert_eq!(names(&items(shop.items(0))).0, ["soon"]);
    }
}
