//! The tree of categories.

use serde_json::json;

use crate::board::{Board, MEMBERS, checked, id, names, ok};

#[test]
fn the_tree_is_shown_to_the_depth_that_is_asked_for() {
    for board in Board::each() {
        let second = board.category(&json!({ "name": "Second", "ordering": 2 }));
        let first = board.category(&json!({ "name": "First", "ordering": 1 }));
        let leaf = board.category(&json!({ "name": "Leaf", "parent": first }));
        board.category(&json!({ "name": "Leaf of leaf", "parent": leaf }));
        board.category(&json!({ "name": "Of second", "parent": second }));
        let all = ["First", "Leaf", "Leaf of leaf", "Second", "Of second"];
        assert_eq!(names(board.get("categories")), ["First", "Second"]);
        for root in ["root", "0", ""] {
            let list = |levels| {
                board
                    .get("categories")
                    .with("levels", levels)
                    .with("parentid", root)
            };
            assert_eq!(names(list("0")), all);
            assert_eq!(names(list("3")), all);
            assert_eq!(names(list("2")), ["First", "Leaf", "Second", "Of second"]);
        }
        let root = format!("{first}-first");
        let below = || board.get("categories").with("parentid", root.as_str());
        assert_eq!(names(below()), ["Leaf"]);
        assert_eq!(names(below().with("levels", 2)), ["Leaf", "Leaf of leaf"]);
        let list = checked("get/kunena/categories", below());
        let entry = &list["categories"][0];
        assert_eq!(
            (&entry["parent_id"], &entry["level"]),
            (&json!(first.to_string()), &json!("1"))
        );
        let nowhere = board.get("categories").with("parentid", leaf + 1000);
        assert_eq!(nowhere.fault(), "KUN_CNF");
    }
}

#[test]
fn one_category_shows_everything() {
    for board in Board::each() {
        let top = board.category(&json!({ "name": "Top" }));
        let category = board.category(&json!({
            "name": "Help & more", "parent": top, "description": "<b>é</b>", "icon": "star", "icon_id": 3,
            "review": true, "allow_anonymous": true, "topic_ordering": "creation",
        }));
        let asked = format!("{category}-help");
        let one = checked(
            "get/kunena/categories/{id}",
            board.get("categories").with("id", asked.as_str()),
        );
        let wanted = json!({
            "status": "ok", "id": category.to_string(), "name": "Help & more", "alias": "help-more",
            "description": "<b>é</b>", "parent_id": top.to_string(), "level": "1", "numTopics": "0",
            "numPosts": "0", "hits": "0", "icon": "star", "icon_id": "3", "locked": "0", "pub_access": "1",
            "pub_recurse": "1", "review": "1", "allow_anonymous": "1", "post_anonymous": "0",
            "allow_polls": "0", "topic_ordering": "creation", "last_topic_id": "0", "last_post_id": "0",
            "last_post_time": "0",
        });
        assert_eq!(one, wanted);
        for unknown in ["0", "abc", "-1", "99999"] {
            let call = board.get("categories").with("id", unknown);
            assert_eq!(call.fault(), "KUN_CNF", "{unknown}");
        }
    }
}

#[test]
fn what_a_caller_may_not_see_hides_all_that_lies_below_it() {
    for board in Board::each() {
        let open = board.category(&json!({ "name": "Open" }));
        let closed = board.category(&json!({ "name": "Closed", "access": MEMBERS }));
        let inside = board.category(&json!({ "name": "Inside", "parent": closed }));
        let draft = board.category(&json!({ "name": "Draft", "parent": open, "state": 0 }));
        let below = board.category(&json!({ "name": "Below", "parent": draft }));
        let staff = board.category(&json!({ "name": "Staff", "group": 6 }));
        let all = || board.get("categories").with("levels", 0);
        assert_eq!(names(all()), ["Open"]);
        assert_eq!(names(all().with("unpublished", 1)), ["Open"]);
        let member = || all().as_user(board.member);
        assert_eq!(names(member()), ["Open", "Closed", "Inside"]);
        assert_eq!(
            names(member().with("unpublished", 1)),
            ["Open", "Closed", "Inside"]
        );
        // An administrator is in the group of managers, too, since that lies above.
        let manager = || all().as_user(board.manager);
        assert_eq!(names(manager()), ["Open", "Closed", "Inside", "Staff"]);
        assert_eq!(
            names(manager().with("unpublished", 1)),
            ["Open", "Draft", "Below", "Closed", "Inside", "Staff"]
        );
        for hidden in [closed, inside, draft, below, staff] {
            assert_eq!(
                board.get("categories").with("id", hidden).fault(),
                "KUN_CNF"
            );
            assert_eq!(
                board.get("categories").with("parentid", hidden).fault(),
                "KUN_CNF"
            );
            assert_eq!(board.get("topics").with("catid", hidden).fault(), "KUN_CNF");
        }
        let members = json!({ "id": below, "moderators": [board.moderator] });
        board.category(&members);
        let moderator = all().with("unpublished", 1).as_user(board.moderator);
        assert_eq!(names(moderator), ["Open", "Closed", "Inside", "Below"]);
        board.category(&json!({ "id": draft, "state": 1 }));
        assert_eq!(names(all().with("parentid", open)), ["Draft", "Below"]);
        board.category(&json!({ "id": staff, "group": null }));
        assert_eq!(names(all()), ["Open", "Draft", "Below", "Staff"]);
    }
}

#[test]
fn putting_the_same_again_adds_nothing_and_what_cannot_be_saved_is_refused() {
    for board in Board::each() {
        let help = board.category(&json!({ "name": "Help" }));
        assert_eq!(
            board.category(&json!({ "name": "Help", "icon": "x" })),
            help
        );
        let other = board.category(&json!({ "name": "Other" }));
        let put = |members| board.call("put", "categories", &members).as_operator();
        assert_eq!(
            put(json!({ "id": other, "alias": "HELP" })).fault(),
            "KUN_AAX"
        );
        assert_eq!(put(json!({ "id": 9999 })).fault(), "KUN_CNF");
        assert_eq!(
            put(json!({ "name": "X", "parent": 9999 })).fault(),
            "KUN_CNF"
        );
        assert_eq!(
            put(json!({ "id": other, "parent": help })).fault(),
            "REQ_PNV"
        );
        assert_eq!(put(json!({ "name": "?!" })).fault(), "REQ_PNV");
        assert_eq!(
            put(json!({ "id": help, "moderators": [0] })).fault(),
            "REQ_PNV"
        );
        assert_eq!(
            put(json!({ "id": help, "topic_ordering": "x" })).fault(),
            "REQ_PNV"
        );
        let stale = put(json!({ "id": help, "name": "New" })).header("if-match", "\"1-ab\"");
        assert_eq!(stale.fault(), "REQ_PCF");
        let guest = board.call("put", "categories", &json!({ "name": "X" }));
        assert_eq!(guest.fault(), "REQ_AKR");
        let other_key = board.call("put", "categories", &json!({ "name": "X" }));
        assert_eq!(
            other_key.with_key(1, &["content.manage"]).fault(),
            "REQ_AKN"
        );
        let key = board.call("put", "categories", &json!({ "name": "X" }));
        assert!(id(&ok(key.with_key(1, &["forum.manage"]))["id"]) > 0);
    }
}
