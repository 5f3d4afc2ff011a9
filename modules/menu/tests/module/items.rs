//! The items of a menu: order, choice, and what is hidden.

use serde_json::{Value, json};

use crate::site::{MEMBERS, Site, titles};

#[test]
fn items_stand_in_the_order_of_the_menu_and_are_chosen_by_place_and_level() {
    for site in Site::each() {
        site.menu("main");
        site.menu("other");
        let about = site.item("About", 0, &json!({ "ordering": 2 }));
        let home = site.item("Home", 0, &json!({ "ordering": 1 }));
        let team = site.item("Team", about, &json!({}));
        site.item("Ada", team, &json!({}));
        let news = site.item("News", home, &json!({ "note": "n", "link": "/news" }));
        site.put("items", &json!({ "menutype": "other", "title": "Else" }));
        let listed = |members: Value| titles(&crate::site::with(site.items(), &members).json()).0;
        assert_eq!(listed(json!({})), "Home News About Team Ada");
        assert_eq!(listed(json!({ "parentid": "root" })), "Home About");
        assert_eq!(listed(json!({ "parentid": "0" })), "Home About");
        assert_eq!(
            listed(json!({ "parentid": format!("{about}-about") })),
            "Team"
        );
        assert_eq!(
            listed(json!({ "parentid": "" })),
            "Home News About Team Ada"
        );
        assert_eq!(listed(json!({ "parentid": 99999 })), "");
        assert_eq!(listed(json!({ "level": 2 })), "Home News About Team");
        assert_eq!(
            listed(json!({ "level": 1, "parentid": "root" })),
            "Home About"
        );
        assert_eq!(listed(json!({ "level": "" })), "Home News About Team Ada");
        assert_eq!(
            listed(json!({ "orderby": "title" })),
            "About Ada Home News Team"
        );
        let backwards = json!({ "orderby": "path", "orderdir": "desc" });
        assert_eq!(listed(backwards), "News Home Ada Team About");
        let strange = json!({ "orderby": "lft", "orderdir": "up" });
        assert_eq!(listed(strange), "Home News About Team Ada");
        let page = site.items().with("limit", 2).with("offset", 2).json();
        assert_eq!(titles(&page), ("About Team".to_owned(), 5));
        let numbers = ["limit", "offset", "pages_current", "pages_total"];
        assert_eq!(
            numbers.map(|name| page[name].as_i64()),
            [2, 2, 2, 3].map(Some)
        );
        let wanted = json!({
            "status": "ok", "id": news.to_string(), "menutype": "main", "title": "News", "alias": "news",
            "note": "n", "path": "home/news", "link": "/news", "type": "url", "published": "1",
            "parent_id": home.to_string(), "level": "2", "browserNav": "0", "access": "1",
            "language": "*", "home": "0", "params": {},
        });
        assert_eq!(site.get("items").with("id", news).json(), wanted);
    }
}

#[test]
fn the_menu_must_be_named_and_there() {
    for site in Site::each() {
        site.menu("main");
        assert_eq!(titles(&site.items().json()), (String::new(), 0));
        assert_eq!(site.get("items").fault(), "MNU_MNS");
        assert_eq!(site.get("items").with("menutype", " ").fault(), "MNU_MNS");
        assert_eq!(
            site.get("items").with("menutype", "Main").fault(),
            "MNU_MNF"
        );
        for unknown in ["0", "abc", "99999"] {
            assert_eq!(site.get("items").with("id", unknown).fault(), "MNU_INF");
        }
    }
}

#[test]
fn what_a_caller_may_not_see_hides_what_lies_below_it_in_lists_totals_and_single_reads() {
    for site in Site::each() {
        site.menu("main");
        site.item("Seen", 0, &json!({}));
        let closed = site.item("Closed", 0, &json!({ "access": MEMBERS }));
        let inside = site.item("Inside", closed, &json!({}));
        let draft = site.item("Draft", 0, &json!({ "state": 0 }));
        let below = site.item("Below", draft, &json!({}));
        let later = site.item("Later", 0, &json!({ "publish_up": "2999-01-01 00:00:00" }));
        let then = site.item("Then", later, &json!({}));
        let over = site.item("Over", 0, &json!({ "publish_down": "2001-01-01 00:00:00" }));
        assert_eq!(titles(&site.items().json()), ("Seen".to_owned(), 1));
        let of = |user: i64| titles(&site.items().as_user(user).json());
        assert_eq!(of(site.member), ("Seen Closed Inside".to_owned(), 3));
        let all = "Seen Closed Inside Later Then Over".to_owned();
        assert_eq!(of(site.editor), (all, 6));
        let count = site.get("menus").json()["menus"][0]["count_published"].clone();
        assert_eq!(count, "1");
        let code = |id: i64| site.get("items").with("id", id).fault();
        assert_eq!(
            [closed, inside, draft, below, later, then, over].map(code),
            ["MNU_INF"; 7]
        );
        let below_closed = site.items().with("parentid", closed).json();
        assert_eq!(titles(&below_closed), (String::new(), 0));
        let members = site.get("items").with("id", inside).as_user(site.member);
        assert_eq!(members.json()["title"], "Inside");
        site.put("items", &json!({ "id": closed, "state": -2 }));
        assert_eq!(of(site.member), ("Seen".to_owned(), 1));
    }
}
