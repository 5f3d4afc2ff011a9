//! What moderators do.

use serde_json::{Value, json};

use crate::board::{Board, id, messages, ok, subjects};

#[test]
fn what_is_reviewed_is_seen_by_its_author_and_moderators_until_it_is_approved() {
    for board in Board::each() {
        let moderators = json!([board.moderator]);
        let members = json!({ "name": "Help", "review": true, "moderators": moderators });
        let category = board.category(&members);
        let (topic, first) = board.topic(board.author, category, "Held");
        let list = || board.get("topics").with("catid", category);
        let held = (vec!["Held".to_owned()], 1);
        assert_eq!(subjects(list()), (vec![], 0));
        assert_eq!(subjects(list().as_user(board.member)), (vec![], 0));
        assert_eq!(subjects(list().as_user(board.author)), held);
        assert_eq!(subjects(list().as_user(board.moderator)), held);
        assert_eq!(board.get("topics").with("id", topic).fault(), "KUN_TNF");
        let queue = |user| {
            let queue = ok(board.get("held").as_user(user));
            let posts = queue["posts"].as_array().unwrap().clone();
            posts.iter().map(|post| id(&post["id"])).collect::<Vec<_>>()
        };
        assert_eq!(queue(board.moderator), [first]);
        assert_eq!(queue(board.manager), [first]);
        assert_eq!(queue(board.author), [] as [i64; 0]);
        let approve = |post: i64, user| board.act("post", "approve", post).as_user(user);
        assert_eq!(approve(first, board.member).fault(), "KUN_PNF");
        assert_eq!(approve(first, board.author).fault(), "KUN_ANA");
        ok(approve(first, board.moderator));
        assert_eq!(subjects(list()), held);
        let answer = board.reply(board.member, topic, "answer");
        let shown = |call: loggia_testkit::TestCall<'_>| messages(call.with("id", topic)).len();
        assert_eq!(shown(board.get("topics")), 1);
        assert_eq!(shown(board.get("topics").as_user(board.author)), 1);
        assert_eq!(shown(board.get("topics").as_user(board.member)), 2);
        assert_eq!(shown(board.get("topics").as_user(board.moderator)), 2);
        assert_eq!(board.get("posts").with("id", answer).fault(), "KUN_PNF");
        assert_eq!(queue(board.moderator), [answer]);
        ok(approve(answer, board.moderator));
        assert_eq!(shown(board.get("topics")), 2);
        ok(board.act("post", "hold", answer).as_user(board.moderator));
        assert_eq!(shown(board.get("topics")), 1);
        let own = board.reply(board.moderator, topic, "a moderator's needs nobody");
        assert_eq!(
            id(&ok(board.get("posts").with("id", own))["post"]["hold"]),
            0
        );
        let changed = json!({ "id": first, "message": "changed" });
        let changed = ok(board.call("put", "posts", &changed).as_user(board.author));
        assert_eq!(changed["hold"], "1", "what was approved was another text");
        assert_eq!(board.get("topics").with("id", topic).fault(), "KUN_TNF");
    }
}

#[test]
fn locked_topics_and_categories_are_for_moderators() {
    for board in Board::each() {
        let moderators = json!([board.moderator]);
        let category = board.category(&json!({ "name": "Help", "moderators": moderators }));
        let (topic, first) = board.topic(board.author, category, "One");
        let act = |act: &str, user| board.act("post", act, topic).as_user(user);
        for user in [board.author, board.member] {
            for name in ["lock", "unlock", "stick", "unstick"] {
                assert_eq!(act(name, user).fault(), "KUN_ANA", "{name}");
            }
        }
        let locked = ok(act("lock", board.moderator));
        assert_eq!(
            (&locked["locked"], &locked["sticky"]),
            (&json!(true), &json!(false))
        );
        let reply = |user| {
            let members = json!({ "topic": topic, "message": "m" });
            board.call("post", "posts", &members).as_user(user)
        };
        let edit = || board.call("put", "posts", &json!({ "id": first, "message": "x" }));
        assert_eq!(reply(board.author).fault(), "KUN_ANA");
        assert_eq!(edit().as_user(board.author).fault(), "KUN_ANA");
        ok(reply(board.moderator));
        ok(act("unlock", board.moderator));
        ok(reply(board.author));
        board.category(&json!({ "id": category, "locked": true }));
        assert_eq!(reply(board.author).fault(), "KUN_ANA");
        let members = json!({ "catid": category, "subject": "s", "message": "m" });
        let add = |user| board.call("post", "topics", &members).as_user(user);
        assert_eq!(add(board.member).fault(), "KUN_ANA");
        ok(add(board.moderator));
    }
}

#[test]
fn a_topic_is_moved_with_all_its_counts() {
    for board in Board::each() {
        let from = board.category(&json!({ "name": "From", "moderators": [board.moderator] }));
        let to = board.category(&json!({ "name": "To" }));
        let (topic, _) = board.topic(board.author, from, "One");
        board.reply(board.member, topic, "answer");
        let (stays, kept) = board.topic(board.author, from, "Two");
        let counts = |category: i64| {
            let one = ok(board.get("categories").with("id", category));
            ["numTopics", "numPosts", "last_topic_id"].map(|name| id(&one[name]))
        };
        let go = |user| {
            let call = board.act("post", "move", topic).with("catid", to);
            call.as_user(user)
        };
        assert_eq!(go(board.author).fault(), "KUN_ANA");
        assert_eq!(
            go(board.moderator).fault(),
            "KUN_ANA",
            "he moderates one of the two"
        );
        let nowhere = board.act("post", "move", topic).with("catid", 9999);
        assert_eq!(nowhere.as_user(board.manager).fault(), "KUN_CNF");
        board.category(&json!({ "id": to, "moderators": [board.moderator] }));
        ok(go(board.moderator));
        assert_eq!(counts(from), [1, 1, stays]);
        assert_eq!(counts(to), [1, 2, topic]);
        let one: Value = ok(board.get("posts").with("id", kept));
        assert_eq!(one["post"]["catid"], from.to_string());
    }
}

#[test]
fn what_its_author_has_changed_meanwhile_is_not_approved_unread_and_acts_go_on_by_their_tags() {
    for board in Board::each() {
        let category = board.category(&json!({ "name": "Help", "review": true }));
        let (topic, first) = board.topic(board.author, category, "Held");
        let act = |action: &str, resource: &str, id: i64, tag: &str| {
            let call = board.act(action, resource, id).as_user(board.manager);
            call.header("if-match", tag)
        };
        let tag = |call: loggia_testkit::TestCall<'_>| call.answer_header("etag").expect("a tag");
        let shown = |resource: &str, id: i64| {
            let call = board.get(resource).with("id", id);
            tag(call.as_user(board.manager))
        };
        let read = shown("posts", first);
        let changed = json!({ "id": first, "message": "something else" });
        ok(board.call("put", "posts", &changed).as_user(board.author));
        assert_eq!(act("post", "approve", first, &read).fault(), "REQ_PCF");
        let mut before = shown("posts", first);
        for (action, resource) in [
            ("post", "approve"),
            ("post", "hold"),
            ("delete", "posts"),
            ("post", "restore"),
        ] {
            let after = tag(act(action, resource, first, &before));
            let late = act(action, resource, first, &before);
            assert_eq!(late.fault(), "REQ_PCF", "{resource}");
            before = after;
        }
        let mut before = shown("topics", topic);
        for (action, resource) in [
            ("post", "lock"),
            ("post", "stick"),
            ("post", "unlock"),
            ("delete", "topics"),
        ] {
            let after = tag(act(action, resource, topic, &before));
            let late = act(action, resource, topic, &before);
            assert_eq!(late.fault(), "REQ_PCF", "{resource}");
            before = after;
        }
    }
}
