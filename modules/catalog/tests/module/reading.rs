//! Categories and lists of items as guests read them, and what is said where there is nothing.

use serde_json::json;

use crate::library::{MEMBERS, Shop, categories, checked, items, names};

#[test]
fn the_categories_of_an_application_are_a_tree_in_their_order() {
    for shop in Shop::each() {
        let lamps = shop.category(
            "Lamps",
            0,
            &json!({ "ordering": 2, "description": "<p>l</p>" }),
        );
        let chairs = shop.category("Chairs", 0, &json!({ "ordering": 1 }));
        let small = shop.category("Small", lamps, &json!({}));
        shop.category("Hidden", 0, &json!({ "state": 0 }));
        let other = shop.saved("applications", &json!({ "name": "Other" }));
        shop.saved("categories", &json!({ "app": other, "name": "Elsewhere" }));
        let list = categories(shop.get("categories").with("app", shop.app));
        assert_eq!(
            names(&list),
            (vec!["Chairs".into(), "Lamps".into(), "Small".into()], 3)
        );
        assert_eq!(list["categories"][1]["description"], "<p>l</p>");
        assert_eq!(list["categories"][0]["id"], chairs.to_string());
        assert_eq!(list["categories"][0]["parent"], "0");
        assert_eq!(list["categories"][2]["id"], small.to_string());
        assert_eq!(list["categories"][2]["parent"], lamps.to_string());
    }
}

#[test]
fn one_category_shows_everything_under_the_names_of_the_contract() {
    for shop in Shop::each() {
        let id = shop.category(
            "Lamps",
            0,
            &json!({
                "ordering": 3, "content_subtitle": "s", "content_image": "images/l.png",
                "content_image_width": "100", "content_image_height": "50",
                "metadata": { "title": "t", "description": "d", "keywords": "k", "robots": "noindex", "author": "a" },
            }),
        );
        let call = shop.get("categories").with("app", shop.app);
        let one = checked(
            "get/zoo/categories/{id}",
            call.with("id", format!("{id}-lamps")).json(),
        );
        assert_eq!(
            one,
            json!({
                "status": "ok", "id": id.to_string(), "name": "Lamps", "alias": "lamps", "description": "",
                "application_id": shop.app.to_string(), "parent": "0", "ordering": "3",
                "content_subtitle": "s", "content_image": "images/l.png", "content_image_width": "100",
                "content_image_height": "50", "metadata_title": "t", "metadata_description": "d",
                "metadata_keywords": "k", "metadata_robots": "noindex", "metadata_author": "a",
            })
        );
    }
}

#[test]
fn items_are_listed_by_priority_and_name_a_page_at_a_time() {
    for shop in Shop::each() {
        let lamps = shop.category("Lamps", 0, &json!({}));
        let below = shop.category("Below", lamps, &json!({}));
        for name in ["b", "c", "a", "e"] {
            shop.product(name, &[lamps], &json!({}));
        }
        shop.product("first", &[lamps, below], &json!({ "priority": 5 }));
        shop.product("in no category", &[], &json!({}));
        shop.product("d", &[below], &json!({}));
        let all = items(shop.items(lamps));
        let (found, total) = names(&all);
        assert_eq!((found.join(" "), total), ("first a b c e".to_owned(), 5));
        assert_eq!((&all["limit"], &all["page"]), (&json!(20), &json!(1)));
        let page = |limit: i64, page: i64| {
            let list = items(shop.items(lamps).with("limit", limit).with("page", page));
            assert_eq!(
                (&list["total"], &list["limit"]),
                (&json!(5), &json!(limit.max(0)))
            );
            names(&list).0.join(" ")
        };
        assert_eq!(page(2, 1), "first a");
        assert_eq!(page(2, 3), "e");
        assert_eq!(page(2, 4), "");
        assert_eq!(page(2, i64::MAX), "");
        assert_eq!(page(2, -1), "first a");
        assert_eq!(page(0, 1), "first a b c e");
        assert_eq!(page(-1, 1), "");
        let (found, total) = names(&items(shop.items(0)));
        assert_eq!((found.len(), total), (7, 7));
        let empty = shop
            .get("items")
            .with("app", shop.app)
            .with("category", below);
        let empty = empty.with("limit", "").with("page", "");
        assert_eq!(names(&items(empty)).0.join(" "), "first d");
    }
}

#[test]
fn cursors_walk_over_everything_once_while_the_list_changes() {
    for shop in Shop::each() {
        let lamps = shop.category("Lamps", 0, &json!({}));
        for number in 0..7 {
            let name = format!("lamp {}", number % 3);
            let more = json!({ "priority": number / 4, "alias": format!("lamp-{number}") });
            shop.product(&name, &[lamps], &more);
        }
        let mut seen = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = shop
                .items(lamps)
                .with("limit", 2)
                .with("cursor", cursor.clone());
            let page = page.json();
            assert_eq!(
                page["total"].as_i64(),
                Some(7 + i64::from(!seen.is_empty()))
            );
            let ids = page["items"].as_array().unwrap().iter();
            seen.extend(ids.map(|item| item["id"].as_str().unwrap().to_owned()));
            if seen.len() == 2 {
                shop.product("a", &[lamps], &json!({ "priority": 9 }));
            }
            cursor = page["next"].as_str().unwrap().to_owned();
            if cursor.is_empty() {
                break;
            }
        }
        let (all, _) = names(&items(shop.items(lamps)));
        assert_eq!(all.len(), 8);
        assert_eq!(seen.len(), 7, "{seen:?}");
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 7);
        assert!(items(shop.items(lamps))["next"].is_null());
        assert_eq!(shop.items(lamps).with("cursor", "?").fault(), "REQ_PNV");
    }
}

#[test]
fn a_list_shows_only_the_fields_that_are_asked_for() {
    for shop in Shop::each() {
        let lamps = shop.category("Lamps", 0, &json!({}));
        let id = shop.product("a", &[lamps], &json!({}));
        let list = shop.items(lamps).with("fields", "id, name").json();
        assert_eq!(
            list["items"],
            json!([{ "id": id.to_string(), "name": "a" }])
        );
        assert_eq!(
            shop.items(lamps).with("fields", "id,secret").fault(),
            "REQ_PNV"
        );
        let list = shop
            .get("categories")
            .with("app", shop.app)
            .with("fields", "alias");
        assert_eq!(list.json()["categories"], json!([{ "alias": "lamps" }]));
    }
}

#[test]
fn what_is_missing_or_unknown_has_the_code_of_the_contract() {
    for shop in Shop::each() {
        let lamps = shop.category("Lamps", 0, &json!({}));
        let item = shop.product("a", &[lamps], &json!({}));
        let get = |resource: &str| shop.get(resource);
        assert_eq!(get("categories").fault(), "ZOO_ANS");
        assert_eq!(get("items").with("category", lamps).fault(), "ZOO_ANS");
        assert_eq!(
            get("items").with("category", lamps).with("app", "").fault(),
            "ZOO_ANS"
        );
        assert_eq!(get("items").with("app", shop.app).fault(), "ZOO_CNS");
        assert_eq!(get("categories").with("app", 99999).fault(), "ZOO_AUN");
        assert_eq!(get("categories").with("app", "abc").fault(), "ZOO_AUN");
        assert_eq!(shop.items(99999).fault(), "ZOO_CNF");
        assert_eq!(shop.item(99999).fault(), "ZOO_INF");
        let category = get("categories").with("app", shop.app);
        assert_eq!(category.with("id", 99999).fault(), "ZOO_CNF");
        let other = shop.saved("applications", &json!({ "name": "Other" }));
        let elsewhere = |resource: &str| shop.get(resource).with("app", other);
        assert_eq!(elsewhere("items").with("id", item).fault(), "ZOO_INF");
        assert_eq!(
            elsewhere("items").with("category", lamps).fault(),
            "ZOO_CNF"
        );
        assert_eq!(elsewhere("categories").with("id", lamps).fault(), "ZOO_CNF");
    }
}

#[test]
fn an_application_that_is_hidden_hides_everything_in_it() {
    for shop in Shop::each() {
        let lamps = shop.category("Lamps", 0, &json!({}));
        let item = shop.product("a", &[lamps], &json!({}));
        let app = json!({ "id": shop.app, "access": MEMBERS });
        shop.saved("applications", &app);
        assert_eq!(shop.item(item).fault(), "ZOO_ANA");
        assert_eq!(shop.items(lamps).fault(), "ZOO_ANA");
        assert_eq!(
            shop.get("categories").with("app", shop.app).fault(),
            "ZOO_ANA"
        );
        assert_eq!(items(shop.items(lamps).as_user(shop.member))["total"], 1);
        shop.saved("applications", &json!({ "id": shop.app, "access": 6 }));
        for app in [None, Some(shop.app)] {
            let mut put = shop.host.call("put", "items").as_user(shop.editor);
            put = put.with("id", item).with("name", "b");
            if let Some(app) = app {
                put = put.with("app", app);
            }
            assert_eq!(put.fault(), "ZOO_ANA", "{app:?}");
        }
        shop.saved("applications", &json!({ "id": shop.app, "state": 0 }));
        assert_eq!(shop.items(lamps).as_user(shop.member).fault(), "ZOO_AUN");
    }
}
