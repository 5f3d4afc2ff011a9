//! What the operator adds and changes, and what the module keeps of a person.

use serde_json::json;

use crate::library::{Shop, items, one};

#[test]
fn putting_the_same_again_changes_it_and_adds_nothing() {
    for shop in Shop::each() {
        let app = shop.saved("applications", &json!({ "name": "Shop" }));
        assert_eq!(app, shop.app);
        let kind = shop.type_of("Product", &json!({}));
        assert_eq!(shop.type_of("Product", &json!({})), kind);
        let lamps = shop.category("Lamps", 0, &json!({}));
        assert_eq!(shop.category("Lamps", 0, &json!({})), lamps);
        assert_ne!(shop.category("Lamps", lamps, &json!({})), lamps);
        let item = shop.product("One", &[lamps], &json!({ "priority": 2 }));
        assert_eq!(shop.product("One", &[lamps], &json!({})), item);
        assert_eq!(one(shop.item(item))["priority"], "2");
        assert_eq!(items(shop.items(lamps))["total"], 1);
    }
}

#[test]
fn what_cannot_be_saved_is_refused_with_its_reason_and_changes_nothing() {
    for shop in Shop::each() {
        let lamps = shop.category("Lamps", 0, &json!({}));
        let chairs = shop.category("Chairs", 0, &json!({}));
        let item = shop.product("One", &[lamps], &json!({}));
        shop.product("Two", &[lamps], &json!({}));
        let other = shop.saved("applications", &json!({ "name": "Other" }));
        let abroad = shop.saved("categories", &json!({ "app": other, "name": "Abroad" }));
        let put = |resource: &str| shop.put(resource);
        let new = || {
            put("items")
                .with("app", shop.app)
                .with("type", "product")
                .with("name", "X")
        };
        assert_eq!(
            put("applications")
                .with("id", other)
                .with("alias", "shop")
                .fault(),
            "ZOO_AAX"
        );
        assert_eq!(put("applications").with("id", 99999).fault(), "ZOO_AUN");
        assert_eq!(put("applications").with("alias", "x").fault(), "REQ_PNV");
        assert_eq!(put("types").with("name", "X").fault(), "ZOO_ANS");
        assert_eq!(
            put("types").with("name", "X").with("app", 99999).fault(),
            "ZOO_AUN"
        );
        assert_eq!(put("types").with("id", 99999).fault(), "ZOO_TNF");
        assert_eq!(put("categories").with("name", "X").fault(), "ZOO_ANS");
        assert_eq!(
            put("categories")
                .with("name", "X")
                .with("app", 99999)
                .fault(),
            "ZOO_AUN"
        );
        assert_eq!(put("categories").with("id", 99999).fault(), "ZOO_CNF");
        assert_eq!(
            put("categories")
                .with("id", chairs)
                .with("alias", "LAMPS")
                .fault(),
            "ZOO_AAX"
        );
        for parent in [abroad, 99999] {
            let moved = put("categories").with("id", chairs).with("parent", parent);
            assert_eq!(moved.fault(), "ZOO_CNF");
        }
        let below = put("categories").with("app", shop.app).with("name", "X");
        assert_eq!(below.with("parent", abroad).fault(), "ZOO_CNF");
        assert_eq!(put("items").with("name", "X").fault(), "ZOO_ANS");
        assert_eq!(
            put("items").with("name", "X").with("app", shop.app).fault(),
            "REQ_PNV"
        );
        assert_eq!(new().with("type", "unknown").fault(), "ZOO_TNF");
        assert_eq!(new().with("categories", json!([99999])).fault(), "ZOO_CNF");
        assert_eq!(new().with("categories", json!([abroad])).fault(), "ZOO_CNF");
        assert_eq!(new().with("primary_category", lamps).fault(), "REQ_PNV");
        assert_eq!(new().with("publish_up", "soon").fault(), "REQ_PNV");
        assert_eq!(new().with("created_by", 99999).fault(), "REQ_PNV");
        assert_eq!(
            new().with("metadata", json!({ "x": "y" })).fault(),
            "REQ_PNV"
        );
        assert_eq!(put("items").with("id", 99999).fault(), "ZOO_INF");
        assert_eq!(
            put("items").with("id", item).with("alias", "TWO").fault(),
            "ZOO_AAX"
        );
        assert_eq!(
            put("items").with("id", item).with("app", other).fault(),
            "ZOO_INF"
        );
        assert_eq!(items(shop.items(0))["total"], 2);
    }
}

#[test]
fn a_category_moves_with_everything_in_it() {
    for shop in Shop::each() {
        let top = shop.category("Top", 0, &json!({}));
        let branch = shop.category("Branch", 0, &json!({}));
        let leaf = shop.category("Leaf", branch, &json!({}));
        let item = shop.product("In the leaf", &[leaf], &json!({}));
        let moved = |id: i64, parent: i64| {
            let put = shop.host.call("put", "categories").with("id", id);
            put.as_user(shop.manager).with("parent", parent)
        };
        for parent in [branch, leaf] {
            assert_eq!(moved(branch, parent).fault(), "REQ_PNV");
        }
        assert_eq!(moved(branch, top).json()["status"], "ok");
        let category = shop.get("categories").with("app", shop.app);
        let category = category.with("id", branch).json();
        assert_eq!(category["parent"], top.to_string());
        // The state of what lies above now counts.
        assert_eq!(one(shop.item(item))["name"], "In the leaf");
        shop.saved("categories", &json!({ "id": top, "state": 0 }));
        assert_eq!(shop.item(item).fault(), "ZOO_INF");
        assert_eq!(moved(branch, 0).json()["status"], "ok");
        assert_eq!(one(shop.item(item))["name"], "In the leaf");
        // What hides a category from a manager hides it from his changes, too.
        let others = shop.category("Others", 0, &json!({ "access": 6 }));
        assert_eq!(moved(branch, others).fault(), "ZOO_CNF");
        assert_eq!(moved(others, branch).fault(), "ZOO_CNF");
    }
}

#[test]
fn a_category_with_others_below_it_stays_and_an_emptied_one_leaves_its_items() {
    for shop in Shop::each() {
        let lamps = shop.category("Lamps", 0, &json!({}));
        let small = shop.category("Small", lamps, &json!({}));
        let item = shop.product("One", &[small], &json!({}));
        let delete = |id: i64| {
            shop.host
                .call("delete", "categories")
                .as_operator()
                .with("id", id)
        };
        assert_eq!(delete(lamps).fault(), "ZOO_CNE");
        assert_eq!(delete(small).json()["status"], "ok");
        assert_eq!(delete(lamps).json()["status"], "ok");
        assert_eq!(delete(lamps).fault(), "ZOO_CNF");
        assert_eq!(one(shop.item(item))["primary_category"], "0");
    }
}

#[test]
fn a_persons_items_are_exported_and_stay_without_his_name() {
    for shop in Shop::each() {
        let mine = json!({
            "created_by": shop.author, "created_by_alias": "Pen name", "elements": { "price": 3 },
        });
        let id = shop.product("One", &[], &mine);
        shop.product("Two", &[], &json!({ "created_by": shop.editor }));
        let put = shop.host.call("put", "items").as_user(shop.author);
        assert_eq!(
            put.with("id", id).with("name", "Mine").json()["status"],
            "ok"
        );
        let house = shop.host.house();
        let export = house.export_person(shop.author).unwrap();
        let kept = &export["catalog"];
        assert_eq!(kept["items"].as_array().unwrap().len(), 1, "{export}");
        assert_eq!(kept["items"][0]["author"], "Pen name");
        assert_eq!(kept["items"][0]["elements"]["price"]["0"]["value"], 3);
        assert_eq!(kept["revisions"][0]["content"]["name"], "Mine");
        house.erase_person(shop.author).unwrap();
        let shown = one(shop.item(id));
        assert_eq!(
            (&shown["created_by"], &shown["modified_by"]),
            (&json!("0"), &json!("0"))
        );
        assert_eq!(shown["name"], "Mine");
        let others = house.export_person(shop.editor).unwrap();
        assert_eq!(others["catalog"]["items"].as_array().unwrap().len(), 1);
    }
}
