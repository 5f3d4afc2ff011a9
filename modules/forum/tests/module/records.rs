//! Moving in and out.

use serde_json::{Value, json};

use crate::board::{Board, id, ok};

/// Everything a site keeps, by kind, in the order in which it is to be written.
fn everything(board: &Board) -> Vec<(String, Vec<Value>)> {
    let kinds = ok(board.get("records").as_operator())["kinds"].clone();
    let kinds = kinds.as_array().unwrap().iter();
    kinds
        .map(|kind| {
            let (mut records, mut after) = (Vec::new(), json!(0));
            while !after.is_null() {
                let call = board
                    .get("records")
                    .as_operator()
                    .with("kind", kind.clone());
                let page = ok(call.with("limit", 2).with("after", after));
                records.extend(page["records"].as_array().unwrap().iter().cloned());
                after = page["next"].clone();
            }
            (kind.as_str().unwrap().to_owned(), records)
        })
        .collect()
}

fn put(board: &Board, kind: &str, records: &Value) -> Value {
    let members = json!({ "kind": kind, "records": records });
    ok(board.call("put", "records", &members).as_operator())
}

/// A site with something of each kind.
fn fill(board: &Board) -> (i64, i64) {
    let top = board.category(&json!({ "name": "Top" }));
    let below = json!({ "name": "Below", "parent": top, "moderators": [board.moderator] });
    let below = board.category(&below);
    let (topic, first) = board.topic(board.author, below, "One");
    board.reply(board.member, topic, "answer");
    let held = board.reply(board.member, topic, "held");
    ok(board.act("post", "hold", held).as_user(board.manager));
    ok(board.act("post", "thanks", first).as_user(board.member));
    let what = json!({ "topic": topic });
    ok(board
        .call("post", "subscriptions", &what)
        .as_user(board.member));
    let file = json!([{
        "id": 5, "message_id": first, "user_id": board.author, "filename": "a.png", "media_type": "image/png",
        "size": 12, "hash": "ab", "path": "x/a.png", "comment": "",
    }]);
    assert_eq!(put(board, "attachment", &file)["taken"], 1);
    (below, topic)
}

#[test]
fn what_was_moved_out_is_moved_in_as_it_was_with_its_counts() {
    for (board, other) in Board::each().into_iter().zip(Board::each()) {
        let (category, topic) = fill(&board);
        let all = everything(&board);
        for (kind, records) in &all {
            assert!(!records.is_empty(), "{kind}");
            for _ in 0..2 {
                let taken = put(&other, kind, &json!(records));
                assert_eq!(taken["taken"], records.len(), "{kind}: {taken}");
                assert_eq!(taken["refused"], json!([]), "{kind}");
            }
        }
        assert_eq!(everything(&other), all);
        let shown = |board: &Board| {
            let mut one = ok(board.get("topics").with("id", topic).with("details", 1));
            one["hits"] = json!(null);
            let category = ok(board.get("categories").with("id", category));
            let tree = ok(board.get("categories").with("levels", 0));
            (one, category, tree)
        };
        assert_eq!(shown(&other), shown(&board));
        assert_eq!(shown(&other).0["attachments"], "1");
        let (next, _) = other.topic(other.author, category, "Another");
        assert!(next > topic, "ids go on behind those that were moved in");
    }
}

#[test]
fn what_is_deleted_is_out_of_every_count() {
    for board in Board::each() {
        let (category, topic) = fill(&board);
        let delete = |kind: &str, ids: Value| {
            let members = json!({ "kind": kind, "ids": ids });
            let deleted = ok(board.call("delete", "records", &members).as_operator());
            deleted["deleted"].as_i64().unwrap()
        };
        let counts = || {
            let one = ok(board.get("categories").with("id", category));
            ["numTopics", "numPosts"].map(|name| id(&one[name]))
        };
        assert_eq!(counts(), [1, 2]);
        let last = ok(board.get("topics").with("id", topic))["last_post_id"].clone();
        assert_eq!(delete("message", json!([id(&last), 9999])), 1);
        assert_eq!(counts(), [1, 1]);
        assert_eq!(delete("category", json!([category])), 0, "it is not empty");
        assert_eq!(delete("topic", json!([topic])), 1);
        assert_eq!(counts(), [0, 0]);
        assert_eq!(delete("category", json!([category])), 1);
    }
}

#[test]
fn what_cannot_be_kept_is_refused_and_the_rest_is_taken() {
    for board in Board::each() {
        let (category, topic) = fill(&board);
        let records = everything(&board);
        let of = |kind: &str| records.iter().find(|(name, _)| name == kind).unwrap().1[0].clone();
        let with = |kind: &str, member: &str, value: Value| {
            let mut record = of(kind);
            record[member] = value;
            record
        };
        let mut other = with("message", "topic_id", json!(9999));
        other["id"] = json!(77);
        let fine = with("message", "text", json!("new"));
        let taken = put(&board, "message", &json!([other, fine, { "id": 78 }]));
        assert_eq!(taken["taken"], 1);
        let refused: Vec<&Value> = taken["refused"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| &one["id"])
            .collect();
        assert_eq!(refused, [78, 77]);
        let one = ok(board.get("topics").with("id", topic));
        assert_eq!(one["first_post_message"], "new");
        let taken = put(
            &board,
            "topic",
            &json!([with("topic", "category_id", json!(9999))]),
        );
        assert_eq!(taken["taken"], 0);
        let unknown = json!({ "kind": "poll", "records": [] });
        assert_eq!(
            board.call("put", "records", &unknown).as_operator().fault(),
            "REQ_PNV"
        );
        let key = board
            .call("put", "records", &unknown)
            .with_key(1, &["forum.manage"]);
        assert_eq!(key.fault(), "REQ_AKN");
        assert_eq!(
            id(&ok(board.get("categories").with("id", category))["numPosts"]),
            2
        );
    }
}

#[test]
fn a_record_needs_not_say_what_is_counted() {
    for board in Board::each() {
        let category = json!([{
            "id": 40, "parent_id": 0, "name": "Moved", "alias": "moved", "state": 1, "locked": false,
            "by_group": false, "view_level_id": 1, "group_id": 1, "group_recurse": true, "review": false,
            "allow_anonymous": false, "post_anonymous": false, "allow_polls": false,
            "topic_ordering": "lastpost",
        }]);
        let topic = json!([{
            "id": 50, "category_id": 40, "subject": "s", "locked": false, "hold": 0, "sticky": false,
        }]);
        let message = |id: i64, time_ms: i64, hold: i64| {
            json!({
                "id": id, "topic_id": 50, "parent_id": 0, "user_id": 0, "name": "n", "subject": "s",
                "text": "t", "markup": "bbcode", "time_ms": time_ms, "hold": hold,
            })
        };
        let messages = json!([
            message(60, 5000, 0),
            message(61, 3000, 0),
            message(62, 9000, 1)
        ]);
        for (kind, records) in [
            ("category", category),
            ("topic", topic),
            ("message", messages),
        ] {
            let taken = put(&board, kind, &records);
            assert_eq!(taken["refused"], json!([]), "{kind}");
        }
        let one = ok(board.get("topics").with("id", 50));
        assert_eq!(
            (
                &one["posts"],
                &one["first_post_id"],
                &one["last_post_id"],
                &one["last_post_time"]
            ),
            (&json!("2"), &json!("61"), &json!("60"), &json!("5"))
        );
        let category = ok(board.get("categories").with("id", 40));
        assert_eq!(
            (
                &category["numTopics"],
                &category["numPosts"],
                &category["last_post_id"]
            ),
            (&json!("1"), &json!("2"), &json!("60"))
        );
    }
}
