//! Pages by cursor, and the members that are asked for.

use serde_json::{Value, json};

use crate::board::{Board, id, ok};

/// All pages of a list by cursor, two entries each.
fn walk(board: &Board, members: &Value, list: &str, name: &str) -> Vec<String> {
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    for _ in 0..20 {
        let call = board.call("get", "topics", members).as_user(board.manager);
        let page = ok(call.with("limit", 2).with("cursor", cursor.as_str()));
        let entries = page[list].as_array().unwrap();
        seen.extend(
            entries
                .iter()
                .map(|one| one[name].as_str().unwrap().to_owned()),
        );
        page["next"].as_str().unwrap().clone_into(&mut cursor);
        if cursor.is_empty() {
            return seen;
        }
    }
    panic!("the list has no end: {seen:?}");
}

#[test]
fn a_cursor_walks_through_a_list_once_in_every_order() {
    for board in Board::each() {
        let category = board.category(&json!({ "name": "Help" }));
        let mut topics = Vec::new();
        for number in 0..7 {
            topics.push(
                board
                    .topic(board.author, category, &format!("{}", (number * 3) % 7))
                    .0,
            );
        }
        for topic in [topics[2], topics[5]] {
            ok(board.act("post", "stick", topic).as_user(board.manager));
        }
        for ordering in ["lastpost", "creation", "alpha"] {
            board.category(&json!({ "id": category, "topic_ordering": ordering }));
            for direction in ["asc", "desc"] {
                let members = json!({ "catid": category, "orderdir": direction });
                let all = ok(board.call("get", "topics", &members));
                let all = all["topics"].as_array().unwrap();
                let all: Vec<&str> = all.iter().map(|one| one["id"].as_str().unwrap()).collect();
                assert_eq!(
                    walk(&board, &members, "topics", "id"),
                    all,
                    "{ordering} {direction}"
                );
            }
        }
        let first = ok(board
            .get("topics")
            .with("catid", category)
            .with("cursor", "")
            .with("limit", 2));
        let other = board
            .get("topics")
            .with("catid", category)
            .with("cursor", first["next"].clone());
        board.category(&json!({ "id": category, "topic_ordering": "creation" }));
        assert_eq!(other.json()["error_code"], "REQ_PNV");
        let broken = board
            .get("topics")
            .with("catid", category)
            .with("cursor", "x");
        assert_eq!(broken.fault(), "REQ_PNV");
    }
}

#[test]
fn a_cursor_walks_through_the_messages_of_a_topic_and_numbers_them() {
    for board in Board::each() {
        let category = board.category(&json!({ "name": "Help" }));
        let (topic, _) = board.topic(board.author, category, "One");
        for number in 0..6 {
            board.reply(board.member, topic, &number.to_string());
        }
        let whole = ok(board.get("topics").with("id", topic));
        assert!(whole["next"].is_null());
        let whole: Vec<&str> = whole["messages"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["id"].as_str().unwrap())
            .collect();
        assert_eq!(
            walk(&board, &json!({ "id": topic }), "messages", "id"),
            whole
        );
        let first = ok(board
            .get("topics")
            .with("id", topic)
            .with("limit", 3)
            .with("cursor", ""));
        let next = board.get("topics").with("id", topic).with("limit", 3);
        let next = ok(next.with("cursor", first["next"].clone()));
        let numbers: Vec<&Value> = next["messages"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| &one["replynum"])
            .collect();
        assert_eq!(numbers, [4, 5, 6]);
    }
}

#[test]
fn only_the_fields_that_are_asked_for_are_shown() {
    for board in Board::each() {
        let category = board.category(&json!({ "name": "Help" }));
        let (topic, _) = board.topic(board.author, category, "One");
        let list = |fields: &str| {
            board
                .get("topics")
                .with("catid", category)
                .with("fields", fields)
        };
        let shown = ok(list("id,subject"));
        assert_eq!(
            shown["topics"],
            json!([{ "id": topic.to_string(), "subject": "One" }])
        );
        assert_eq!(id(&shown["total"]), 1);
        assert_eq!(list("id,secret").fault(), "REQ_PNV");
    }
}

#[test]
fn what_is_hidden_inside_a_text_is_for_accounts_moderators_and_its_author() {
    for board in Board::each() {
        let category = board.category(&json!({ "name": "Help", "moderators": [board.moderator] }));
        let text = "a[hide]b[/hide]c[confidential]d[/confidential]";
        let members = json!({ "catid": category, "subject": "s", "message": text });
        let posted = ok(board.call("post", "topics", &members).as_user(board.author));
        let seen = |user: Option<i64>, format: &str| {
            let call = board
                .get("topics")
                .with("id", posted["topic"].clone())
                .with("format", format);
            let one = ok(match user {
                Some(user) => call.as_user(user),
                None => call,
            });
            assert_eq!(one["first_post_message"], one["messages"][0]["message"]);
            one["messages"][0]["message"].as_str().unwrap().to_owned()
        };
        assert_eq!(seen(None, "text"), "ac");
        assert_eq!(seen(None, "html"), "ac");
        assert_eq!(seen(Some(board.member), "text"), "a[hide]b[/hide]c");
        for user in [board.author, board.moderator, board.manager] {
            assert_eq!(seen(Some(user), "text"), text);
        }
    }
}
