//! Mail of new messages.

use serde_json::json;

use crate::board::{Board, MEMBERS, ok};

#[test]
fn subscribers_are_mailed_what_they_may_read_and_others_wrote() {
    for board in Board::each_with(&json!({ "topic_url": "https://a.org/topic/{topic}" })) {
        let moderators = json!([board.moderator]);
        let category = board.category(&json!({ "name": "Help", "moderators": moderators }));
        let members = json!({
            "catid": category, "subject": "Printing", "message": "m", "subscribe": true,
        });
        let posted = ok(board.call("post", "topics", &members).as_user(board.author));
        let topic: i64 = posted["topic"].as_str().unwrap().parse().unwrap();
        let what = |action: &str, what: serde_json::Value, user| {
            board.call(action, "subscriptions", &what).as_user(user)
        };
        ok(what("post", json!({ "catid": category }), board.member));
        ok(what("post", json!({ "topic": topic }), board.member));
        let kept = ok(what("get", json!({}), board.member));
        assert_eq!(kept["topics"], json!([topic.to_string()]));
        assert_eq!(kept["categories"], json!([category.to_string()]));
        let mailed = || {
            let mut to: Vec<String> = board
                .host
                .queued_mail()
                .into_iter()
                .map(|mail| mail.0)
                .collect();
            to.sort();
            to
        };
        assert_eq!(mailed(), [] as [String; 0]);
        board.reply(board.moderator, topic, "an answer");
        assert_eq!(mailed(), ["author@example.org", "member@example.org"]);
        let (_, subject, text) = board.host.queued_mail().remove(0);
        assert_eq!(subject, "New message: Printing");
        assert!(
            text.contains(&format!("https://a.org/topic/{topic}")),
            "{text}"
        );
        board.reply(board.author, topic, "his own");
        assert_eq!(mailed().len(), 3, "the author is not told of his own");
        board.category(&json!({ "id": category, "review": true }));
        let held = board.reply(board.author, topic, "held");
        assert_eq!(mailed().len(), 3);
        ok(board.act("post", "approve", held).as_user(board.moderator));
        assert_eq!(mailed().len(), 4, "told when it is approved");
        board.category(&json!({ "id": category, "access": MEMBERS + 1 }));
        board.reply(board.manager, topic, "for others only");
        assert_eq!(mailed().len(), 4, "who may no longer read it is not told");
        ok(what("delete", json!({ "topic": topic }), board.member));
        let kept = ok(what("get", json!({}), board.member));
        assert_eq!(kept["topics"], json!([]));
    }
}

#[test]
fn only_what_is_seen_can_be_subscribed_to_and_only_by_accounts() {
    for board in Board::each() {
        let closed = board.category(&json!({ "name": "Closed", "access": MEMBERS + 1 }));
        let (topic, first) = board.topic(board.manager, closed, "Secret");
        let what = |what: serde_json::Value| board.call("post", "subscriptions", &what);
        let member = |members| what(members).as_user(board.member).fault();
        assert_eq!(member(json!({ "catid": closed })), "KUN_CNF");
        assert_eq!(member(json!({ "topic": topic })), "KUN_TNF");
        assert_eq!(member(json!({})), "REQ_PNV");
        assert_eq!(
            member(json!({ "catid": closed, "topic": topic })),
            "REQ_PNV"
        );
        let key = what(json!({ "topic": topic })).with_key(1, &["forum.manage"]);
        assert_eq!(key.fault(), "KUN_ANA");
        let thanks = board.act("post", "thanks", first);
        assert_eq!(thanks.as_user(board.member).fault(), "KUN_PNF");
        let thanks = board.act("post", "thanks", first);
        assert_eq!(
            thanks.as_user(board.manager).fault(),
            "KUN_ANA",
            "nobody thanks himself"
        );
    }
}
