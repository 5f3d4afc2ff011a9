//! Lists of topics, and topics with their messages.

use serde_json::json;

use crate::board::{Board, checked, id, messages, ok, subjects};

#[test]
fn a_list_needs_a_category_and_says_how_many_there_are() {
    for board in Board::each() {
        let category = board.category(&json!({ "name": "Help" }));
        assert_eq!(board.get("topics").fault(), "KUN_CNS");
        assert_eq!(board.get("topics").with("catid", "").fault(), "KUN_CNS");
        assert_eq!(board.get("topics").with("catid", "abc").fault(), "KUN_CNF");
        let list = || board.get("topics").with("catid", category);
        assert_eq!(subjects(list()), (vec![], 0));
        for number in 1..=25 {
            board.topic(board.author, category, &format!("{number}"));
        }
        let first = checked("get/kunena/topics", list());
        assert_eq!(first["topics"].as_array().unwrap().len(), 20);
        assert_eq!(
            (&first["total"], &first["limit"], &first["offset"]),
            (&json!("25"), &json!(20), &json!(0))
        );
        let page = |limit: &str, offset: &str, direction: &str| {
            let call = list().with("limit", limit).with("offset", offset);
            subjects(call.with("orderdir", direction)).0
        };
        assert_eq!(page("3", "0", "desc"), ["25", "24", "23"]);
        assert_eq!(page("3", "11", "nonsense"), ["14", "13", "12"]);
        assert_eq!(page("3", "23", "desc"), ["1"], "as Joomla counts pages");
        assert_eq!(page("3", "999", "desc"), ["1"]);
        assert_eq!(page("3", "0", "asc"), ["1", "2", "3"]);
        assert_eq!(page("3", "20", "asc"), ["21", "22", "23"]);
        for (limit, shown) in [("0", 20), ("-1", 20), ("100000", 1000)] {
            let list = checked("get/kunena/topics", list().with("limit", limit));
            assert_eq!(list["limit"], shown, "{limit}");
        }
        for direction in ["desc", "asc"] {
            let mut seen = Vec::new();
            for offset in 0..25 {
                seen.extend(page("1", &offset.to_string(), direction));
            }
            let mut wanted: Vec<String> = (1..=25).map(|number| number.to_string()).collect();
            if direction == "desc" {
                wanted.reverse();
            }
            assert_eq!(seen, wanted);
        }
    }
}

#[test]
fn the_order_is_the_categorys_and_sticky_topics_stand_first() {
    for board in Board::each() {
        let category = board.category(&json!({ "name": "Help" }));
        let (b, _) = board.topic(board.author, category, "b");
        let (c, _) = board.topic(board.author, category, "c");
        board.topic(board.author, category, "a");
        board.reply(board.member, b, "later");
        let list = |direction: &str| {
            let call = board.get("topics").with("catid", category);
            subjects(call.with("orderdir", direction)).0
        };
        assert_eq!(list("desc"), ["b", "a", "c"]);
        ok(board.act("post", "stick", c).as_user(board.manager));
        assert_eq!(list("desc"), ["c", "b", "a"]);
        assert_eq!(list("asc"), ["a", "b", "c"]);
        ok(board.act("post", "unstick", c).as_user(board.manager));
        board.category(&json!({ "id": category, "topic_ordering": "alpha" }));
        assert_eq!(list("asc"), ["a", "b", "c"]);
        board.category(&json!({ "id": category, "topic_ordering": "creation" }));
        assert_eq!(list("desc"), ["a", "c", "b"]);
    }
}

#[test]
fn a_topic_shows_its_messages_with_thanks_and_no_personal_data() {
    for board in Board::each() {
        let category = board.category(&json!({ "name": "Help" }));
        let (topic, first) = board.topic(board.author, category, "Printing");
        let answer = board.reply(board.member, topic, "Try [i]this[/i] <b>");
        ok(board.act("post", "thanks", answer).as_user(board.author));
        ok(board.act("post", "thanks", answer).as_user(board.moderator));
        ok(board.act("post", "thanks", answer).as_user(board.author));
        let asked = format!("{topic}-printing");
        let one = checked(
            "get/kunena/topics/{id}",
            board.get("topics").with("id", asked.as_str()),
        );
        assert_eq!(
            (&one["id"], &one["posts"], &one["subject"], &one["hold"]),
            (&json!(topic), &json!("2"), &json!("Printing"), &json!("0"))
        );
        assert_eq!(one["first_post_id"], first.to_string());
        assert_eq!(one["first_post_message"], "[b]Printing[/b]");
        assert_eq!(one["first_post_guest_name"], "author");
        assert_eq!(one["last_post_userid"], board.member.to_string());
        assert_eq!(one["last_post_message"], "Try [i]this[/i] <b>");
        let message = &one["messages"][1];
        assert_eq!(
            (
                &message["parent"],
                &message["thread"],
                &message["catid"],
                &message["replynum"]
            ),
            (
                &json!(first.to_string()),
                &json!(topic.to_string()),
                &json!(category.to_string()),
                &json!(2)
            )
        );
        assert_eq!(
            (&message["email"], &message["ip"]),
            (&json!(""), &json!(""))
        );
        let policy = board.get("topics").with("id", topic).shown(&["email"]);
        let shown = checked("get/kunena/topics/{id}", policy);
        let shown = &shown["messages"][1];
        assert_eq!(
            (&shown["email"], &shown["ip"]),
            (&json!("member@example.org"), &json!(""))
        );
        let policy = board.get("topics").with("id", topic).shown(&["ip"]);
        let shown = checked("get/kunena/topics/{id}", policy);
        assert_eq!(shown["messages"][1]["ip"], "192.0.2.1");
        let thanks = message["thankyou"].as_array().unwrap();
        let names: Vec<_> = thanks.iter().map(|one| &one["name"]).collect();
        assert_eq!(names, ["author", "moderator"]);
        let html = board.get("topics").with("id", topic).with("format", "html");
        assert_eq!(messages(html)[1], "Try <i>this</i> &lt;b&gt;");
        let part = board
            .get("topics")
            .with("id", topic)
            .with("limit", 1)
            .with("offset", 1);
        let part = checked("get/kunena/topics/{id}", part);
        assert_eq!(part["messages"][0]["id"], answer.to_string());
        assert_eq!(part["messages"][0]["replynum"], 2);
        for unknown in ["0", "abc", "99999"] {
            assert_eq!(board.get("topics").with("id", unknown).fault(), "KUN_TNF");
        }
        let list = board.get("topics").with("catid", category);
        let list = checked("get/kunena/topics", list);
        let entry = &list["topics"][0];
        assert_eq!(entry["last_post_message"], one["last_post_message"]);
        assert_eq!(id(&entry["hits"]), 5, "each view is counted");
        let category = checked(
            "get/kunena/categories/{id}",
            board.get("categories").with("id", category),
        );
        assert_eq!(
            (
                &category["numTopics"],
                &category["numPosts"],
                &category["last_topic_id"]
            ),
            (&json!("1"), &json!("2"), &json!(topic.to_string()))
        );
        assert_eq!(category["last_post_id"], answer.to_string());
        assert_eq!(category["last_post_time"], one["last_post_time"]);
    }
}

#[test]
fn details_are_shown_where_they_are_asked_for() {
    for board in Board::each() {
        let category = board.category(&json!({ "name": "Help" }));
        let (topic, first) = board.topic(board.author, category, "Printing");
        let one = ok(board.get("topics").with("id", topic).with("details", 1));
        let message = &one["messages"][0];
        assert_eq!(
            (
                &message["markup"],
                &message["version"],
                &message["attachments"]
            ),
            (&json!("bbcode"), &json!("1"), &json!([]))
        );
        let post = ok(board.get("posts").with("id", first).with("format", "html"));
        assert_eq!(post["post"]["message"], "<b>Printing</b>");
        assert_eq!(post["post"]["replynum"], 1);
        assert_eq!(board.get("posts").with("id", 9999).fault(), "KUN_PNF");
    }
}

#[test]
fn who_has_just_read_a_topic_is_told_that_it_is_still_the_same() {
    for board in Board::each() {
        let category = board.category(&json!({ "name": "Help" }));
        let (topic, _) = board.topic(board.author, category, "\"hits\":\"9\"");
        let read = || board.get("topics").with("id", topic);
        let tag = || read().answer_header("etag").expect("an entity tag");
        let (first, second) = (tag(), tag());
        assert_eq!(first, second);
        assert_ne!(ok(read())["hits"], "0", "it was counted");
        board.reply(board.member, topic, "more");
        assert_ne!(tag(), first);
    }
}
