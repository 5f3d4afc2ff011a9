//! The list of menus, and single ones.

use serde_json::{Value, json};

use crate::site::{MEMBERS, Site};

#[test]
fn menus_are_listed_in_pages_with_what_they_hold() {
    for site in Site::each() {
        for menutype in ["main", "bottom", "side"] {
            site.menu(menutype);
        }
        let top = site.item("Home", 0, &json!({}));
        site.item("Below", top, &json!({}));
        site.item("Members", 0, &json!({ "access": MEMBERS }));
        site.item("Draft", 0, &json!({ "state": 0 }));
        site.item("Gone", 0, &json!({ "state": -2 }));
        let list = site.get("menus").json();
        let numbers = ["total", "limit", "offset", "pages_current", "pages_total"];
        let numbers = |list: &Value| numbers.map(|name| list[name].as_i64());
        assert_eq!(numbers(&list), [Some(3), None, None, None, None]);
        let wanted = json!({
            "id": "1", "menutype": "main", "title": "main", "description": "",
            "count_published": "2", "count_unpublished": "0", "count_trashed": "0",
        });
        assert_eq!(list["menus"][1], wanted);
        assert_eq!(list["menus"][0]["count_published"], "0");
        let counts = |user: i64| {
            let list = site.get("menus").as_user(user).json();
            ["published", "unpublished", "trashed"]
                .map(|name| list["menus"][1][format!("count_{name}")].clone())
        };
        assert_eq!(counts(site.member), ["3", "0", "0"]);
        assert_eq!(counts(site.editor), ["3", "1", "1"]);
        let page = site.get("menus").with("limit", 2).with("offset", 9);
        let page = page.with("orderby", "id").with("orderdir", "desc").json();
        assert_eq!(numbers(&page), [3, 2, 2, 2, 2].map(Some));
        assert_eq!(page["menus"][0]["menutype"], "main");
        let strange = site.get("menus").with("orderby", "x; DROP").json();
        assert_eq!(strange["menus"], list["menus"]);
        let none = site.get("menus").with("limit", -1).json();
        assert_eq!((&none["total"], &none["menus"]), (&json!(3), &json!([])));
    }
}

#[test]
fn one_menu_shows_what_it_is() {
    for site in Site::each() {
        let described = json!({ "menutype": "main", "title": "Main menu", "description": "All" });
        site.put("menus", &described);
        let one = site.get("menus").with("id", "1-main").json();
        let wanted = json!({
            "status": "ok", "id": "1", "menutype": "main", "title": "Main menu", "description": "All",
        });
        assert_eq!(one, wanted);
        for unknown in ["0", "abc", "-1", "99999"] {
            assert_eq!(site.get("menus").with("id", unknown).fault(), "MNU_MNF");
        }
    }
}
