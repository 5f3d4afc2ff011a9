//! What the module keeps of a person.

use serde_json::json;

use crate::board::{Board, ok};

#[test]
fn what_a_person_wrote_is_exported_and_stays_without_him() {
    for board in Board::each() {
        let category = board.category(&json!({ "name": "Help", "moderators": [board.member] }));
        let (topic, first) = board.topic(board.author, category, "One");
        let answer = board.reply(board.member, topic, "answer");
        ok(board.act("post", "thanks", first).as_user(board.member));
        let what = json!({ "topic": topic });
        ok(board
            .call("post", "subscriptions", &what)
            .as_user(board.member));
        let house = board.host.house();
        let kept = house.export_person(board.member).unwrap()["forum"].clone();
        let message = &kept["messages"][0];
        assert_eq!(
            (
                &message["id"],
                &message["message"],
                &message["email"],
                &message["ip"]
            ),
            (
                &json!(answer.to_string()),
                &json!("answer"),
                &json!("member@example.org"),
                &json!("192.0.2.1")
            )
        );
        assert_eq!(kept["thanks"][0]["post"], first.to_string());
        assert_eq!(kept["topics"], json!([topic.to_string()]));
        assert_eq!(kept["moderates"], json!([category.to_string()]));
        house.erase_person(board.member).unwrap();
        let one = ok(board
            .get("topics")
            .with("id", topic)
            .shown(&["email", "ip"]));
        let message = &one["messages"][1];
        assert_eq!(
            (
                &message["message"],
                &message["name"],
                &message["userid"],
                &message["email"],
                &message["ip"]
            ),
            (
                &json!("answer"),
                &json!("Anonymous"),
                &json!("0"),
                &json!(""),
                &json!("")
            )
        );
        assert_eq!(one["last_post_userid"], "0");
        assert_eq!(one["messages"][0]["thankyou"], json!([]));
        assert_eq!(one["messages"][0]["name"], "author");
    }
}
